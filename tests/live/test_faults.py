# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that stall, lie and cut, and text that tries to break line 1. Every run must end in time, in one clean line that
names the step, with the right state (the harness holds every run to that)."""
import base64
import concurrent.futures
import os
import subprocess
import time

from harness import Fake, deliver, expect, imap_server, lab, message, run, smtp_login, start_and_end_s, trust, unique
import harness

SMTP_STEPS = ("greeting", "ehlo", "auth", "mail", "rcpt", "data", "content", "body")
IMAP_STEPS = ("greeting", "capability", "login", "list", "select")
POP3_STEPS = ("greeting", "capa", "login")
SUBJECT = "hello"


def smtp(port, *more):
    return run("check_smtp_submit", "--hostname=127.0.0.1", f"--port={port}", "--tls=none", "--allow-plaintext-auth",
               *message(), *smtp_login(), "--timeout=1.5", *more, limit=10)


def mailbox(protocol, port, *more):
    return run("check_imap_marker", "--hostname=127.0.0.1", f"--port={port}", "--tls=none", "--allow-plaintext-auth",
               f"--protocol={protocol}", *smtp_login("USER"), f"--subject={SUBJECT}", "--timeout=1.5", *more, limit=10)


def check(protocol, step, fault):
    arguments = ["--serve", protocol, "--auth", "PLAIN LOGIN", "--fault", f"{step}:{fault}"]
    limit = 1.5 + start_and_end_s()
    for _ in range(2):  # a machine with much else to do is late by itself, but not twice
        with Fake(*arguments) as port:
            result = smtp(port) if protocol == "smtp" else mailbox(protocol, port)
        if result.seconds < limit:
            break
    assert result.seconds < limit, f"{protocol} {step}:{fault} took {result.seconds:.1f} s\n{result}"
    return result


def unwell(protocol, steps, faults, classes, states=(2,)):
    def one(step, fault):
        result = check(protocol, step, fault)
        what = f"{protocol} {step}:{fault}\n{result}"
        # the fake's mailbox is empty: without a fault that counts, nothing is found
        assert result.code in states, what
        assert result.fault.get("class") in classes, what
        assert result.fault.get("text"), what

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for job in [pool.submit(one, step, fault) for step in steps for fault in faults]:
            job.result()


def test_smtp_silence():
    unwell("smtp", ("accept", *SMTP_STEPS), ("silence", "deaf"), ("timeout",))
    unwell("smtp", [step for step in SMTP_STEPS if step != "content"], ("drip",), ("timeout",))


def test_smtp_cut():
    unwell("smtp", SMTP_STEPS, ("close", "reset"), ("connect",))


def test_smtp_nonsense():
    unwell("smtp", SMTP_STEPS, ("garbage",), ("protocol", "connect"))
    # up to EHLO the lines are libcurl's, which takes what fits of a long one
    unwell("smtp", SMTP_STEPS[2:], ("longline",), ("protocol",))


def test_smtp_refusals():
    for step in ("greeting", "mail", "rcpt", "data", "body"):
        for fault in ("4xx", "5xx"):
            result = check("smtp", step, fault)
            assert result.code in (1, 2) and result.fault["code"] // 100 == int(fault[0]), f"{step}:{fault}\n{result}"


def test_imap_silence():
    unwell("imap", ("accept", *IMAP_STEPS), ("silence", "deaf"), ("timeout",))


def test_imap_cut():
    unwell("imap", IMAP_STEPS, ("close", "reset"), ("connect", "not_delivered"))


def test_imap_nonsense():
    unwell("imap", IMAP_STEPS, ("garbage", "longline"), ("protocol", "connect", "timeout", "not_delivered"))


def test_pop3_silence():
    unwell("pop3", ("accept", *POP3_STEPS), ("silence", "deaf"), ("timeout",))


def test_pop3_cut():
    unwell("pop3", POP3_STEPS, ("close", "reset"), ("connect",))


def test_starttls_faults():
    tls = ["--cert", lab["CERT_SERVER"], "--key", lab["KEY_SERVER"]]
    for fault, classes in (("silence", ("timeout",)), ("close", ("connect",)), ("5xx", ("tls_refused",)),
                           ("inject", ("protocol", "tls_handshake", "connect", "tls_refused")),
                           ("garbage", ("protocol", "tls_refused"))):
        with Fake("--serve", "smtp", *tls, "--fault", f"starttls:{fault}") as port:
            result = run("check_smtp_submit", "--hostname=localhost", "--connect-to=127.0.0.1", f"--port={port}",
                         f"--ca-file={lab['CA_FILE']}", *message(), "--timeout=1.5")
        assert result.code == 2 and result.fault["class"] in classes, f"{fault}\n{result}"
        assert result.seconds < 1.5 + start_and_end_s()
    for fault in ("silence", "close", "garbage"):
        with Fake("--serve", "smtp", *tls, "--fault", f"tls:{fault}") as port:
            result = run("check_smtp_submit", "--hostname=localhost", "--connect-to=127.0.0.1", f"--port={port}",
                         f"--ca-file={lab['CA_FILE']}", *message(), "--timeout=1.5")
        assert result.code == 2 and result.fault["class"] in ("timeout", "connect", "tls_handshake", "protocol"), f"{fault}\n{result}"


def test_what_was_measured_is_still_printed():
    result = check("smtp", "rcpt", "silence")
    assert "connect" in result.metrics and "mail" in result.metrics and "total" in result.metrics, result


def test_hostile_options():
    for value in ("a | b=1;2;3", "<script>alert(1)</script>", "\033[31mred", "x" * 10000, "\udcff\udcfe".encode(
            "utf-8", "surrogateescape"), "a\nb", "a\r\nMAIL FROM:<x>", "`id`$(id)", "%s%n%x"):
        value = value if isinstance(value, str) else os.fsdecode(value)
        for option in ("--from", "--to", "--subject", "--header", "--helo", "--mail-from", "--hostname", "--username", "--auth",
                       "--tls", "--port", "--warning", "--output", "--nonsense", "--config", "--proxy", "--resolver"):
            result = run("check_smtp_submit", "--hostname=127.0.0.1", "--port=1", "--tls=none", f"{option}={value}",
                         *([] if option == "--output" else message()), "--timeout=1", output=None)
            assert result.code in (2, 3), result
        for option in ("--subject", "--folder", "--match-from", "--match-header", "--cleanup", "--marker", "--expect"):
            result = run("check_imap_marker", "--hostname=127.0.0.1", "--port=1", "--tls=none", f"{option}={value}",
                         "--timeout=1", output=None)
            assert result.code in (2, 3), result


def test_line_breaks_reach_no_protocol():
    for option in ("--subject", "--header", "--from", "--to", "--helo", "--mail-from"):
        with Fake("--serve", "smtp") as port:
            result = run("check_smtp_submit", "--hostname=127.0.0.1", f"--port={port}", "--tls=none",
                         *(each for each in message() if not each.startswith(f"{option}=")),
                         f"{option}=a@b.example\r\nX-Injected: yes", "--timeout=2")
        expect(result, "UNKNOWN", "usage", option)


def test_hostile_message_in_the_mailbox():
    subject = unique()
    deliver(lab["USER3"], f"Received: from <b>| x=1\n by \x1b[2J{'y' * 5000}; nonsense\nFrom: a\nSubject: {subject} "
            f"|<script>\nX-Mailproof-Marker: {'m' * 5000}\nAuthentication-Results: | ; dkim=<b>\n\nx\n")
    result = run("check_imap_marker", *imap_server(), *trust(), *smtp_login("USER3"), "--tls=implicit",
                 f"--subject={subject}", output=None)
    assert result.code == 0, result


def test_a_message_that_names_the_password():
    """Whoever operates the server can write it into the mailbox, in any field that the result tells of."""
    subject, password = unique(), harness.read_password()
    code = base64.b64encode(password.encode()).decode()
    deliver(lab["USER3"], f"Received: from {password}.example ({password} [192.0.2.1]) by {code} with {password};"
            f" Mon, 2 Nov 2026 10:00:00 +0000\nFrom: {password}@a.example\nSubject: {subject} {password}\n"
            f"Message-ID: <{password}@a.example>\nAuthentication-Results: {lab['AUTHSERV_ID']}; spf=fail reason=\"{password}\""
            f" smtp.mailfrom={code}; dkim=pass header.d={password}.example header.s={password}\n\nx\n")
    for plugin in ("check_imap_marker", "check_dmarc_align"):
        for output in (None, "json"):
            result = run(plugin, *imap_server(), *trust(), *smtp_login("USER3"), "--tls=implicit", "-vvv",
                         f"--subject={subject}", output=output)
            assert result.code in (0, 2) and "***" in result.out, result  # searched for the password by run()


def test_no_secret_in_the_process_list_or_environment():
    password = harness.read_password()
    with Fake("--serve", "smtp", "--auth", "PLAIN", "--fault", "mail:silence") as port:
        process = subprocess.Popen(
            [os.path.join(harness.plugins, "check_smtp_submit"), "--hostname=127.0.0.1", f"--port={port}", "--tls=none",
             "--allow-plaintext-auth", *message(), f"--username={lab['SENDER']}", "--password-env=SECRET", "--timeout=4"],
            env={"SECRET": password}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(1.5)
        for name in ("cmdline", "environ"):
            with open(f"/proc/{process.pid}/{name}", "rb") as file:
                assert password.encode() not in file.read(), name
        assert password.encode() not in process.communicate()[0]


def test_a_signal_ends_the_run_with_a_line():
    with Fake("--serve", "smtp", "--fault", "mail:silence") as port:
        process = subprocess.Popen([os.path.join(harness.plugins, "check_smtp_submit"), "--hostname=127.0.0.1",
                                    f"--port={port}", "--tls=none", *message(), "--timeout=20"], stdout=subprocess.PIPE)
        time.sleep(1.5)
        process.terminate()
        out = process.communicate(timeout=3)[0].decode()
    assert process.returncode == 3 and out.startswith("SMTP SUBMIT UNKNOWN - ") and "connect=" in out, out


def test_closed_standard_streams():
    command = f"exec {harness.plugins}/check_smtp_submit --hostname=127.0.0.1 --port=1 --tls=none --stop-after=connect"
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        process = subprocess.run(["sh", "-c", f"{command} {closed}"], capture_output=True, check=False, timeout=15)
        assert process.returncode in (2, 3), (closed, process)
