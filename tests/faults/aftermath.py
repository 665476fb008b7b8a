# SPDX-License-Identifier: GPL-3.0-or-later
"""What a faulty run of --deferred leaves behind: a history that can be read, that knows what was sent, and with which the next
run, among servers that are well again, comes to a good end."""
import contextlib
import os
import sqlite3

SENDING, DEFERRED, IN_FLIGHT, LANDED, FAILED = 0, 1, 2, 3, 7  # common/history/history.h


def fates(state):
    with contextlib.closing(sqlite3.connect(os.path.join(state, "history.db"))) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [fate for fate, in database.execute("SELECT fate FROM probe ORDER BY id")]


def heal(peer):
    """False: there is nobody who could be well."""
    if not hasattr(peer, "server"):
        return False
    peer.server.faults.clear()
    return True


def check(started, state, fault, run, demand, result):
    before = fates(state)
    demand(len(before) == 1 and before[0] in (SENDING, DEFERRED, IN_FLIGHT, LANDED, FAILED), f"recorded: {before}", result)
    if fault.startswith("cert-") or not heal(started[0]):
        return
    again = run()
    after = fates(state)
    demand(again.code == 0, f"the run after it, among servers that are well\n{again}", result)
    demand(LANDED in after and set(after) <= {SENDING, LANDED, FAILED}, f"recorded then: {after}\n{again}", result)
