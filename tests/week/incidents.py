# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens in a week. Each incident is a generator over a stage (.world, .node, .host); it yields seconds."""
import dataclasses

from postoffice import Delivery

MINUTE, HOUR, DAY = 60, 3600, 86400


def smtp(stage, mode, seconds):
    stage.node.relay.mode = mode
    yield seconds
    stage.node.relay.mode = "accept"


def fates(stage, *lists):
    """The next probes go these ways, one after the other."""
    pending = list(lists)

    def fate():
        return pending.pop(0) if pending else stage.world.usual_fate()

    stage.node.fate = fate
    yield len(lists) * 6 * MINUTE
    stage.node.fate = stage.world.usual_fate


GONE = [Delivery(None)]


def greylisted_shortly(stage):
    yield from smtp(stage, "greylist", 9 * MINUTE)


def greylisted_beyond_the_grace(stage):
    yield from smtp(stage, "greylist", 24 * MINUTE)


def greylisted_for_good(stage):
    yield from smtp(stage, "greylist", 50 * MINUTE)


def put_off_then_unreachable(stage):
    yield from smtp(stage, "put off", 6 * MINUTE)
    yield from smtp(stage, "down", 6 * MINUTE)


def one_lost(stage):
    yield from fates(stage, GONE)


def several_lost(stage):
    yield from fates(stage, *[GONE] * 5)


def all_lost_for_long(stage):
    yield from fates(stage, *[GONE] * 10)


def no_threshold_tells(stage):
    """Nothing warns on the way, and newer ones have landed when it is known; by a host that checks every minute."""
    rules, before = stage.node.model.rules, dataclasses.replace(stage.node.model.rules)
    rules.warning = rules.critical = DAY
    stage.host.interval = MINUTE
    yield from fates(stage, GONE, [Delivery(10 * MINUTE, "bounce")], [Delivery(9 * MINUTE, "junk")])
    yield 25 * MINUTE
    rules.warning, rules.critical = before.warning, before.critical
    stage.host.interval = 5 * MINUTE


def late(stage):
    yield from fates(stage, [Delivery(8 * MINUTE)], [Delivery(20 * MINUTE)])


def arrived_after_having_been_lost(stage):
    yield from fates(stage, [Delivery(45 * MINUTE)], GONE, [Delivery(3 * HOUR)])


def arrived_twice(stage):
    yield from fates(stage, [Delivery(2), Delivery(2)], [Delivery(3), Delivery(8 * MINUTE)], [Delivery(1), Delivery(2), Delivery(HOUR)])


def late_and_twice(stage):
    yield from fates(stage, [Delivery(40 * MINUTE), Delivery(41 * MINUTE)])


def bounced(stage):
    yield from fates(stage, [Delivery(20, "bounce")])


def all_bounced(stage):
    yield from fates(stage, *[[Delivery(0, "bounce")]] * 3)


def bounced_after_having_been_lost(stage):
    yield from fates(stage, [Delivery(50 * MINUTE, "bounce")])


def in_junk(stage):
    yield from fates(stage, [Delivery(4, "junk")], [Delivery(0, "junk")])


def refused(stage):
    yield from smtp(stage, "refuse", 11 * MINUTE)


def relay_down(stage):
    yield from smtp(stage, "down", 11 * MINUTE)


def relay_busy(stage):
    yield from smtp(stage, "busy", 7 * MINUTE)


def no_reply_but_delivered(stage):
    yield from smtp(stage, "cut", 4 * MINUTE)


def no_reply_and_gone(stage):
    stage.node.fate = lambda: GONE
    yield from smtp(stage, "cut", 4 * MINUTE)
    stage.node.fate = stage.world.usual_fate


def next_run(stage, kind):
    stage.host.next = kind
    yield 6 * MINUTE


def killed_before_sending(stage):
    yield from next_run(stage, "run_killed_before")


def killed_after_sending(stage):
    yield from next_run(stage, "run_killed_after")


def started_together(stage):
    yield from next_run(stage, "run_together")


def overlapping(stage):
    """Under way while both look: else it is chance which of them sees it."""
    stage.node.fate = lambda: [Delivery(20)]
    yield from next_run(stage, "run_overlapping")
    stage.node.fate = stage.world.usual_fate


def mailbox_unreachable_for_an_hour(stage):
    stage.node.mailbox_mode = "down"
    yield from fates(stage, [Delivery(5)], GONE, [Delivery(9 * MINUTE)])
    yield HOUR - 18 * MINUTE
    stage.node.mailbox_mode = "up"


def mailbox_unreachable_shortly(stage):
    stage.node.mailbox_mode = "down"
    yield 9 * MINUTE
    stage.node.mailbox_mode = "up"


def pause(stage, seconds, *last):
    yield from fates(stage, *last)
    stage.host.on = False
    yield seconds
    stage.host.on = True
    yield 10 * MINUTE


def short_pause(stage):
    yield from pause(stage, 20 * MINUTE, [Delivery(4)])


def gap(stage):
    yield from pause(stage, 3 * HOUR, GONE, [Delivery(10 * MINUTE)], [Delivery(5 * HOUR)])


def gap_of_a_day(stage):
    yield from pause(stage, DAY, GONE, [Delivery(10 * MINUTE)], [Delivery(DAY + HOUR)])


def clock_jumps(stage, offset, seconds):
    yield from fates(stage, [Delivery(3)], [Delivery(30 * MINUTE)])
    stage.node.offset = offset
    yield seconds
    stage.node.offset = 0
    yield 20 * MINUTE


def clock_an_hour_ahead(stage):
    yield from clock_jumps(stage, HOUR, 35 * MINUTE)


def clock_an_hour_behind(stage):
    yield from clock_jumps(stage, -HOUR, 35 * MINUTE)


def clock_a_day_ahead(stage):
    yield from clock_jumps(stage, DAY, 35 * MINUTE)


def clock_a_day_behind(stage):
    yield from clock_jumps(stage, -DAY, 35 * MINUTE)


def another_configuration(stage):
    yield from fates(stage, [Delivery(30 * MINUTE)], GONE)
    stage.node.route = "second"
    yield HOUR
    stage.node.route = "first"
    yield 20 * MINUTE


def another_node(stage):
    """It runs the same service with an empty state, for an hour beside the first one, then instead of it. Both clean up, and
    neither takes away what the other has not found yet."""
    host = stage.second_host()
    yield HOUR
    stage.host.on = False
    yield HOUR
    stage.host.on, host.over = True, True
    yield 20 * MINUTE


def other_thresholds(stage):
    """They are no other configuration: nothing is forgotten."""
    rules, before = stage.node.model.rules, stage.node.model.rules.warning
    rules.warning = 30
    yield from fates(stage, [Delivery(100)], [Delivery(35)])
    rules.warning = before


def no_room(stage, seconds):
    stage.fill()
    yield seconds
    stage.free()
    yield 10 * MINUTE


def no_room_shortly(stage):
    yield from no_room(stage, 12 * MINUTE)


def no_room_for_hours(stage):
    yield from no_room(stage, 2 * HOUR)


def little_room(stage):
    """Somewhere in a run it ends."""
    for kilobytes in (4, 8, 12, 16, 20, 24, 32, 40):
        stage.fill(leave=kilobytes * 1024)
        yield 6 * MINUTE
        stage.free()
    yield 10 * MINUTE


COMMON = [greylisted_shortly, greylisted_beyond_the_grace, greylisted_for_good, put_off_then_unreachable, one_lost, several_lost,
          all_lost_for_long, no_threshold_tells, late, arrived_after_having_been_lost, arrived_twice, late_and_twice, bounced, all_bounced,
          bounced_after_having_been_lost, in_junk, refused, relay_down, relay_busy, no_reply_but_delivered, no_reply_and_gone,
          killed_before_sending, killed_after_sending, started_together, overlapping, mailbox_unreachable_for_an_hour,
          mailbox_unreachable_shortly, short_pause, gap, clock_an_hour_ahead, clock_an_hour_behind, clock_a_day_ahead,
          clock_a_day_behind, another_configuration, another_node, other_thresholds]
ONCE = [gap_of_a_day]  # it takes long
FULL = [no_room_shortly, no_room_for_hours, little_room]
