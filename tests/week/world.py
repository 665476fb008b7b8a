# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated time: what the hosts do and when, and what is going on meanwhile."""
import heapq
import itertools
import random

import node
from model import CRITICAL, OK, UNKNOWN
from postoffice import Delivery, PostOffice
from relay import Relay

START = 1772409600  # a Monday, 00:00 UTC
DAY = 86400


class World:
    """Times are those of the mail system."""

    def __init__(self, lab, secret, seed, users):
        self.lab, self.random = lab, random.Random(seed)
        self.library = node.faketime_library()
        self.boxes = {user: PostOffice(lab, lab[user], secret) for user in users}
        self.nodes, self.hosts = [], []
        self.now = START
        self.events, self.numbers = [], itertools.count()
        self.services = {}  # marker -> name

    def new_relay(self, sender):
        def take(marker, raw):
            self.services[marker] = sender.service_name
            sender.take(marker, raw)

        return Relay(take)

    def service_of(self, marker):
        return self.services.get(marker)

    def usual_fate(self):
        """A mail system in good health: some at once, most within seconds, a few within two minutes."""
        choice = self.random.random()
        if choice < 0.15:
            return [Delivery(0)]
        return [Delivery(1 + min(self.random.expovariate(1 / (6 if choice < 0.9 else 40)), 119))]

    def unlucky_fate(self):
        """Some never come, come late, come back or lie in junk."""
        choice = self.random.random()
        if choice < 0.8:
            return self.usual_fate()
        minutes = self.random.uniform(5, 90)
        ways = [Delivery(None), Delivery(60 * minutes), Delivery(180 * 60), Delivery(60 * minutes, "bounce"), Delivery(60 * minutes, "junk")]
        return [self.random.choice(ways)]

    # ---- events

    def at(self, instant, function):
        heapq.heappush(self.events, (instant, next(self.numbers), function))

    def until(self, end):
        while self.events and self.events[0][0] < end:
            instant, _, function = heapq.heappop(self.events)
            self.now = max(self.now, instant)
            function()
        self.now = end

    def check_everything(self):
        for one in self.nodes:
            one.check_everything()

    def close(self):
        for one in self.nodes:
            one.relay.close()
        for box in self.boxes.values():
            box.close()


class Host:
    """Checks a service as Icinga does: every interval; three times in a row, 30 s apart, before a bad state is hard."""

    ATTEMPTS, RETRY_S = 3, 30

    def __init__(self, world, checked, interval, offset=0):
        self.world, self.node, self.interval = world, checked, interval
        self.attempt, self.on, self.over = 0, True, False
        self.next = "run"  # what kind of run comes next: a method of the node
        self.untold = {}  # bad news -> checks since it was found out
        self.told = set()  # those that somebody was told of, by a hard state as bad
        self.offset = 0  # of the clock, at the last check
        world.hosts.append(self)
        world.nodes.append(checked)
        world.at(world.now + offset, self.check)

    def check(self):
        world = self.world
        if self.over:
            return
        if not self.on:
            self.untold = {}  # nobody asks
            world.at(world.now + 10, self.check)
            return
        now = self.node.clear_of_borders(world.now)
        if now > world.now + 0.5:
            world.at(now, self.check)
            return
        kind, self.next = self.next, "run"
        code = getattr(self.node, kind)(now)
        if code is None:  # that kind of run was not possible here
            self.next = kind
            code = self.node.run(now)
        self.attempt = 0 if code == OK else self.attempt + 1
        self.follow_bad_news(code)
        soon = 0 < self.attempt < self.ATTEMPTS
        world.at(now + (self.RETRY_S if soon else self.interval + world.random.uniform(-8, 8)), self.check)

    def follow_bad_news(self, code):
        """Each loss, each bounce, each message in junk and each that came twice must be told to somebody: the third check
        since it was found out finds a hard state as bad, if none did before. Not where a run was killed or had no room, and
        not of what is bad news no more: the clock or the configuration is another one, or the message came after all."""
        model, local = self.node.model, self.world.now + self.node.offset
        if code == UNKNOWN or self.node.offset != self.offset:
            self.untold, self.offset = {}, self.node.offset
            return
        known = (model.bad_news(local) | set(self.untold)) & model.bad(local)
        self.untold = {one: self.untold.get(one, 0) + 1 for one in known - self.told}
        if code != OK and self.attempt >= self.ATTEMPTS:
            told = {one for one in self.untold if code == CRITICAL or one[1] == "duplicate"}
            self.told |= told
            self.untold = {one: checks for one, checks in self.untold.items() if one not in told}
        overdue = [one for one, checks in self.untold.items() if checks >= self.ATTEMPTS]
        self.node.expect(not overdue, f"nobody is told of {overdue}")
