# SPDX-License-Identifier: GPL-3.0-or-later
"""check_mail_roundtrip: from one Postfix through DKIM, SPF, DMARC and Sieve into Dovecot, and back."""
import os
import re
import tempfile

from harness import Fake, expect, imap_server, lab, look, message, round_trip, run, smtp_login, smtp_server, trust, unique


def authserv():
    return f"--authserv-id={lab['AUTHSERV_ID']}"


def test_lands():
    result = expect(round_trip(authserv(), "--require=spf,dkim,dmarc"), "OK", None, "landed in INBOX", "dkim=pass",
                    "spf=pass", "dmarc=pass")
    for name in ("total", "delivery", "submit", "retrieve", "smtp_connect", "imap_connect", "cert_days"):
        assert name in result.metrics, f"{name} is missing\n{result}"
    assert result.metrics["total"] >= result.metrics["submit"] + result.metrics["delivery"]
    assert result.seconds < 10
    sides = {stage["side"] for stage in result.json["stages"]}
    assert sides == {"smtp", "imap"}
    found = result.json["message"]
    assert found["folder"] == "INBOX" and found["uid"] > 0 and len(found["hops"]) >= 2, result
    reported = [header for header in result.json["authentication"]["reported"] if header["trust"] == "trusted"]
    assert any(dkim["result"] == "pass" and dkim["domain"] == lab["SENDER_DOMAIN"]
               for header in reported for dkim in header.get("dkim", [])), result
    assert result.json["authentication"]["from_domain"] == lab["SENDER_DOMAIN"]


def test_line_one():
    result = expect(round_trip(output=None), "OK", None, "landed in INBOX")
    assert result.line.startswith("MAIL ROUNDTRIP OK - ")
    assert re.search(r"\| total=\d+\.\d{6}s;60;300 ", result.line), result


def test_other_ways_in():
    for port in ("IMAP_PORT", "POP3S_PORT", "POP3_PORT"):
        expect(round_trip(imap_port=port), "OK", None, "landed")


def test_sender_without_smtp():
    result = run("check_mail_roundtrip", f"--sendmail={lab['SENDMAIL']}", *imap_server(prefix="imap-"),
                 *smtp_login("USER", prefix="imap-"), "--imap-tls=implicit", *trust(), *message())
    expect(result, "OK", None, "landed")


def test_junk():
    expect(round_trip("--header=X-Lab-Spam: YES"), "CRITICAL", "spam_placed", "Junk")
    expect(round_trip("--header=X-Lab-Spam: YES", "--spam-state=ok"), "OK", None, "Junk")


def test_duplicate():
    result = round_trip("--header=X-Lab-Duplicate: YES")
    expect(result, "WARNING", "duplicate", "2 times")


def test_forwarded():
    expect(round_trip(recipient="FORWARD_ADDRESS"), "OK", None, "landed")


def test_altered():
    expect(round_trip(recipient="FOOTER_ADDRESS"), "CRITICAL", "altered", "appended")


def test_marker_header_stripped():
    expect(round_trip("--header=X-Lab-Strip: YES"), "OK", None, "X-Mailproof-Marker")


def test_never_lands():
    result = round_trip("--header=X-Lab-Drop: YES", "--wait=2")
    expect(result, "WARNING", "late", "not yet delivered")
    assert "total" not in result.metrics and "submit" in result.metrics
    result = round_trip("--header=X-Lab-Drop: YES", "--wait=2", "-c", "1")
    expect(result, "CRITICAL", "not_delivered", "250 2.0.0")


def test_bounce_is_no_delivery():
    # the bounce quotes marker and subject, and comes to the sender's own mailbox
    result = round_trip(recipient="BOUNCE_ADDRESS", user="SENDER")
    expect(result, "CRITICAL", "bounced", "5.")


def test_refused_submission_is_no_delivery_problem():
    result = round_trip(smtp_password="WRONG_PASSWORD_FILE")
    expect(result, "CRITICAL", "auth_credentials", stage="auth")
    assert result.fault["side"] == "smtp" and len(result.json["faults"]) == 1, result


def test_mailbox_out_of_reach_is_no_submission_problem():
    result = round_trip(imap_password="WRONG_PASSWORD_FILE")
    expect(result, "CRITICAL", "auth_credentials", stage="login")
    assert result.fault["side"] == "imap" and len(result.json["faults"]) == 1, result


def test_greylisted_relay_then_delivered():
    result = expect(round_trip("--wait=40", f"--mail-from={unique()}@sender.example", recipient="GREY_ADDRESS"), "OK")
    assert result.metrics["delivery"] >= float(lab["GREY_DELAY"]) - 1, result  # it counts whole seconds


def test_requirements():
    expect(round_trip("--require=dmarc", "--authserv-id=other.example"), "CRITICAL", "dmarc")
    expect(round_trip("--require=dkim-aligned,spf-aligned", authserv()), "OK")
    expect(round_trip("--require=arc", authserv()), "CRITICAL", "arc")
    expect(round_trip("--require=nonsense", authserv()), "UNKNOWN", "usage")


def test_thresholds_of_one_side():
    expect(round_trip("-c", "smtp_rcpt=0.0000001", output=None), "CRITICAL")
    result = round_trip("-w", "imap_login=0.0000001", output=None)
    expect(result, "WARNING")
    assert "imap_login" in result.metrics and "imap_select" not in result.metrics, result


def test_cleanup():
    result = expect(round_trip("--cleanup=delete", "--service=cleanup-test"), "OK")
    expect(look(f"--marker={result.json['message']['marker']}"), "CRITICAL", "not_delivered")


def test_configuration_file():
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".conf") as file:
        file.write("# the lab\n")
        for option in (*smtp_server(prefix="smtp-"), *imap_server(prefix="imap-"), *trust(), *message(),
                       *smtp_login(prefix="smtp-"), *smtp_login("USER", prefix="imap-"), "--imap-tls=implicit"):
            name, _, value = option[2:].partition("=")
            file.write(f'{name} = "{value}"\n')
        file.flush()
        expect(run("check_mail_roundtrip", f"--config={file.name}"), "OK")
        # the command line wins
        expect(run("check_mail_roundtrip", f"--config={file.name}", f"--smtp-password-file={lab['WRONG_PASSWORD_FILE']}"),
               "CRITICAL", "auth_credentials")
        os.chmod(file.name, 0o600)


def test_submission_is_cut_in_the_middle():
    with Fake("--serve", "smtp", "--fault", "data:close") as port:
        result = run("check_mail_roundtrip", "--smtp-hostname=127.0.0.1", f"--smtp-port={port}", "--smtp-tls=none",
                     *imap_server(prefix="imap-"), *smtp_login("USER", prefix="imap-"), "--imap-tls=implicit", *trust(),
                     *message(), "--wait=3")
        expect(result, "CRITICAL", "connect", stage="data")
        assert result.fault["side"] == "smtp"


def test_a_mailbox_that_fills_up():
    result = round_trip("--cleanup=delete", "--wait=20", recipient="QUOTA_USER", user="QUOTA_USER")
    assert result.code == 1 and result.metrics["quota_used"] > 80, result
    assert "quota_used" not in round_trip("--wait=20", recipient="QUOTA_USER", user="QUOTA_USER").metrics
