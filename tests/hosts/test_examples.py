# SPDX-License-Identifier: GPL-3.0-or-later
"""The example configuration files, each run in the lab; those of the pages on providers, read by the plugins."""
import glob
import os

import documents
import harness
import scratch


def example(name):
    """An example's configuration file as the lab's."""
    directory = scratch.folder("examples", "root")
    password = scratch.secret(directory, user="root")
    text = scratch.read(scratch.installed("pkgdatadir", "examples", name + ".conf"))
    for file in ("probe.password", "receiver.password"):
        text = text.replace(f"/etc/mailproof/{file}", password)
    return scratch.put(os.path.join(directory, name + ".conf"), documents.in_the_lab(text), "root")


def round_trip(name, *more):
    return harness.expect(harness.run("check_mail_roundtrip", f"--config={example(name)}", *more), "OK")


def hops(result):
    return len(result.json["message"]["hops"])


def test_direct():
    result = round_trip("direct")
    assert "smtp_auth" not in result.metrics and "smtp_connect" in result.metrics, result


def test_forwarded_mailbox():
    direct, forwarded = round_trip("direct"), round_trip("forwarded-mailbox")
    assert hops(forwarded) > hops(direct), forwarded


def test_relay_first():
    result = round_trip("relay-first")
    assert "smtp_auth" in result.metrics and "dmarc=pass" in result.text and "trusted" in result.text, result


def test_local_mail_program():
    result = round_trip("local-mail-program")
    assert "smtp_connect" not in result.metrics and "delivery" in result.metrics, result


def test_all_remote():
    result = round_trip("all-remote")
    assert "smtp_connect" not in result.metrics and "delivery" in result.metrics, result
    assert hops(result) > hops(round_trip("local-mail-program")), result


def test_no_example_is_untried():
    found = {os.path.basename(path)[:-5] for path in glob.glob(scratch.installed("pkgdatadir", "examples", "*.conf"))}
    assert found == {"direct", "forwarded-mailbox", "relay-first", "local-mail-program", "all-remote"}, found
