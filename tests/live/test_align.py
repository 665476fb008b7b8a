# SPDX-License-Identifier: GPL-3.0-or-later
"""check_dmarc_align: what the receiver reported and what we verify, in a mailbox, in files, and by identities alone; and
check_mail_roundtrip --verify."""
import glob
import os
import socket
import subprocess
import tempfile

import harness
from harness import (LAB_TOOLS, alone, deliver, expect, imap_server, lab, message, round_trip, run, smtp_login, smtp_server,
                     start_and_end_s, trust, unique)


def resolver():
    return f"--resolver={lab['RESOLVER']}"


def authserv():
    return f"--authserv-id={lab['AUTHSERV_ID']}"


def mailbox(*more, user="USER", **options):
    return run("check_dmarc_align", *imap_server(), *trust(), *smtp_login(user), "--tls=implicit", *more, **options)


def send(sender="SENDER", recipient="USER"):
    """Returns the option that finds it."""
    case = unique()
    expect(run("check_smtp_submit", *smtp_server(), *trust(), *message(recipient, sender), *smtp_login(),
               f"--header=X-Case: {case}"), "OK")
    return f"--match-header=X-Case:{case}"


def sent(sender="SENDER", *more, recipient="USER"):
    return mailbox(send(sender, recipient), "--wait=15s", *more)


def raw(found):
    """The message that a run found, as Dovecot stores it."""
    marker = found.json["message"]["marker"].encode()
    for path in glob.glob(os.path.join(lab["DIR"], "mail", "*", "Maildir", "*", "*,*")):
        with open(path, "rb") as file:
            content = file.read()
        if marker in content:
            return content
    raise AssertionError(f"{marker} is in no Maildir")


def verify(content, *more, **options):
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return run("check_dmarc_align", f"--message={file.name}", resolver(), *more, **options)


def verdicts(result, part="verified"):
    found = result.json["authentication"][part]
    if part == "reported":
        merged = {}
        for header in found:
            if header["trust"] != "untrusted":
                merged.update({key: value for key, value in header.items() if isinstance(value, (dict, list))})
        found = merged
    dkim = found.get("dkim") or [{"result": "none"}]
    return found["spf"]["result"], dkim[0]["result"], found["dmarc"]["result"]


def test_all_well():
    result = expect(sent("SENDER", authserv(), "--require=spf,dkim,dmarc,spf-aligned,dkim-aligned", "--alignment=strict",
                         "--expect-policy=quarantine", "--expect-selector=s1"), "OK", None, "and verified")
    assert verdicts(result) == verdicts(result, "reported") == ("pass", "pass", "pass"), result
    assert "differences" not in result.json["authentication"], result
    for name, value in (("spf_pass", 1), ("dkim_pass", 1), ("dmarc_pass", 1), ("dkim_bits", 2048), ("spf_void", 0)):
        assert result.metrics[name] == value, result
    dmarc = result.json["authentication"]["verified"]["dmarc"]
    assert dmarc["record_domain"] == dmarc["org_domain"] == lab["SENDER_DOMAIN"], result


def test_sender_domains():
    for domain, state, wanted, word in (
            ("news.sender.example", "OK", ("pass", "pass", "pass"), "and verified"),
            ("nosign.example", "OK", ("pass", "none", "pass"), "stands on SPF alone"),
            ("nokey.example", "OK", ("pass", "permerror", "pass"), "stands on SPF alone"),
            ("strict.example", "OK", ("pass", "pass", "pass"),
             "SPF alone (DKIM passed for mail.strict.example, which does not align)"),
            ("badkey.example", "CRITICAL", ("fail", "fail", "fail"), "found dmarc=fail"),
            ("spoofed.example", "CRITICAL", ("fail", "none", "fail"), "found dmarc=fail")):
        result = expect(sent(f"probe@{domain}", authserv()), state, None, word)
        assert verdicts(result) == wanted, result
        assert verdicts(result, "reported")[2] == wanted[2], result


def test_forwarded_and_changed():
    result = expect(sent("SENDER", authserv(), recipient="FORWARD_ADDRESS"), "OK", None, "DKIM alone")
    assert verdicts(result) == ("fail", "pass", "pass"), result
    result = expect(sent("SENDER", authserv(), recipient="FOOTER_ADDRESS"), "CRITICAL", "dmarc")
    assert verdicts(result) == ("fail", "fail", "fail"), result
    assert "body" in result.json["authentication"]["verified"]["dkim"][0]["reason"], result


def test_expectations():
    found = send()
    expect(mailbox(found, "--wait=15s", "--expect-policy=reject"), "CRITICAL", "dmarc", "expected was reject")
    expect(mailbox(found, "--expect-selector=other"), "CRITICAL", "dkim", "selector s1, expected was other")
    expect(mailbox(found, "--require=arc", "--verify=arc"), "CRITICAL", "arc", "no ARC chain")
    strict = sent("probe@strict.example", authserv(), "--require=dkim-aligned")
    expect(strict, "CRITICAL", "alignment", "mail.strict.example", "the record wants the same name")


def test_nothing_there():
    expect(mailbox("--subject=" + unique()), "CRITICAL", "not_delivered")
    found = send()
    expect(mailbox(found, "--wait=15s", "--max-age=1h"), "OK")
    later = int(os.stat(lab["DIR"]).st_mtime) + 86400 * 2
    expect(mailbox(found, "--max-age=1h", f"--now={later}"), "CRITICAL", "not_delivered", "newer than 3600 s")


def test_forms_of_a_message():
    content = raw(expect(sent(), "OK"))
    lf = content.replace(b"\r\n", b"\n")
    for name, form in (("LF", lf), ("CRLF", lf.replace(b"\n", b"\r\n"))):
        assert verdicts(expect(verify(form), "OK")) == ("pass", "pass", "pass"), name
    header, _, body = lf.partition(b"\n\n")
    for form in (header, header + b"\n", header + b"\n\n", header + b"\n\n" + body + b"changed\n"):
        result = expect(verify(form, authserv()), "OK", None, "dkim=fail")
        assert verdicts(result) == ("pass", "fail", "pass"), result
        assert "changed after the receiver checked it" in result.json["authentication"]["differences"][0], result
    changed = lf.replace(b"Subject: ", b"Subject: x", 1)
    assert "or the key was replaced" in verify(changed, authserv()).json["authentication"]["differences"][0]
    assert verdicts(expect(verify((b"X-Pad: " + b"a" * 900 + b"\n") * 1200 + lf), "OK"))[1] == "pass"
    expect(verify(b"X-Line: " + b"a " * 600000 + b"\n" + lf), "OK")
    expect(verify(b"\r\nno header\r\n"), "CRITICAL", "dmarc", "no From")
    expect(verify(b"From: a@sender.example\0\nSubject: \0\n\n\0\0\n"), "CRITICAL", "dmarc")
    expect(verify(b""), "UNKNOWN", "config")
    result = run("check_dmarc_align", "--message=-", resolver(), data=lf)
    assert verdicts(expect(result, "OK")) == ("pass", "pass", "pass")


def test_memory():
    content = raw(expect(sent(), "OK")).replace(b"\r\n", b"\n")
    peaks = []
    for lines in (0, 1400):
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            for _ in range(lines):
                file.write((b"x" * 71 + b"\n") * 1000)
            file.flush()
            process = subprocess.Popen([os.path.join(harness.plugins, "check_dmarc_align"), f"--message={file.name}",
                                        resolver()], stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0
            peaks.append(usage.ru_maxrss)
    assert peaks[1] - peaks[0] < 20 * 1024, f"{peaks} KiB"


def test_forged():
    """A header that the sender wrote is shown and not believed, wherever it stands and whoever it names."""
    forged = f"Authentication-Results: {lab['AUTHSERV_ID']}; spf=pass; dkim=pass header.d=spoofed.example; dmarc=pass\n"
    case = unique()
    received = "Received: from evil.example (evil.example [198.51.100.99]) by mx.dest.example with ESMTP; " \
               "Sat, 21 Nov 2026 09:20:31 +0000\n"
    genuine = f"Authentication-Results: {lab['AUTHSERV_ID']}; dmarc=fail header.from=spoofed.example\n"
    other = "Received: from a.example (a.example [198.51.100.98]) by evil.example with ESMTP\n"
    tail = f"From: a@spoofed.example\nSubject: x\nX-Case: {case}\n\nbody\n"
    for text in (received + forged.replace(lab["AUTHSERV_ID"], "mx.evil.example") + other + tail,
                 received + other + forged + tail, genuine + received + forged + tail):
        result = expect(verify(("Return-Path: <a@spoofed.example>\n" + text).encode(), authserv()), "CRITICAL", "dmarc")
        assert "untrusted" in [header["trust"] for header in result.json["authentication"]["reported"]], result
    deliver(lab["USER2"], forged + tail)
    expect(mailbox(f"--match-header=X-Case:{case}", "--wait=10s", "--verify=none", user="USER2"), "CRITICAL", "dmarc",
           "--authserv-id")


def test_spf_by_itself():
    result = expect(run("check_dmarc_align", f"--client-ip={lab['SENDER_IP']}", f"--mail-from={lab['SENDER']}", resolver()),
                    "OK", None, "spf=pass")
    assert result.metrics["spf_pass"] == 1 and "dmarc_pass" not in result.metrics, result
    expect(run("check_dmarc_align", "--client-ip=192.0.2.9", f"--mail-from={lab['SENDER']}", resolver()), "CRITICAL", "spf",
           "spf=fail")
    expect(run("check_dmarc_align", f"--client-ip={lab['SENDER_IP']}", "--mail-from=", f"--helo={lab['SENDER_DOMAIN']}",
               resolver()), "OK", None, "spf=pass")
    for wrong in (["--client-ip=mail"], [f"--client-ip={lab['SENDER_IP']}"], [],
                  [f"--client-ip={lab['SENDER_IP']}", "--helo=x.example", "--require=dmarc"],
                  ["--message=-", "--hostname=imap.example"], ["--message=-", "--now=tomorrow"],
                  ["--message=-", "--verify=spam"], ["--message=-", "--mail-from=a b"]):
        expect(run("check_dmarc_align", *wrong), "UNKNOWN", "usage")


def test_silent_dns():
    """Without answers there is no verdict of our own; a trusted report needs none."""
    content = raw(expect(sent(), "OK"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, tempfile.NamedTemporaryFile() as file:
        silent.bind(("127.0.0.1", 0))
        file.write(content)
        file.flush()
        arguments = ["check_dmarc_align", f"--message={file.name}", f"--resolver=127.0.0.1:{silent.getsockname()[1]}",
                     "--timeout=2"]
        result = expect(run(*arguments), "UNKNOWN", "lookup", "cannot be told")
        assert result.seconds < 2 + start_and_end_s(), result
        assert "spf_lookups" not in result.metrics and "dmarc_pass" not in result.metrics, result
        expect(run(*arguments, authserv()), "OK", None, "by mx.dest.example (trusted)")
        expect(run(*arguments, "--require=none"), "OK")
        expect(run(*arguments, authserv(), "--expect-policy=quarantine"), "UNKNOWN", "lookup")


def dns(*arguments):
    return subprocess.run([os.path.join(LAB_TOOLS, "dns"), lab["DIR"], *arguments], check=True, capture_output=True,
                          text=True).stdout


@alone
def test_key_is_replaced():
    """A message that passed, and one that is sent afterwards."""
    name = f"s1._domainkey.{lab['SENDER_DOMAIN']}"
    content = raw(expect(sent(), "OK"))
    before = dns("show", name).split(" TXT ", 1)[1].strip()
    try:
        dns("delete", name, "TXT")
        result = expect(verify(content, authserv()), "WARNING", "disagreement", "rotated away")
        assert verdicts(result)[1] == "permerror", result
        expect(verify(content, authserv(), "--disagreement=critical"), "CRITICAL", "disagreement")
        key = subprocess.run("openssl genrsa 2048 | openssl rsa -pubout -outform der | base64 -w0", shell=True, check=True,
                             capture_output=True, text=True).stdout
        dns("set", name, "TXT", f"v=DKIM1; k=rsa; p={key}")
        expect(verify(content, authserv()), "OK", None, "dkim=fail")
        result = expect(round_trip(authserv(), "--verify"), "OK", None, "dkim=fail", "stands on SPF alone", "does not fit")
        assert verdicts(result) == ("pass", "fail", "pass"), result
        expect(round_trip(authserv(), "--verify", "--require=dkim"), "CRITICAL", "dkim", "dkim=fail", "own verification")
    finally:
        dns("set", name, "TXT", before)
    expect(round_trip(authserv(), "--verify", "--require=dkim"), "OK", None, "and verified")


def test_round_trip_verifies():
    result = expect(round_trip(authserv(), "--verify", "--require=dmarc"), "OK", None, "and verified")
    assert verdicts(result) == verdicts(result, "reported") == ("pass", "pass", "pass"), result
    result = expect(round_trip("--verify=dkim", "--require=dkim"), "OK", None, "verified dkim=pass")
    assert "spf" not in result.json["authentication"]["verified"], result
    expect(round_trip("--require=dkim"), "CRITICAL", "dkim", "--verify")
