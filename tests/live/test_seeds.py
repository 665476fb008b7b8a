# SPDX-License-Identifier: GPL-3.0-or-later
"""check_mail_roundtrip --mailbox: one submission, several mailboxes watched side by side."""
import contextlib
import os
import tempfile

from harness import PATIENT, expect, lab, run, smtp_login, smtp_server, trust

SEEDS = {"one": "USER", "two": "USER2", "three": "USER3", "four": "USER4"}


@contextlib.contextmanager
def files(**changes):
    """A file for each mailbox; changes: label="option=value, ..." on top, or None: not that one."""
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for label, user in SEEDS.items():
            change = changes.get(label, "")
            if change is None:
                continue
            settings = {"label": label, "to": lab[user], "hostname": lab["IMAP_HOST"], "port": lab["IMAPS_PORT"], "tls": "implicit",
                        "ca-file": lab["CA_FILE"], "username": lab[user], "password-file": lab["PASSWORD_FILE"]}
            for pair in change.split(",") if change else []:
                name, _, value = pair.strip().partition("=")
                settings[name] = value
            path = os.path.join(directory, f"{label}.conf")
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(f'{name} = "{value}"\n' for name, value in settings.items() if value)
            paths.append(f"--mailbox={path}")
        yield paths


def seeds(mailboxes, *more, state=None, **options):
    arguments = [*smtp_server(), *trust(), f"--from={lab['SENDER']}", *smtp_login(), *mailboxes, *PATIENT, *more]
    with tempfile.TemporaryDirectory() as directory:
        return run("check_mail_roundtrip", *arguments, f"--state-dir={state or directory}", **options)


def places(result):
    return {box["label"]: box["placed"] for box in result.json["mailboxes"]}


def test_all_in_the_inbox():
    with files() as boxes:
        result = expect(seeds(boxes, f"--authserv-id={lab['AUTHSERV_ID']}"), "OK", None, "all 4 in the inbox")
    assert places(result) == dict.fromkeys(SEEDS, "inbox"), result
    assert result.metrics["placed"] == 100 and result.metrics["found"] == 4, result
    totals = {label: result.metrics[f"total_{label}"] for label in SEEDS}
    assert result.metrics["total"] == max(totals.values()), result
    for box in result.json["mailboxes"]:  # each with its own
        reported = box["authentication"]["reported"]
        assert any(header["trust"] == "trusted" and header.get("dmarc", {}).get("result") == "pass" for header in reported), box
        assert box["message"]["marker"] == result.json["mailboxes"][0]["message"]["marker"]


def test_line_one():
    with files() as boxes:
        result = expect(seeds(boxes, output=None), "OK")
    assert result.metrics["placed"] == 100, result
    assert set(result.metrics) >= {"placed", "found", "total", "total_one", "total_four"}, result


def test_one_in_junk():
    # filed by Sieve in each mailbox that obeys the header: so all; one that looks for it there in its inbox' stead
    with files() as boxes:
        result = expect(seeds(boxes, "--header=X-Lab-Spam: YES"), "CRITICAL", "threshold", "placed is 0 %", "one junk", "four junk")
    assert places(result) == dict.fromkeys(SEEDS, "junk"), result
    assert result.metrics["found"] == 4, result
    with files() as boxes:
        expect(seeds(boxes, "--header=X-Lab-Spam: YES", "-w", "placed=~:", "-c", "placed=~:"), "OK", None, "one junk")


def test_not_yet_everywhere():
    with files(two="to=" + lab["BOUNCE_ADDRESS"]) as boxes:
        result = expect(seeds(boxes, "--wait=3"), "CRITICAL", "threshold", "placed is 75 %", "two not yet")
    assert places(result) == {"one": "inbox", "two": "not_yet", "three": "inbox", "four": "inbox"}, result
    assert "total_two" not in result.metrics and result.metrics["found"] == 3, result


def test_unreachable_is_not_undelivered():
    with files(three="password-file=" + lab["WRONG_PASSWORD_FILE"]) as boxes:
        result = expect(seeds(boxes), "CRITICAL", "auth_credentials", "three:", stage="login")
    assert places(result)["three"] == "unreachable", result
    assert result.metrics["placed"] == 100 and result.metrics["found"] == 3, result


def test_all_unreachable_sends_nothing():
    wrong = "password-file=" + lab["WRONG_PASSWORD_FILE"]
    with files(one=wrong, two=wrong, three=wrong, four=wrong) as boxes:
        result = expect(seeds(boxes), "CRITICAL", "auth_credentials")
    assert "placed" not in result.metrics and "submit" not in result.metrics, result


def test_refused_recipient():
    with files(four="to=" + lab["FULL_USER"]) as boxes:  # the relay takes it, the MX does not: a bounce to the sender
        expect(seeds(boxes, "--wait=2"), "CRITICAL", "threshold", "four not yet")


def test_side_by_side():
    """Three wait for what the slowest gets: wall time is that of the slowest, not the sum."""
    drop = {label: "to=" + lab["BOUNCE_ADDRESS"] for label in SEEDS}
    with files(**drop) as boxes:
        result = seeds(boxes, "--wait=3")
    assert result.seconds < 7, result


def test_deferred():
    with files() as boxes, tempfile.TemporaryDirectory() as state:
        seeds(boxes, "--deferred", state=state)
        for _ in range(10):
            result = seeds(boxes, "--deferred", state=state)
            if result.metrics.get("found") == 4:
                break
        expect(result, "OK", None, "all 4 in the inbox")
        assert result.metrics["placed"] == 100 and "submit" not in result.metrics, result
        assert {probe["mailbox"] for probe in result.json["probes"]} == set(SEEDS), result


def test_files():
    cases = [("label=Ünlaut", "label takes"), ("label=toolonglabel", "label takes"), ("label=one", "another mailbox"),
             ("to=", "to is needed"), ("wait=3", "wait is for all"), ("nonsense=1", "unknown option nonsense"),
             ("hostname=", "hostname is needed"), ("to=no address", "takes one address")]
    for change, words in cases:
        with files(two=change) as boxes:
            expect(seeds(boxes), "UNKNOWN", None, words)
    with files() as boxes:
        for option in ("--to=x@y.example", "--imap-hostname=x", "--folder=Other", "--cleanup=delete", "--protocol=pop3"):
            expect(seeds(boxes, option), "UNKNOWN", "usage", option.partition("=")[0], "exclude")
        expect(seeds([*boxes, "--mailbox=/nonexistent"]), "UNKNOWN", "config", "/nonexistent")

