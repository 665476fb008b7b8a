# SPDX-License-Identifier: GPL-3.0-or-later
"""NRPE: the server with the installed command file, asked by check_nrpe with its 10 seconds."""
import contextlib
import os
import re
import socket
import subprocess
import time

import harness
import scratch

CHECK_NRPE = "/usr/lib/nagios/plugins/check_nrpe"


@contextlib.contextmanager
def server(directory):
    """The NRPE server with the commands of the package, /etc/mailproof being in the scratch folder; gives its port."""
    commands = scratch.adapted(scratch.installed("pkgdatadir", "nrpe", "mailproof.cfg"), directory)
    assert commands.count("\ncommand[") == 4, commands
    port = scratch.free_port()
    path = scratch.put(os.path.join(directory, "nrpe.cfg"),
                       f"server_address=127.0.0.1\nserver_port={port}\nnrpe_user=nagios\nnrpe_group=nagios\n"
                       f"allowed_hosts=127.0.0.1\ndont_blame_nrpe=0\ncommand_timeout=60\n"
                       f"log_file={directory}/nrpe.log\npid_file={directory}/nrpe.pid\n{commands}")
    with scratch.daemon(os.path.join(directory, "out"), "/usr/sbin/nrpe", "-c", path, "-f"):
        scratch.eventually(lambda: scratch.listening(port), 10, "NRPE server")
        yield port


def ask(port, command, *more):
    began = time.monotonic()
    process = subprocess.run([CHECK_NRPE, "-H", "127.0.0.1", "-p", str(port), "-c", command, *more],
                             capture_output=True, timeout=30, check=False)
    return harness.Run([CHECK_NRPE, command], process, time.monotonic() - began)


def round_trip(directory, password, *more):
    """The configuration file of the deferred round trip, with a state directory of the monitoring system's user."""
    state = scratch.put(os.path.join(directory, "state/.keep"), "")
    os.chmod(os.path.dirname(state), 0o700)
    scratch.own(os.path.dirname(state))
    scratch.config(os.path.join(directory, "roundtrip.conf"),
                   [*scratch.round_trip_options(password, state=os.path.dirname(state)),
                    f"--service={harness.unique()}", *more])


def test_all_commands_through_check_nrpe():
    directory = scratch.folder("nrpe")
    password = scratch.secret(directory)
    mailbox = [*harness.trust(), *harness.imap_server("IMAP_PORT"), f"--username={harness.lab['USER']}",
               f"--password-file={password}", "--match-header=X-Mailproof-Marker:m"]
    scratch.config(os.path.join(directory, "submit.conf"), scratch.submit_options(password))
    round_trip(directory, password)
    scratch.config(os.path.join(directory, "mailbox.conf"), mailbox)
    scratch.config(os.path.join(directory, "align.conf"),
                   [*mailbox, f"--authserv-id={harness.lab['AUTHSERV_ID']}", "--verify=none"])
    with server(directory) as port:
        result = harness.expect(ask(port, "mail_roundtrip"), "OK")
        assert "submit" in result.metrics and "in_flight" in result.metrics, result
        landed = scratch.eventually(lambda: "delivery" in (run := ask(port, "mail_roundtrip")).metrics and run, 20,
                                    "the round trip's verdict", 0.5)
        assert "landed" in landed.text and "total" in landed.metrics, landed
        assert "submit" not in landed.metrics, landed  # a run within --submit-every only looks
        for command, metric in (("smtp_submit", "accept"), ("imap_marker", "age"), ("dmarc_align", "dmarc_pass")):
            result = harness.expect(ask(port, command), "OK")
            assert metric in result.metrics and result.seconds < 10, result


def test_message_that_does_not_come_is_lost_over_several_runs():
    directory = scratch.folder("nrpe")
    round_trip(directory, scratch.secret(directory), "--header=X-Lab-Drop: YES", "--lost=3s", "--submit-every=1h")
    with server(directory) as port:
        first = harness.expect(ask(port, "mail_roundtrip"), "OK")
        assert first.seconds < 5 and first.metrics["in_flight"] == 1, first
        lost = scratch.eventually(lambda: (run := ask(port, "mail_roundtrip")).code == 2 and run, 30, "a loss", 1)
        assert "lost" in lost.text and lost.seconds < 5, lost


def test_silent_server_is_told_before_check_nrpe_gives_up():
    """A server that takes the connection and says nothing: the plugin's own 9 seconds end it."""
    directory = scratch.folder("nrpe")
    with socket.create_server(("127.0.0.1", 0)) as silent, server(directory) as port:
        scratch.config(os.path.join(directory, "submit.conf"),
                       [*scratch.submit_options(scratch.secret(directory)),
                        f"--connect-to=127.0.0.1:{silent.getsockname()[1]}"])
        result = ask(port, "smtp_submit")
        assert result.code == 2 and result.line.startswith("SMTP SUBMIT CRITICAL - ") and "greeting" in result.text, result
        assert result.seconds > 8, result


def test_arguments_are_refused():
    directory = scratch.folder("nrpe")
    with server(directory) as port:
        process = subprocess.run([CHECK_NRPE, "-H", "127.0.0.1", "-p", str(port), "-c", "smtp_submit", "-a", "x"],
                                 capture_output=True, text=True, timeout=30, check=False)
        assert process.returncode == 3 and re.search("Receive|arguments|refused|error", process.stdout), process
