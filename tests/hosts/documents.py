# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages and examples say, made true in the lab: their names, ports and files become the lab's."""
import os
import re

import harness
import scratch

# No page names other hosts, addresses or secrets for its steps.
NAMES = {"smtp.example.com": "SMTP_HOST", "imap.example.net": "IMAP_HOST", "mx.example.net": "AUTHSERV_ID",
         "probe@example.com": "SENDER", "probe@example.net": "USER", "probe@example.org": "FORWARD_ADDRESS"}
DOMAINS = {"example.net": ("USER", "MX_PORT"), "example.org": ("FORWARD_ADDRESS", "FORWARDER_PORT")}
PORTS = {"smtp-port": {"587": "SUBMISSION_PORT"}, "imap-port": {"993": "IMAPS_PORT", "995": "POP3S_PORT", "143": "IMAP_PORT"},
         "port": {"587": "SUBMISSION_PORT"}}


def in_the_lab(text):
    """A configuration file's text with the lab's names and ports, and what the lab needs beside them."""
    lab, lines = harness.lab, []
    for name, variable in NAMES.items():
        text = text.replace(name, lab[variable])
    for line in text.splitlines():
        name, _, value = (part.strip(' "') for part in line.partition("="))
        if name in PORTS:
            variable = PORTS[name][value]
            line = f"{name} = {lab[variable]}"
            if variable in ("IMAPS_PORT", "POP3S_PORT"):
                lines.append("imap-tls = implicit")
        elif name == "mx":
            address, port = DOMAINS[value]
            line = f'mx = "{lab[address].partition("@")[2]}"\nsmtp-port = {lab[port]}'
        elif name == "sendmail":
            line = f'sendmail = "{lab["SENDMAIL"]}"'
        lines.append(line)
    return "\n".join(lines) + f'\nca-file = "{lab["CA_FILE"]}"\nresolver = "{lab["RESOLVER"]}"\n'


def page(name):
    return scratch.read(os.path.join(scratch.SOURCE, "contrib/doc", name + ".md"))


def blocks(text, kind):
    """The fenced blocks of a page with just that info string."""
    return re.findall(rf"^```{re.escape(kind)}\n(.*?)^```$", text, re.M | re.S)
