# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person at a terminal sees, and a pipe does not."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import time

import harness
from harness import lab, round_trip_arguments, unique

BLOCK = "\u2588"


def at_terminal(plugin, *arguments, columns=80, limit=60, **environment):
    """Exit code, and what the terminal was sent, its CR LF as LF again."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([os.path.join(harness.plugins, plugin), *arguments], stdin=slave, stdout=slave,
                               stderr=subprocess.PIPE, env={"PATH": os.environ["PATH"], **environment})
    os.close(slave)
    seen, end = b"", time.monotonic() + limit
    try:
        while time.monotonic() < end:
            piece = os.read(master, 65536)
            if not piece:
                break
            seen += piece
    except OSError:  # EIO: the other side has closed it
        pass
    finally:
        process.kill()
        os.close(master)
    assert process.stderr.read() == b""
    process.stderr.close()
    text = seen.decode().replace("\r\n", "\n")
    assert "\x1b" not in text, text
    return process.wait(), text


def bars(text):
    return [line for line in text.split("\n") if re.search(rf"[#{BLOCK}] *\d+(\.\d+)? s$", line)]


def test_chart():
    code, text = at_terminal("check_mail_roundtrip", *round_trip_arguments(), "-v", TERM="xterm", LC_ALL="C.UTF-8")
    assert code == 0, text
    drawn = bars(text)
    names = [" ".join(line.split()[:2]) for line in drawn]
    for name in ("imap tcp", "smtp auth", "smtp accept", "imap fetch"):
        assert name in names, text
    assert names.index("imap login") < names.index("smtp accept") < names.index("imap fetch"), text
    assert any(name.startswith("delivery") for name in names) and any(name.startswith("hop ") for name in names), text
    assert all(len(line) == 79 and BLOCK in line and "#" not in line for line in drawn), text


def test_chart_in_ascii():
    for environment in ({"TERM": "xterm", "LC_ALL": "C"}, {"TERM": "dumb", "NO_COLOR": "1"}):
        _, text = at_terminal("check_mail_roundtrip", *round_trip_arguments(), "-v", columns=60, **environment)
        drawn = bars(text)
        assert len(drawn) > 10 and text.isascii(), text
        assert all(len(line) == 59 for line in drawn), text


def test_chart_of_one_side():
    code, text = at_terminal("check_smtp_submit", *harness.smtp_server(), *harness.trust(), *harness.message(),
                             *harness.smtp_login(), "--stop-after=auth", "-v", TERM="xterm", LC_ALL="C.UTF-8")
    assert code == 0 and len(bars(text)) >= 5, text


def test_no_chart():
    for more in ([], ["-v", "--output=json"]):
        _, text = at_terminal("check_mail_roundtrip", *round_trip_arguments(), *more, TERM="xterm", LC_ALL="C.UTF-8")
        assert not bars(text), text


def test_progress():
    _, text = at_terminal("check_mail_roundtrip", *round_trip_arguments(), "--header=X-Lab-Drop: YES", "--wait=4",
                          TERM="xterm")
    told, _, result = text.rpartition("\r")
    assert result.startswith("MAIL ROUNDTRIP WARNING - not yet delivered"), text
    lines = told.strip("\r").split("\r")
    assert len(lines) >= 3, text
    for line in lines[:-1]:
        assert re.fullmatch(r"waiting for the message: [1-4] s of at most 4 s *", line), text
    assert lines[-1].isspace() and len(lines[-1]) >= len(lines[0]), text
    assert all(len(line) < 80 for line in lines), text


def test_no_progress():
    """A terminal that cannot go back, an output for programs."""
    drop = [*round_trip_arguments(), "--header=X-Lab-Drop: YES", "--wait=3"]
    for more, environment in (([], {"TERM": "dumb"}), ([], {}), (["--output=json"], {"TERM": "xterm"})):
        _, text = at_terminal("check_mail_roundtrip", *drop, *more, **environment)
        assert "\r" not in text and "waiting" not in text, text


def test_pipe_is_plain():
    """Colours or not, terminal named or not: a pipe gets the same."""
    arguments = [f"--hostname={lab['IMAP_HOST']}", f"--port={lab['IMAPS_PORT']}", "--tls=implicit", *harness.trust(),
                 *harness.smtp_login("USER"), f"--subject={unique()}", "--wait=2", "-v"]
    for environment in ({}, {"TERM": "xterm", "LC_ALL": "C.UTF-8"}):
        result = harness.run("check_imap_marker", *arguments, output=None, environment=environment)
        assert result.out.isascii() and "\r" not in result.out and not bars(result.out), result
