# SPDX-License-Identifier: GPL-3.0-or-later
"""The same plugins against a mail system of other people's software: Exim for SMTP, Cyrus for IMAP and POP3."""
import tempfile
import time

from harness import Skipped, expect, imap_server, lab, run, smtp_login, smtp_server, trust, unique


def there():
    if "OTHER_SMTP_HOST" not in lab:
        raise Skipped("Exim and Cyrus are not installed: contrib/install-packages other")


def submit(*more, port="OTHER_SUBMISSION_PORT", login=True):
    there()
    return run("check_smtp_submit", *smtp_server(port, "OTHER_SMTP_HOST"), *trust(), f"--from={lab['OTHER_USER']}",
               f"--to={lab['OTHER_USER']}", *(smtp_login("OTHER_USER") if login else []), *more)


def look(*more, port="OTHER_IMAPS_PORT"):
    there()
    arguments = [*imap_server(port, "OTHER_IMAP_HOST"), *trust(), *smtp_login("OTHER_USER"), *more]
    if port != "OTHER_IMAP_PORT":
        arguments.append("--tls=implicit")
    if "POP3" in port:
        arguments.append("--protocol=pop3")
    return run("check_imap_marker", *arguments)


def round_trip(*more, port="OTHER_IMAPS_PORT", **options):
    there()
    arguments = [*smtp_server("OTHER_SUBMISSION_PORT", "OTHER_SMTP_HOST", prefix="smtp-"),
                 *imap_server(port, "OTHER_IMAP_HOST", prefix="imap-"), *trust(), *smtp_login("OTHER_USER"),
                 f"--from={lab['OTHER_USER']}", f"--to={lab['OTHER_USER']}", *more]
    if port != "OTHER_IMAP_PORT":
        arguments.append("--imap-tls=implicit")
    if "POP3" in port:
        arguments.append("--imap-protocol=pop3")
    return run("check_mail_roundtrip", *arguments, **options)


def test_submission():
    for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5"):
        expect(submit(f"--auth={mechanism}"), "OK")
    expect(submit("--tls=implicit", port="OTHER_SUBMISSIONS_PORT"), "OK")


def test_external():
    expect(submit("--auth=EXTERNAL", f"--client-cert={lab.get('OTHER_CLIENT_CERT')}",
                  f"--client-key={lab.get('OTHER_CLIENT_KEY')}", login=False), "OK")


def test_relay_denied():
    there()
    result = run("check_smtp_submit", *smtp_server("OTHER_SUBMISSION_PORT", "OTHER_SMTP_HOST"), *trust(),
                 f"--from={lab['OTHER_USER']}", "--to=somebody@elsewhere.example")
    expect(result, "CRITICAL", None, "550")
    assert result.fault["class"] in ("relay_denied", "auth_required"), result


def test_wrong_password():
    there()
    result = run("check_smtp_submit", *smtp_server("OTHER_SUBMISSION_PORT", "OTHER_SMTP_HOST"), *trust(),
                 f"--from={lab['OTHER_USER']}", f"--to={lab['OTHER_USER']}",
                 *smtp_login("OTHER_USER", "WRONG_PASSWORD_FILE"))
    expect(result, "CRITICAL", "auth_credentials", "535", stage="auth")


def test_round_trip():
    for port in ("OTHER_IMAPS_PORT", "OTHER_IMAP_PORT", "OTHER_POP3S_PORT"):
        expect(round_trip(port=port), "OK", None, "landed in INBOX")


def test_junk_by_special_use_in_lower_case():
    expect(round_trip("--header=X-Lab-Spam: YES"), "CRITICAL", "spam_placed")


def test_cleaning():
    result = expect(round_trip("--cleanup=delete"), "OK")
    expect(look(f"--marker={result.json['message']['marker']}"), "CRITICAL", "not_delivered")


def test_looking():
    marker = round_trip().json["message"]["marker"]
    for port in ("OTHER_IMAPS_PORT", "OTHER_POP3S_PORT"):
        expect(look(f"--marker={marker}", port=port), "OK", None, "found")


def test_in_flight_from_run_to_run():
    """Only what is new is looked at: the border holds over UIDVALIDITY and UIDL as Cyrus has them."""
    for port in ("OTHER_IMAPS_PORT", "OTHER_POP3S_PORT"):
        with tempfile.TemporaryDirectory() as state:
            always = ("--deferred", f"--state-dir={state}", f"--service={unique()}")
            for _ in range(20):
                result = round_trip(*always, port=port)
                if result.json["probes"][-1]["state"] == "landed":
                    break
                time.sleep(0.3)
            expect(result, "OK", None, "landed")
            result = expect(round_trip(*always, "-vvv", port=port, output=None), "OK", None, "landed")
            assert "UID SEARCH" not in result.long and "BODY.PEEK[HEADER.FIELDS" not in result.long, result
            assert ("C: QUIT" if port.startswith("OTHER_POP3") else ":* (UID INTERNALDATE") in result.long, result
            assert result.long.count("C: TOP ") <= 8, result
