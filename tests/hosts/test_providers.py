# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages on providers: the plugins take each configuration file, and tell each reply as the page says."""
import json
import os
import re
import subprocess

import documents
import harness
import scratch

PAGES = ("gmail", "google-workspace", "microsoft365", "ses", "postmark-sendgrid", "fastmail", "postfix-dovecot")
STEPS = {"accept": "body"}  # what fake.py calls otherwise
REPLY = re.compile(r"^\| `([2-5]\d\d [^`]+)` \| (\w+) \| (\w+) \| .+ \|$", re.M)


def configurations(page):
    for text in documents.blocks(documents.page(page), "conf"):
        path, check = re.match(r"# (/etc/mailproof/\S+), for (check_\w+)\n", text).groups()
        yield os.path.basename(path), check, text


def service_account(path):
    """A key such as Google gives out, of nobody's."""
    key = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA"], check=True, capture_output=True, text=True).stdout
    return scratch.put(path, json.dumps({
        "type": "service_account", "private_key_id": "1", "private_key": key, "client_id": "1",
        "client_email": "probe@project.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token"}),
        "root", 0o400)


def test_configuration_files_are_taken():
    """As they stand, with secrets at hand and a resolver that nobody answers at: the first thing that fails is the DNS."""
    directory = scratch.folder("providers", "root")
    password, seen = scratch.secret(directory, user="root"), 0
    account = service_account(os.path.join(directory, "account.json"))
    for page in PAGES:
        for name, check, text in configurations(page):
            text = re.sub(r"/etc/mailproof/\w+\.(password|token|secret|key)\b", password, text)
            text = text.replace("/etc/mailproof/google.json", account)
            path = scratch.put(os.path.join(directory, name), text, "root")
            result = harness.run(check, f"--config={path}", "--resolver=127.0.0.9:9", "--timeout=1")
            assert result.code == 2 and result.fault["class"] in (
                "dns", "timeout", *(["auth_token"] if "oauth2-" in text else [])), f"{page}: {name}\n{result}"
            seen += 1
    assert seen >= 2 * len(PAGES) - 3, seen


def test_replies_are_told_as_the_pages_say():
    directory = scratch.folder("providers", "root")
    password, seen = scratch.secret(directory, user="root"), 0
    wrong, login = [], {page: ["--password-file=" + password] for page in PAGES}
    login["microsoft365"] = ["--oauth2-token-file=" + password]
    for page in PAGES:
        rows = REPLY.findall(documents.page(page))
        assert len(rows) >= 3, page
        for reply, step, fault_class in rows:
            with harness.Fake("--serve", "smtp", "--auth", "PLAIN XOAUTH2",
                              "--fault", f"{STEPS.get(step, step)}:{reply}") as port:
                result = harness.run("check_smtp_submit", "--hostname=127.0.0.1", f"--port={port}", "--tls=none",
                                     "--allow-plaintext-auth", "--username=probe@example.com", *login[page],
                                     "--from=probe@example.com", "--to=probe@example.net", "--timeout=8")
            told = result.fault.get("class")
            if told != fault_class:
                wrong.append(f"{page}: {reply}: {told}, the page says {fault_class}")
            seen += 1
    assert not wrong, "\n".join(wrong)
    assert seen > 30, seen
