# SPDX-License-Identifier: GPL-3.0-or-later
"""check_mail_roundtrip --deferred and the history: what is carried from run to run. (tests/week simulates a week of it.)"""
import contextlib
import json
import os
import sqlite3
import subprocess
import tempfile
import time

from harness import (PATIENT, Fake, alone, deliver, expect, imap_server, lab, look, make_read_only, message, round_trip, run,
                     small_file_system, smtp_login, smtp_server, trust, unique)


@contextlib.contextmanager
def service(*always, **defaults):
    """A state directory of its own, and a name: probes of other tests in the same mailbox are not its."""
    with tempfile.TemporaryDirectory() as state:
        name = f"--service={unique()}"

        def once(*more, **options):
            return round_trip("--deferred", f"--state-dir={state}", name, *PATIENT, *always, *more,
                              **{**defaults, **options})

        once.state, once.name = state, name
        yield once


def grow_old(once, seconds, run_too=False):
    """Everything in the history happened so much earlier; the last run only with run_too (a time without runs)."""
    with contextlib.closing(sqlite3.connect(os.path.join(once.state, "history.db"))) as database, database:
        for column in ("first_try", "began", "accepted", "landed", "decided"):
            database.execute(f"UPDATE probe SET {column} = {column} - ? WHERE {column} > 0", (seconds,))
        if run_too:
            database.execute("UPDATE service SET last_run = last_run - ?", (seconds,))


def until(once, wanted, *more, seconds=10, **options):
    """Looks again and again, as a host does."""
    end = time.monotonic() + seconds
    while True:
        result = once(*more, **options)
        if wanted(result) or time.monotonic() > end:
            return result
        time.sleep(0.3)


def arrived(result):
    """Waits until the newest probe is in the mailbox; the service itself does not look."""
    expect(look(f"--marker={result.json['probes'][0]['marker']}", "--folder=INBOX=ok", "--folder=Junk=ok", "--wait=20", "--timeout=30"), "OK")


def fates(result):
    return [probe["state"] for probe in result.json["probes"]]


def landed(result):
    return "landed" in fates(result)


def test_first_run_then_landed():
    with service() as once:
        result = once()
        if not landed(result):  # the look comes a moment after the submission
            expect(result, "OK", None, "first run: nothing to judge yet, 1 in flight")
            assert result.metrics["in_flight"] == 1 and "total" not in result.metrics, result
        result = expect(until(once, landed), "OK", None, "landed")
        assert result.metrics["in_flight"] == 0 and "submit" not in result.metrics, result
        assert 0 < result.metrics["total"] < 5, result
        # the same is told by every run until a newer one is decided
        again = expect(once(), "OK", None, "the newest probe landed in")
        assert again.metrics["total"] == result.metrics["total"], again
        assert len(again.json["probes"]) == 1, again


def test_two_connections_at_most():
    with service() as once:
        once()
        with tempfile.NamedTemporaryFile("r") as trace:
            command = once("--submit-every=0").command
            subprocess.run(["strace", "-f", "-qq", "-e", "trace=connect", "-o", trace.name, *command], check=False, capture_output=True)
            ports = [lab["SUBMISSION_PORT"], lab["IMAPS_PORT"]]
            connects = [line for line in trace.read().splitlines() if any(f"htons({port})" in line for port in ports)]
        assert len(connects) == 2, connects


def test_lost_until_a_later_one_lands():
    with service() as once:
        once("--header=X-Lab-Drop: YES")
        grow_old(once, 1700)
        result = expect(once("--submit-every=1h"), "CRITICAL", "not_delivered", "min ago has not arrived")
        assert fates(result) == ["late"] and 1700 < result.metrics["in_flight_age"] < 1800, result
        grow_old(once, 101)
        result = expect(once("--submit-every=1h"), "CRITICAL", "not_delivered", "is lost")
        assert fates(result) == ["lost"], result
        expect(once("--submit-every=1h"), "CRITICAL", "not_delivered", "is lost")  # nothing newer has landed
        result = until(once, lambda r: fates(r)[0] == "landed")
        expect(result, "CRITICAL", "not_delivered", "lost, though newer ones have landed")  # while the host re-checks
        grow_old(once, 240)
        result = expect(once("--submit-every=1h"), "OK", None, "landed")
        assert fates(result) == ["landed", "lost"], result


def test_found_out_behind_newer_ones():
    with service() as once:
        once("--header=X-Lab-Drop: YES")
        grow_old(once, 1801)
        with contextlib.closing(sqlite3.connect(os.path.join(once.state, "history.db"))) as database, database:
            database.execute("UPDATE probe SET label = 'away'")  # a look that did not decide it
        until(once, lambda r: fates(r)[0] == "landed")
        with contextlib.closing(sqlite3.connect(os.path.join(once.state, "history.db"))) as database, database:
            database.execute("UPDATE probe SET label = ''")
        for _ in range(3):  # a host's checks before it tells anyone
            expect(once(), "CRITICAL", "not_delivered", "lost, though newer ones have landed")
        grow_old(once, 240)
        expect(once("--submit-every=1h"), "OK")


def bounce(marker):
    return f"""From: MAILER-DAEMON@dest.example
To: {lab["USER"]}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.dest.example

Final-Recipient: rfc822; {lab["USER"]}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

X-Mailproof-Marker: {marker}

--b--
"""


def test_bounced_behind_newer_ones():
    with service() as once:
        marker = until(once, landed).json["probes"][0]["marker"]
        with contextlib.closing(sqlite3.connect(os.path.join(once.state, "history.db"))) as database, database:
            database.execute("UPDATE probe SET fate = 2")  # as if it were still on its way
        once("--submit-every=0")
        until(once, lambda r: fates(r)[0] == "landed")
        deliver(lab["USER"], bounce(marker))
        result = expect(once(), "CRITICAL", "bounced", "5.1.1")
        assert fates(result) == ["landed", "bounced"], result
        expect(once(), "CRITICAL", "bounced")
        grow_old(once, 240)
        expect(once("--submit-every=1h"), "OK")


def test_arrives_after_having_been_lost():
    with service() as once:
        marker = once("--header=X-Lab-Drop: YES").json["probes"][0]["marker"]
        grow_old(once, 1801)
        expect(once("--submit-every=1h"), "CRITICAL", "not_delivered", "is lost")
        deliver(lab["USER"], f"From: x@sender.example\nTo: {lab['USER']}\nX-Mailproof-Marker: {marker}\nSubject: late {marker}\n\n{marker}\n")
        result = once("--submit-every=1h", "-v")
        assert fates(result) == ["landed"], result
        assert any("given up" in line for line in result.json["details"]), result
        assert result.metrics["total"] > 1800, result


def test_a_time_without_runs_is_no_loss():
    with service() as once:
        once("--header=X-Lab-Drop: YES")
        grow_old(once, 86400, run_too=True)
        result = expect(once("--submit-every=100h"), "OK", None, "1 probe without verdict")
        assert fates(result) == ["unknown"], result
    with service() as once:  # but what is there counts
        arrived(once(imap_password="WRONG_PASSWORD_FILE"))
        grow_old(once, 86400, run_too=True)
        result = once("--submit-every=100h")
        assert fates(result) == ["landed"] and "without verdict" not in result.text, result


def test_in_flight_is_judged_by_total():
    with service("--submit-every=1h", "--header=X-Lab-Drop: YES") as once:
        once()
        grow_old(once, 100)
        result = expect(once(), "WARNING", "late", "s ago has not arrived yet")
        assert fates(result) == ["late"], result
        # a service that has never delivered may be greylisted: no more than a warning within the grace
        grow_old(once, 300)
        expect(once(), "WARNING", "greylisted", "may greylist it")
        expect(once("--greylist-grace=300s"), "CRITICAL", "not_delivered", "has not arrived")
        grow_old(once, 600)
        expect(once(), "CRITICAL", "not_delivered", "has not arrived")


def test_junk_is_told_until_a_newer_one_lands():
    with service() as once:
        result = until(once, landed, "--header=X-Lab-Spam: YES")
        expect(result, "CRITICAL", "spam_placed", "Junk")
        expect(once(), "CRITICAL", "spam_placed", "landed in the wrong folder")
        once("--submit-every=0")
        result = until(once, lambda r: fates(r).count("landed") == 2)
        expect(result, "CRITICAL", "spam_placed", "the earlier probe")  # while the host re-checks
        grow_old(once, 240)
        expect(once("--submit-every=1h"), "OK")


def test_junk_behind_newer_ones():
    with service() as once:
        arrived(once("--header=X-Lab-Spam: YES", imap_password="WRONG_PASSWORD_FILE"))
        once("--submit-every=0", imap_password="WRONG_PASSWORD_FILE")
        result = until(once, lambda r: fates(r) == ["landed", "landed"])
        expect(result, "CRITICAL", "spam_placed", "the earlier probe")
        expect(once(), "CRITICAL", "spam_placed", "the earlier probe")
        grow_old(once, 240)
        expect(once(), "OK")  # the newer one's own verdict is not the older one's


def test_a_copy_that_comes_later():
    with service() as once:
        marker = until(once, landed).json["probes"][0]["marker"]
        deliver(lab["USER"], f"From: x@sender.example\nX-Mailproof-Marker: {marker}\nSubject: again {marker}\n\n{marker}\n")
        for _ in range(3):  # a host wants to see it three times
            expect(once(), "WARNING", "duplicate", "the newest probe", "more than once")
        once("--submit-every=0")
        until(once, lambda r: fates(r).count("landed") == 2)
        expect(once(), "WARNING", "duplicate", "the earlier probe", "more than once")
        grow_old(once, 240)
        expect(once("--submit-every=1h"), "OK")


def test_duplicate_and_altered():
    with service() as once:
        result = until(once, lambda r: r.code == 1, "--header=X-Lab-Duplicate: YES")
        expect(result, "WARNING", "duplicate")
        expect(once(), "WARNING", "duplicate", "more than once")
    with service(recipient="FOOTER_ADDRESS") as once:
        expect(until(once, landed), "CRITICAL", "altered")
        expect(once(), "CRITICAL", "altered", "altered on its way")


def test_bounce():
    with service(recipient="BOUNCE_ADDRESS", user="SENDER") as once:
        result = until(once, lambda r: fates(r)[0] == "bounced")
        expect(result, "CRITICAL", "bounced", "5.")
        expect(once(), "CRITICAL", "bounced")


def test_a_run_looks_at_what_is_new_only():
    for port in ("IMAPS_PORT", "POP3S_PORT"):
        with service(imap_port=port) as once:
            expect(until(once, landed), "OK", None, "landed")
            deliver(lab["USER"], f"From: {lab['SENDER']}\nSubject: {unique()}\n\nhello\n")
            result = expect(once("-vvv", output=None), "OK", None)
            assert "UID SEARCH" not in result.long and "BODY.PEEK[HEADER.FIELDS" not in result.long, result
            assert ("C: QUIT" if port.startswith("POP3") else ":* (UID INTERNALDATE") in result.long, result
            assert result.long.count("C: TOP ") <= 8, result  # other tests write to this mailbox too


def test_each_folder_has_its_border():
    with service() as once:
        expect(until(once, landed, "--header=X-Lab-Spam: YES"), "CRITICAL", "spam_placed")
        result = expect(once("-vvv", output=None), "CRITICAL", None, "junk")
        assert "UID SEARCH" not in result.long, result


def test_pop3():
    with service(imap_port="POP3S_PORT") as once:
        expect(until(once, landed), "OK", None, "landed")
        for _ in range(2):
            until(once, lambda r: r.metrics["in_flight"] == 0, "--submit-every=0")
        result = until(once, lambda r: r.metrics["in_flight"] == 0)
        expect(result, "OK")
        assert set(fates(result)) == {"landed"}, result


def run_grey(once, *more):
    """Handed in at the greylisted MX itself, by a sender of its own."""
    state, name = once.state, once.name
    return run("check_mail_roundtrip", "--deferred", f"--state-dir={state}", name, *smtp_server("GREY_PORT", "MX_HOST", prefix="smtp-"),
               *imap_server(prefix="imap-"), *smtp_login("USER", prefix="imap-"), "--imap-tls=implicit", *trust(), *message(),
               f"--mail-from=grey-{name[-12:]}@sender.example", *PATIENT, *more)


def test_greylisted_at_submission():
    with service() as once:
        first = run_grey(once)
        expect(first, "WARNING", "greylisted")
        assert fates(first) == ["deferred"], first
        again = run_grey(once, "--greylist-grace=0")
        expect(again, "CRITICAL", "greylisted", "put off for")
        assert again.json["probes"][0]["marker"] == first.json["probes"][0]["marker"], "it is the same probe"
        time.sleep(float(lab["GREY_DELAY"]) + 1)
        result = run_grey(once)
        if not landed(result):
            result = until(lambda *a, **k: run_grey(once, *a), landed)
        expect(result, "OK", None, "landed")
        assert len(fates(result)) == 1, result


def test_put_off_for_good_is_no_loss():
    with service() as once:
        run_grey(once)
        grow_old(once, 1801)
        result = run_grey(once)
        assert fates(result)[-1] == "failed" and "lost" not in fates(result), result


def test_refused_submission_is_tried_again():
    with service(smtp_password="WRONG_PASSWORD_FILE") as once:
        for _ in range(2):
            result = expect(once(), "CRITICAL", "auth_credentials", stage="auth")
        assert fates(result) == ["failed", "failed"], result
        expect(once(smtp_password="PASSWORD_FILE"), "OK")


def test_mailbox_out_of_reach():
    with service() as once:
        result = expect(once(imap_password="WRONG_PASSWORD_FILE"), "CRITICAL", "auth_credentials", stage="login")
        assert "submit" in result.metrics and fates(result) == ["in_flight"], result
        grow_old(once, 3600)  # beyond --lost: without a look there is no loss
        result = once("--submit-every=2h", imap_password="WRONG_PASSWORD_FILE")
        assert fates(result) == ["late"] and result.metrics["in_flight_age"] > 3600, result
        arrived(result)
        assert fates(once("--submit-every=2h")) == ["landed"]


def test_silent_relay_leaves_time_for_the_look():
    with service() as once, Fake("--serve", "smtp", "--fault", "greeting:silence") as port:
        once()
        result = once("--submit-every=0", "--smtp-connect-to=127.0.0.1:%d" % port, "--timeout=3")
        expect(result, "CRITICAL", "timeout")
        assert "retrieve" in result.metrics and result.seconds < 4, result


def test_without_a_state_directory():
    with service() as once:
        os.chmod(once.state, 0o777)
        result = expect(once(), "UNKNOWN", "state", once.state)
        assert "smtp_rcpt" in result.metrics and "retrieve" in result.metrics, "all but the message is tried"
        assert "smtp_data" not in result.metrics and "submit" not in result.metrics, result
        expect(once(smtp_password="WRONG_PASSWORD_FILE"), "CRITICAL", "auth_credentials")
        os.chmod(once.state, 0o700)
        result = expect(once(), "OK")
        assert len(fates(result)) == 1, "nothing was sent before"


@alone
def test_a_full_or_read_only_state_directory():
    with small_file_system() as place:
        for words in ("no room is left", "Read-only"):
            result = expect(round_trip("--deferred", f"--state-dir={place}", *PATIENT), "UNKNOWN", "state", words)
            assert "smtp_rcpt" in result.metrics and "smtp_data" not in result.metrics, "nothing is sent"
            result = expect(round_trip(f"--state-dir={place}", "-v", *PATIENT), "OK")  # one that waits needs none
            assert any("no history is kept" in line and words in line for line in result.json["details"]), result
            make_read_only(place)


def test_damaged_database():
    with service() as once:
        once()
        path = os.path.join(once.state, "history.db")
        assert os.stat(path).st_mode & 0o777 == 0o600
        with open(path, "r+b") as file:
            file.write(b"this is no database at all, is it? " * 40)
        before = open(path, "rb").read()
        expect(once(), "UNKNOWN", "state", "damaged")
        assert open(path, "rb").read() == before, "nothing is overwritten"
        os.rename(path, path + ".away")
        assert len(fates(expect(once(), "OK"))) == 1


def test_nothing_of_the_message_is_stored():
    with service("--subject=quite secret subject") as once:
        once()
        content = open(os.path.join(once.state, "history.db"), "rb").read()
        for secret in (b"secret subject", lab["USER"].encode(), lab["SENDER"].encode(), lab["IMAP_HOST"].encode()):
            assert secret not in content, secret


def test_changed_configuration_loses_nothing():
    with service() as once:
        once("--header=X-Lab-Drop: YES")
        grow_old(once, 1801)
        result = once("--submit-every=1h", recipient="USER2", user="USER2")  # another mailbox under the same name
        assert "unknown" in fates(result) and "lost" not in fates(result), result


def test_other_node():
    name = f"--service={unique()}"
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        def node(state, *more):
            return round_trip("--deferred", f"--state-dir={state}", name, "--cleanup=delete", *PATIENT, *more)

        arrived(round_trip("--deferred", f"--state-dir={one}", name, imap_password="WRONG_PASSWORD_FILE"))  # sends, cannot look
        result = node(two, "-v")  # it finds the other's probe, and leaves it alone
        assert any("another node" in line for line in result.json["details"]), result
        result = until(lambda *a: node(one, *a), landed)
        expect(result, "OK", None, "landed")
        expect(until(lambda *a: node(two, *a), landed), "OK", None, "landed")


def test_together_only_one_submits():
    with service("-v") as once:
        command = once().command  # the same again, several times at once
        time.sleep(0.1)
        command = [word for word in command if not word.startswith("--submit-every")] + ["--submit-every=0.05"]
        runs = [subprocess.Popen(command, stdout=subprocess.PIPE, env={"PATH": os.environ["PATH"]}) for _ in range(8)]
        results = [json.loads(process.communicate(timeout=60)[0]) for process in runs]
        # (eight at once on a small machine may be slow, but none of them is refused)
        assert all(fault["class"] == "threshold" for result in results for fault in result.get("faults", [])), results
        # whoever came later has seen that it was just done, or waited for nobody
        with sqlite3.connect(os.path.join(once.state, "history.db")) as database:
            rows = database.execute("SELECT accepted FROM probe ORDER BY accepted").fetchall()
        gaps = [after[0] - before[0] for before, after in zip(rows, rows[1:])]
        assert all(gap >= 0.04 for gap in gaps), gaps


def test_history_of_waiting_runs():
    with tempfile.TemporaryDirectory() as state:
        name = f"--service={unique()}"
        for _ in range(2):
            result = round_trip(f"--state-dir={state}", name)
            assert result.metrics["total"] > 0, result
        assert "p50" not in result.metrics and fates(result) == ["landed", "landed"], result
        result = round_trip(f"--state-dir={state}", name, "--header=X-Lab-Drop: YES", "--wait=1", "-w", "0.5")
        assert fates(result)[0] == "late", result
        with sqlite3.connect(os.path.join(state, "history.db")) as database:
            database.executescript("".join(
                f"INSERT INTO probe SELECT NULL, service, 'mproof' || substr('{unique()}{unique()}', 1, 34), label, route, fate, first_try - 60,"
                f" began, accepted, landed, decided, delivery, {total}, tries, copies, junk, size, verdict FROM probe WHERE id = 1;"
                for total in range(1, 41)))
        result = round_trip(f"--state-dir={state}", name, *PATIENT, "-w", "p95=20", "-c", "loss=50", "-w", "total=99")
        expect(result, "WARNING", "threshold", "p95")
        assert 18 <= result.metrics["p50"] <= 21 and 36 <= result.metrics["p95"] <= 40, result
        assert result.metrics["loss"] == 0 and result.metrics["baseline"] < 1, result


def test_history_threshold_wants_a_history():
    with tempfile.TemporaryDirectory() as state:
        os.chmod(state, 0o777)
        result = expect(round_trip(f"--state-dir={state}", "-v", *PATIENT), "OK")
        assert any("no history is kept" in line for line in result.json["details"]), result
        expect(round_trip(f"--state-dir={state}", "-c", "loss=1"), "UNKNOWN", "state")
        expect(round_trip(f"--state-dir={state}", "-c", "loss=~:", *PATIENT), "OK")


def test_history_view():
    with service() as once:
        until(once, landed)
        command = [word for word in once().command if not word.startswith(("--output", "--deferred"))]
        view = subprocess.run([*command, "--history"], capture_output=True, check=False, env={"PATH": os.environ["PATH"]})
        text = view.stdout.decode()
        assert view.returncode == 0 and view.stderr == b"", view
        assert "1 decided, 0 lost" in text and "landed" in text and "inbox" in text and "█" in text, text
        assert all(len(line) <= 80 for line in text.splitlines()), text
        empty = subprocess.run([*command, "--history", "--service=nothing-of-that-name"], capture_output=True, check=False)
        assert b"twice" in empty.stdout  # given twice: a usage error is no view
        os.chmod(once.state, 0o777)
        refused = subprocess.run([*command, "--history"], capture_output=True, check=False)
        assert refused.returncode == 3 and b"UNKNOWN" in refused.stdout, refused


def test_options():
    for options, words in ((["--wait=3"], "exclude"), (["--lost=0"], "--lost"), (["--submit-every=x"], "--submit-every"),
                           (["--window=0"], "--window")):
        expect(round_trip("--deferred", *options), "UNKNOWN", "usage", words)
    expect(round_trip("--submit-every=3"), "UNKNOWN", "usage", "without --deferred")
