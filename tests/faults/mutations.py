# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversations as no table has them: a peer that is well, of whose bytes some are changed on the way. Which and how is drawn
from a seed, which is the case's name. What holds for every case must hold; a run whose peer was not touched is OK; UNKNOWN is
never the peer's doing; and OK is only said of a message that was handed in, once."""
import collections
import random
import re
import time

import aftermath
import case
import peers
import tables
from peers import fake

WELL = tables.Step("", None, "", "")

NUMBERS = (b"0", b"-1", b"1", b"255", b"2147483647", b"2147483648", b"4294967295", b"4294967296", b"18446744073709551616",
           b"9" * 40, b"0x10", b"1e9", b"")
WORDS = (b"\r\n", b"\n", b"\r", b"\0", b"\x1b[2J", b"\xff", b"\xc3\x28", b" ", b"\t", b"(", b")", b'"', b"\\", b"<b>", b"|", b"'", b".\r\n",
         b"{3}\r\nabc", b"{0}\r\n", b"{4294967295}\r\n", b"{99999999999}\r\n", b"* BYE x\r\n", b"* 3 EXISTS\r\n", b"* 1 EXPUNGE\r\n",
         b"* 0 EXISTS\r\n", b"* SEARCH 1 2 3\r\n", b"* OK [UIDVALIDITY 7] x\r\n", b"* OK [UIDNEXT 4294967295] x\r\n", b"+ \r\n", b"+\r\n",
         b"* 1 FETCH (UID 1)\r\n", b"* 1 FETCH (UID 1 BODY[HEADER] NIL)\r\n", b"* CAPABILITY\r\n", b"* PREAUTH x\r\n", b"NIL",
         b"250 ok\r\n", b"250-", b"354 go on\r\n", b"421 bye\r\n", b"550 5.7.1 no\r\n", b"334 \r\n", b"220 x\r\n", b"-ERR x\r\n",
         b"+OK\r\n", b"+OK 1 u1\r\n", b"(" * 3000, b"a" * 9000)


def flip(draw, data):
    at = draw.randrange(len(data))
    return data[:at] + bytes([draw.randrange(256)]) + data[at + 1:]


def insert(draw, data):
    at = draw.randrange(len(data) + 1)
    return data[:at] + draw.choice(WORDS) + data[at:]


def delete(draw, data):
    at = draw.randrange(len(data))
    return data[:at] + data[at + draw.randint(1, 1 + draw.randrange(len(data))):]


def number(draw, data):
    found = list(re.finditer(rb"\d+", data))
    if not found:
        return insert(draw, data)
    one = draw.choice(found)
    return data[:one.start()] + draw.choice(NUMBERS) + data[one.end():]


def lines(draw, data):
    parts = data.splitlines(keepends=True)
    if draw.random() < 0.5:  # one twice, else another order
        parts.insert(draw.randrange(len(parts) + 1), draw.choice(parts))
    else:
        draw.shuffle(parts)
    return b"".join(parts)


def ends(draw, data):
    return data.replace(b"\r\n", draw.choice((b"\n", b"\r", b"\r\r\n", b"\r\n\r\n", b"\0\r\n")))


def letters(draw, data):
    return data.lower() if draw.random() < 0.5 else data.upper()


def shorten(draw, data):
    return data[:draw.randrange(len(data))]


CHANGES = (flip, insert, delete, number, lines, ends, letters, shorten)


def changed(draw, data):
    for _ in range(draw.choice((1, 1, 1, 2, 5))):
        data = draw.choice(CHANGES)(draw, data) or b"\n"
    return data


class Connection(fake.Connection):
    """What is sent may be changed, repeated from before, torn in two by a pause, or end the connection."""

    def __init__(self, peer, draw, *arguments):
        super().__init__(*arguments)
        self.peer, self.draw, self.before = peer, draw, b""
        self.at = draw.randrange(14)  # the answer that is changed for certain, if the conversation gets there

    def send(self, data, rate=None):
        if not data:
            return
        due, self.at = self.at == 0, self.at - 1
        if not due and self.draw.random() > 0.04:
            super().send(data, rate)
        else:
            self.peer.changed += 1
            self.send_changed(data)
        self.before = data

    def send_changed(self, data):
        kind = self.draw.random()
        if kind < 0.05:
            raise fake.Ended("cut")
        if kind < 0.12:
            super().send(self.before + data)
        elif kind < 0.18:
            super().send(data + self.before)
        elif kind < 0.24:
            at = self.draw.randrange(len(data))
            super().send(data[:at])
            time.sleep(self.draw.random())
            super().send(data[at:])
        else:
            super().send(changed(self.draw, data))


def spoil(peer, seed):
    """A listening peer that is well so far."""
    draw = random.Random(seed)
    if isinstance(peer, peers.Listener):
        peer.changed = 0
        peer.connect = lambda *arguments: Connection(peer, draw, *arguments)
    else:
        peer.alter = lambda answer: changed(draw, answer) if draw.random() < 0.5 else answer


def check_mail(mode, peer, result):
    case.demand(result.code != 3, "UNKNOWN, though it is the peer's doing", result)
    case.demand(peer.changed or result.code == 0, "nothing was changed", result)
    if mode.plugin in ("check_imap_marker", "check_dmarc_align"):
        return
    store = peer.server.store
    deadline = time.monotonic() + 2  # a peer may be a moment behind what it has said
    while result.code == 0 and store.handed_in == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    case.demand(store.handed_in <= 1, f"handed in {store.handed_in} times", result)
    case.demand(result.code != 0 or store.handed_in == 1, "OK, and nothing was handed in", result)


class Mutated(collections.namedtuple("Mutated", "name mode seed output")):
    def run(self, setting):
        with case.staged(setting, self.mode, WELL, "", self.output) as (started, run, state):
            spoil(started[0], self.seed)
            result = run()
            if self.mode.side in peers.SERVERS:
                check_mail(self.mode, started[0], result)
            if "--deferred" in self.mode.arguments:
                case.demand(len(aftermath.fates(state)) <= 1, "more probes than one are recorded", result)
            return result


def cases(first, count):
    # a changed address may be anybody's: of the look-ups only those are spoilt that lead to no connection
    modes = [mode for mode in tables.MODES if mode.side != "dns" or mode.plugin == "check_dmarc_align"]
    outputs = (None, None, None, "json")
    chosen = []
    for seed in range(first, first + count):
        turn, index = divmod(seed, len(modes))
        mode = modes[index]
        chosen.append(Mutated(f"mutation/{mode.name}/{seed}", mode, seed, outputs[turn % len(outputs)]))
    return chosen
