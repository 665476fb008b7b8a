# SPDX-License-Identifier: GPL-3.0-or-later
"""NRPE: the server with the installed command file, asked by check_nrpe with its 10 seconds."""
import contextlib
import os
import re
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


def test_all_commands_through_check_nrpe():
    directory = scratch.folder("nrpe")
    password = scratch.secret(directory)
    mailbox = [*harness.trust(), *harness.imap_server("IMAP_PORT"), f"--username={harness.lab['USER']}",
               f"--password-file={password}", "--match-header=X-Mailproof-Marker:m"]
    scratch.config(os.path.join(directory, "submit.conf"), scratch.submit_options(password))
    scratch.config(os.path.join(directory, "roundtrip.conf"), scratch.round_trip_options(password))
    scratch.config(os.path.join(directory, "mailbox.conf"), mailbox)
    scratch.config(os.path.join(directory, "align.conf"),
                   [*mailbox, f"--authserv-id={harness.lab['AUTHSERV_ID']}", "--verify=none"])
    with server(directory) as port:
        for command, metric in (("mail_roundtrip", "delivery"), ("smtp_submit", "accept"), ("imap_marker", "age"),
                                ("dmarc_align", "dmarc_pass")):
            result = harness.expect(ask(port, command), "OK")
            assert metric in result.metrics and result.seconds < 10, result


def test_late_message_is_told_before_check_nrpe_gives_up():
    directory = scratch.folder("nrpe")
    password = scratch.secret(directory)
    scratch.config(os.path.join(directory, "roundtrip.conf"),
                   [*scratch.round_trip_options(password), "--header=X-Lab-Drop: YES"])
    with server(directory) as port:
        result = ask(port, "mail_roundtrip")
        assert result.code in (1, 2) and result.line.startswith("MAIL ROUNDTRIP "), result
        assert "submit" in result.metrics and result.seconds < 10, result


def test_arguments_are_refused():
    directory = scratch.folder("nrpe")
    with server(directory) as port:
        process = subprocess.run([CHECK_NRPE, "-H", "127.0.0.1", "-p", str(port), "-c", "smtp_submit", "-a", "x"],
                                 capture_output=True, text=True, timeout=30, check=False)
        assert process.returncode == 3 and re.search("Receive|arguments|refused|error", process.stdout), process
