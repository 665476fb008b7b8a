# SPDX-License-Identifier: GPL-3.0-or-later
"""A seed list of two mailboxes with the same mail, the first of which has the fault."""
import os

import case
import peers


def start(setting, mode, step, fault, secret):
    started, arguments = case.start_mail(setting, mode, step, fault, secret)
    well = peers.serve("imap", started[0].server.store if step.at != "connect" else started[1].server.store,
                       {"auth": "PLAIN", "password": secret.text})
    started.append(well)
    arguments = [each for each in arguments if not each.startswith("--imap-")] + [setting.authority().replace("--", "--smtp-")]
    for label, port, tls in (("sick", started[0].port, mode.tls), ("well", well.port, "none")):
        path = os.path.join(os.path.dirname(secret.path), label)
        options = [f"label={label}", f"to={label}@dest.example", "no-junk", *(each[2:] for each in case.endpoint(mode, port, tls, secret))]
        if tls != "none":
            options.append(setting.authority()[2:])
        with open(path, "w", encoding="utf-8") as file:
            for option in options:
                name, _, value = option.partition("=")
                file.write(f'{name} = "{value}"\n' if value else f"{name}\n")
        arguments.append(f"--mailbox={path}")
    return started, arguments


case.STARTS["trip-seeds"] = start
