# SPDX-License-Identifier: GPL-3.0-or-later
"""check_imap_marker against Dovecot, over IMAP and POP3."""
import concurrent.futures
import glob
import os
import statistics
import subprocess
import tempfile
import time

from harness import (Fake, alone, deliver, expect, lab, look, read_password, run, smtp_login, submit, trust, unique)


def put(user, subject, *headers, body="hello"):
    deliver(user, "".join(f"{header}\n" for header in (f"From: {lab['SENDER']}", f"To: {user}", f"Subject: {subject}",
                                                       "Date: Sat, 21 Nov 2026 10:00:00 +0000",
                                                       f"Message-ID: <{unique()}@sender.example>", *headers)) + f"\n{body}\n")


def test_found_by_subject():
    subject = unique("subject")
    put(lab["USER2"], f"Hello {subject} there")
    for port in ("IMAPS_PORT", "IMAP_PORT", "POP3S_PORT", "POP3_PORT"):
        result = expect(look(f"--subject={subject}", port=port, user="USER2"), "OK", None, "found")
        assert result.metrics["found"] == 1 and 0 <= result.metrics["age"] < 60, result
        for name in ("total", "connect", "login", "greeting", "search", "retrieve", "cert_days"):
            assert name in result.metrics, f"{name} is missing\n{result}"


def test_not_found():
    for port in ("IMAPS_PORT", "POP3S_PORT"):
        result = expect(look(f"--subject={unique()}", port=port), "CRITICAL", "not_delivered")
        assert result.metrics["found"] == 0


def test_all_conditions_must_hold():
    subject = unique()
    put(lab["USER2"], subject, "X-Colour: dark blue")
    expect(look(f"--subject={subject}", "--match-header=X-Colour:BLUE", "--match-from=sender.example", user="USER2"), "OK")
    expect(look(f"--subject={subject}", "--match-header=X-Colour:red", user="USER2"), "CRITICAL", "not_delivered")
    expect(look(f"--subject={subject}", "--match-from=somebody.else", user="USER2"), "CRITICAL", "not_delivered")


def test_encoded_subject():
    word = unique()
    put(lab["USER2"], f"=?utf-8?Q?Gr=C3=BC=C3=9Fe_{word}?=")
    for port in ("IMAPS_PORT", "POP3S_PORT"):
        expect(look(f"--subject=Grüße {word}", user="USER2", port=port), "OK")


def test_count():
    subject = unique()
    for _ in range(3):
        put(lab["USER2"], subject)
    expect(look(f"--subject={subject}", "--expect=3:3", user="USER2"), "OK")
    expect(look(f"--subject={subject}", "--expect=4:", user="USER2"), "CRITICAL", "not_delivered", "3")
    expect(look(f"--subject={unique()}", "--expect=0:0", user="USER2"), "OK", None, "as expected")


def test_count_of_many():
    subject = unique()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: put(lab["USER2"], subject), range(80)))
    for port in ("IMAPS_PORT", "POP3S_PORT"):
        result = expect(look(f"--subject={subject}", "--expect=80:80", user="USER2", port=port), "OK")
        assert result.metrics["found"] == 80, result


def test_junk():
    subject = unique()
    put(lab["USER2"], subject, "X-Lab-Spam: YES")
    expect(look(f"--subject={subject}", user="USER2"), "CRITICAL", "spam_placed", "Junk")
    expect(look(f"--subject={subject}", "--spam-state=warning", user="USER2"), "WARNING", "spam_placed")
    expect(look(f"--subject={subject}", "--no-junk", user="USER2"), "CRITICAL", "not_delivered")
    expect(look(f"--subject={subject}", "--folder=Junk=ok", user="USER2"), "OK")
    expect(look(f"--subject={subject}", "--folder=Junk=warning", user="USER2"), "WARNING")


def test_junk_by_name():
    subject = unique()
    put(lab["NOJUNK_USER"], subject, "X-Lab-Spam: YES")
    result = look(f"--subject={subject}", user="NOJUNK_USER")
    assert result.code == 2, result


def test_silent_mailbox():
    put(lab["BENCH1K_USER"], "anything")
    expect(look("--max-age=1h", user="BENCH1K_USER"), "OK")
    time.sleep(2.1)
    expect(look("--max-age=1s", user="BENCH1K_USER"), "CRITICAL", "not_delivered", "newer than 1 s")
    expect(look("--warning=1", "--critical=600", user="BENCH1K_USER"), "WARNING", "threshold", "age")


def test_marker_of_a_submission():
    marker = submit(recipient="USER4").json["message"]["marker"]
    result = expect(look(f"--marker={marker}", "--wait=10", user="USER4"), "OK", None, "INBOX")
    assert result.json["message"]["marker"] == marker and result.json["message"]["uid"] > 0
    assert len(result.json["message"]["hops"]) >= 2, result
    expect(look(f"--marker={marker}", user="USER4", port="POP3S_PORT"), "OK")
    # upper case is the same word, another marker is not
    expect(look(f"--marker={marker.upper()}", user="USER4"), "OK")
    other = marker[:-1] + ("a" if marker[-1] != "a" else "b")
    expect(look(f"--marker={other}", user="USER4"), "CRITICAL", "not_delivered")


def test_marker_of_somebody_else():
    token = unique()
    put(lab["USER2"], "another test's message", f"X-Mailproof-Marker: {token}")
    expect(look(f"--marker={token}", user="USER2"), "OK")
    expect(look(f"--marker={token}", "--cleanup=delete", user="USER2"), "OK")
    expect(look(f"--marker={token}", user="USER2"), "OK")
    expect(look(f"--marker={token[:-1]}", user="USER2"), "CRITICAL", "not_delivered")
    for word in ("abc", "with space", "a-b-c-d-e-f", "x" * 100):
        expect(look(f"--marker={word}", user="USER2"), "UNKNOWN", "usage", "--marker")


def test_old_marker_is_no_fresh_delivery():
    marker = submit(recipient="USER4").json["message"]["marker"]
    expect(look(f"--marker={marker}", "--wait=10", user="USER4"), "OK")
    time.sleep(2.2)
    expect(look(f"--marker={marker}", "--max-age=1", user="USER4"), "CRITICAL", "not_delivered", "newer")


def test_waiting():
    subject = unique()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(look, f"--subject={subject}", "--wait=8", "--timeout=12", user="USER3")
        time.sleep(1)
        put(lab["USER3"], subject)
        expect(waiting.result(), "OK")
    result = look(f"--subject={unique()}", "--wait=2", "--timeout=8", user="USER3")
    expect(result, "CRITICAL", "not_delivered")
    assert 2 <= result.seconds < 3.5, result


def noticing(delays, port="IMAPS_PORT"):
    """Seconds from the LMTP delivery to the plugin's answer, for messages delivered so long after it began."""
    late = []
    for delay in delays:
        subject = unique()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            waiting = pool.submit(look, f"--subject={subject}", "--wait=30", "--timeout=40", user="USER3", port=port)
            time.sleep(delay + 0.15)
            put(lab["USER3"], subject)
            delivered = time.monotonic()
            expect(waiting.result(), "OK")
            late.append(time.monotonic() - delivered)
    return late


@alone
def test_noticing_soon():
    late = noticing([0.1, 0.3, 0.5, 0.9, 1.3, 1.8])
    # the bound is the bench's; here only that it is no poll every second or more
    assert statistics.median(late) < 0.25, late


def test_odd_folders():
    for name in ("Entwürfe & Pläne", 'She said "no"', "Back\\slash", "Neuer Ordner"):
        subject = unique()
        put(lab["FOLDERS_USER"], subject, f"X-Lab-Folder: {name}")
        expect(look(f"--folder={name}", f"--subject={subject}", user="FOLDERS_USER"), "OK", None, "found")


def test_junk_by_special_use_in_another_language():
    subject = unique()
    put(lab["FOLDERS_USER"], subject, "X-Lab-Spam: YES")
    expect(look(f"--subject={subject}", user="FOLDERS_USER"), "CRITICAL", "spam_placed", "Ungewünscht")


def test_folder_is_missing():
    for name in ("No Such Folder", 'odd "quoted" \\ name', "Entwürfe & more", "x" * 5000):
        result = look(f"--folder={name}", "--subject=x")
        assert result.code == 2, result


def test_wrong_password():
    for port in ("IMAPS_PORT", "POP3S_PORT", "IMAP_PORT", "POP3_PORT"):
        result = look("--subject=x", port=port, password="WRONG_PASSWORD_FILE")
        expect(result, "CRITICAL", "auth_credentials", stage="login")
        assert result.seconds < 8, result


def test_odd_password():
    for mechanism in (None, "PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5"):
        for port in ("IMAPS_PORT", "POP3S_PORT"):
            expect(look("--expect=0:", *([f"--auth={mechanism}"] if mechanism else []), port=port, user="ODD_USER",
                        password="ODD_PASSWORD_FILE"), "OK")


def test_bearer_tokens():
    arguments = [f"--hostname={lab['IMAP_HOST']}", *trust(), "--expect=0:"]
    for protocol, port in (("imap", "IMAPS_PORT"), ("pop3", "POP3S_PORT")):
        base = [*arguments, f"--port={lab[port]}", "--tls=implicit", f"--protocol={protocol}", f"--username={lab['USER']}"]
        for mechanism in ("OAUTHBEARER", "XOAUTH2"):
            expect(run("check_imap_marker", *base, f"--oauth2-token-file={lab['USER_TOKEN_FILE']}", f"--auth={mechanism}"),
                   "OK")
            expect(run("check_imap_marker", *base, f"--oauth2-token-file={lab['USER_EXPIRED_TOKEN_FILE']}",
                       f"--auth={mechanism}"), "CRITICAL", "auth_token")


def test_certificates():
    for variant, words in (("EXPIRED", ("expired",)), ("SELFSIGNED", ("self-signed",)), ("WRONGNAME", ())):
        result = run("check_imap_marker", f"--hostname={lab[f'IMAP_{variant}_HOST']}", f"--port={lab['IMAPS_PORT']}",
                     *trust(), *smtp_login("USER"), "--tls=implicit", "--expect=0:")
        expect(result, "CRITICAL", "tls_certificate", *words)


def test_quota():
    result = look("--expect=0:", user="QUOTA_USER")
    assert result.metrics["quota_used"] > 80 and result.code == 1, result


def test_cleaning_touches_only_what_is_ours():
    service = unique("service")
    mine = submit(f"--service={service}", recipient="USER4").json["message"]["marker"]
    other = submit(f"--service={unique('other')}", recipient="USER4").json["message"]["marker"]
    subject = unique()
    put(lab["USER4"], subject)
    for marker in (mine, other):
        expect(look(f"--marker={marker}", "--wait=10", user="USER4"), "OK")
    expect(look(f"--subject={subject}", "--cleanup=delete", f"--service={service}", user="USER4"), "OK")
    expect(look(f"--subject={subject}", user="USER4"), "OK")
    expect(look(f"--marker={mine}", "--cleanup=delete", f"--service={service}", user="USER4"), "OK")
    expect(look(f"--marker={mine}", user="USER4"), "CRITICAL", "not_delivered")
    expect(look(f"--marker={other}", user="USER4"), "OK")


def test_cleaning_by_moving_and_by_age():
    service = unique("service")
    moved = submit(f"--service={service}", recipient="USER4").json["message"]["marker"]
    expect(look(f"--marker={moved}", "--wait=10", "--cleanup=move:Trash", f"--service={service}", user="USER4"), "OK")
    expect(look(f"--marker={moved}", user="USER4"), "CRITICAL")
    expect(look(f"--marker={moved}", "--folder=Trash", user="USER4"), "OK")
    old = submit(f"--service={service}", recipient="USER4").json["message"]["marker"]
    expect(look(f"--marker={old}", "--wait=10", user="USER4"), "OK")
    expect(look("--expect=0:", "--purge-older-than=1h", f"--service={service}", user="USER4"), "OK")
    expect(look(f"--marker={old}", user="USER4"), "OK")
    time.sleep(1.2)
    expect(look("--expect=0:", "--purge-older-than=0", f"--service={service}", user="USER4"), "OK")
    expect(look(f"--marker={old}", user="USER4"), "CRITICAL")


def test_what_lies_in_the_trash_is_purged():
    service = unique("service")
    marker = submit(f"--service={service}", recipient="USER4").json["message"]["marker"]
    expect(look(f"--marker={marker}", "--wait=10", "--cleanup=move:Trash", f"--service={service}", user="USER4"), "OK")
    time.sleep(1.2)
    expect(look("--expect=0:", "--purge-older-than=0", f"--service={service}", user="USER4"), "OK", None)
    expect(look(f"--marker={marker}", "--folder=Trash", user="USER4"), "CRITICAL", "not_delivered")


def test_age_asked_for_does_not_limit_the_purge():
    service = unique("service")
    old = submit(f"--service={service}", recipient="USER4").json["message"]["marker"]
    expect(look(f"--marker={old}", "--wait=10", user="USER4"), "OK")
    time.sleep(2.5)
    look(f"--subject={unique()}", "--max-age=1s", "--purge-older-than=1s", f"--service={service}", user="USER4")
    expect(look(f"--marker={old}", user="USER4"), "CRITICAL", "not_delivered")


UNABLE = """
send "* PREAUTH [CAPABILITY IMAP4rev1 QUOTA] ready\\r\\n"
expect ^(\\S+) CAPABILITY
send "* CAPABILITY IMAP4rev1 QUOTA\\r\\n${1} OK done\\r\\n"
expect ^(\\S+) SELECT
send "* 0 EXISTS\\r\\n* OK [UIDVALIDITY 7] x\\r\\n* OK [UIDNEXT 1] x\\r\\n${1} OK done\\r\\n"
expect ^(\\S+) NOOP
send "${1} OK done\\r\\n"
expect ^(\\S+) GETQUOTAROOT
send "* QUOTAROOT INBOX a\\r\\n* QUOTA a (STORAGE 42 50)\\r\\n${1} OK done\\r\\n"
expect ^(\\S+) LOGOUT
send "* BYE\\r\\n${1} OK done\\r\\n"
"""


def test_what_cannot_be_cleaned_says_how_full_it_is():
    with Fake(script=UNABLE) as port:
        result = run("check_imap_marker", "--hostname=127.0.0.1", f"--port={port}", "--tls=none", "--expect=0:",
                     "--no-junk", "--cleanup=delete", "--service=any", "--timeout=5")
    expect(result, "WARNING", "cleanup", "neither UIDPLUS nor MOVE", "84 % of the quota is used")
    assert result.metrics["quota_used"] == 84, result


def test_cleaning_over_pop3():
    service = unique("service")
    marker = submit(f"--service={service}", recipient="USER4").json["message"]["marker"]
    expect(look(f"--marker={marker}", "--wait=10", user="USER4"), "OK")
    expect(look(f"--marker={marker}", "--cleanup=delete", f"--service={service}", user="USER4", port="POP3S_PORT"), "OK")
    expect(look(f"--marker={marker}", user="USER4"), "CRITICAL", "not_delivered")


def test_looking_changes_nothing():
    subject = unique()
    put(lab["READONLY_USER"], subject)
    expect(look(f"--subject={subject}", user="READONLY_USER"), "OK")
    expect(look(f"--subject={subject}", user="READONLY_USER"), "OK")
    flags = subprocess.run(["doveadm", "-c", glob.glob(os.path.join(lab["DIR"], "dovecot/dovecot.conf"))[0], "fetch", "-u",
                            lab["READONLY_USER"], "flags", "mailbox", "INBOX", "subject", subject], capture_output=True,
                           check=True).stdout
    assert b"flags:" in flags and b"Seen" not in flags, flags


def test_no_starttls_and_no_login_in_clear():
    with Fake("--serve", "imap") as port:
        result = run("check_imap_marker", "--hostname=127.0.0.1", f"--port={port}", "--expect=0:", *smtp_login("USER"),
                     "--timeout=3")
        expect(result, "CRITICAL", "tls_refused")
        result = run("check_imap_marker", "--hostname=127.0.0.1", f"--port={port}", "--expect=0:", *smtp_login("USER"),
                     "--tls=none", "--timeout=3")
        expect(result, "UNKNOWN", "usage", "--allow-plaintext-auth")


def test_password_from_the_environment_and_netrc():
    password = read_password()
    base = [f"--hostname={lab['IMAP_HOST']}", f"--port={lab['IMAPS_PORT']}", "--tls=implicit", *trust(), "--expect=0:"]
    expect(run("check_imap_marker", *base, f"--username={lab['USER']}", "--password-env=MAIL_PASSWORD",
               environment={"MAIL_PASSWORD": password}), "OK")
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(f"machine {lab['IMAP_HOST']} login {lab['USER']} password {password}\n")
        file.flush()
        expect(run("check_imap_marker", *base, f"--netrc-file={file.name}"), "OK")
        os.chmod(file.name, 0o644)
        expect(run("check_imap_marker", *base, f"--netrc-file={file.name}"), "UNKNOWN", "config", "readable")
