# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deferred run must say and keep, worked out anew from the contract: not from the plugin's code, and without its
database. All times are seconds since the epoch by the monitoring host's clock."""
import dataclasses
import math

OK, WARNING, CRITICAL, UNKNOWN = range(4)
GRAVITY = [OK, WARNING, UNKNOWN, CRITICAL]

SENDING, DEFERRED, IN_FLIGHT, LANDED, LOST, GIVEN_UP, BOUNCED, FAILED = (
    "sending", "deferred", "in_flight", "landed", "lost", "unknown", "bounced", "failed")
UNDECIDED = (SENDING, DEFERRED, IN_FLIGHT)
DECIDED = (LANDED, LOST, BOUNCED)

SUBMIT, RETRY, LOOK = "submit", "retry", "look"
SAMPLES_LEAST = 20


@dataclasses.dataclass
class Rules:
    """The options of a service; seconds, per cent."""
    submit_every: float = 240
    lost: float = 1800
    grace: float = 900
    window: float = 86400
    warning: float = 400  # of total
    critical: float = 900
    loss: tuple = (None, None)
    p95: tuple = (None, None)
    memory: float = 2 * 86400  # what is decided and older than that is out of view


@dataclasses.dataclass
class Probe:
    marker: str
    route: str
    first_try: float
    began: float
    accepted: float = 0
    fate: str = SENDING
    total: float = None
    copies: int = 0
    tries: int = 1
    junk: bool = False
    decided: float = 0  # when its fate was found out
    greylisted: bool = False  # its latest refusal
    bounded: bool = False  # it came hardly before it was seen, or even after: its total is when it was seen, at most
    lasting: dict = dataclasses.field(default_factory=dict)  # class -> state, until a newer one is decided


@dataclasses.dataclass
class Message:
    """In a mailbox."""
    marker: str
    date: int  # INTERNALDATE
    bounce: bool = False
    junk: bool = False


@dataclasses.dataclass
class Verdict:
    faults: set  # of (class, state)
    metrics: dict
    first: bool = False

    @property
    def state(self):
        return max((state for _, state in self.faults), key=GRAVITY.index, default=OK)


def worse(value, limits):
    """The state of a value above its limits."""
    if value is None:
        return OK
    return CRITICAL if limits[1] is not None and value > limits[1] else WARNING if limits[0] is not None and value > limits[0] else OK


def nearest_rank(values, percent):
    return sorted(values)[max(math.ceil(len(values) * percent / 100), 1) - 1]


class Service:
    """One service on one node, with one state directory."""

    def __init__(self, rules):
        self.rules = rules
        self.probes = {}  # by marker, in the order of their first try
        self.previous = 0
        self.route = "first"
        self.borders = []  # instants at which the verdict changes; a run too close to one tells nothing

    # ---- the phases of a run

    def begin(self, now, route=None):
        self.route = route or self.route
        gap = self.previous and (now < self.previous - 60 or now - self.previous > self.rules.lost)
        self.previous = now
        self.known = {probe.marker for probe in self.probes.values() if self.in_view(probe, now)}
        if gap:
            for probe in self.probes.values():
                if probe.fate in UNDECIDED:
                    probe.fate = FAILED if probe.fate == DEFERRED else GIVEN_UP
        return bool(gap)

    def plan(self, now):
        """What this run submits: (what, the probe that is tried again)."""
        for probe in self.probes.values():
            if probe.fate == DEFERRED and probe.route == self.route:
                if now - probe.first_try <= self.rules.lost:
                    return RETRY, probe
        accepted = [probe.accepted for probe in self.own_all(now) if probe.accepted]
        # one from the future: the clock was set back
        return (LOOK if accepted and -60 <= now - accepted[-1] < self.rules.submit_every else SUBMIT), None

    def record(self, marker, now):
        """Before the submission."""
        if marker in self.probes:
            self.probes[marker].tries += 1
            self.probes[marker].began = now
            self.probes[marker].fate = SENDING
        else:
            self.probes[marker] = Probe(marker, self.route, now, now)
            self.known.add(marker)
        return self.probes[marker]

    def note(self, probe, answer, now):
        """What the relay said: "accepted", "greylisted", "put off" (another 4xx), "refused" (5xx), "failed" (nothing came
        so far), or None: no final reply."""
        probe.greylisted = answer == "greylisted" or (probe.greylisted and answer == "failed")
        if answer == "accepted":
            probe.accepted = now
            if probe.fate != LANDED:  # a run beside this one may have seen it land before the relay's reply was noted
                probe.fate = IN_FLIGHT
        elif answer in ("greylisted", "put off") or (answer == "failed" and probe.tries > 1):
            probe.fate = DEFERRED
        elif answer is not None:
            probe.fate = FAILED

    def look(self, began, seen, messages, complete):
        """messages: of this service, in the mailbox since the last complete look; seen: when. Returns the probes that came."""
        came = {}
        for message in messages:
            probe = self.probes.get(message.marker) if message.marker in self.known else None
            if probe is None or (message.bounce and probe.fate in (LANDED, BOUNCED)):
                continue
            if message.bounce:
                probe.fate, probe.decided = BOUNCED, seen
            elif probe.fate == LANDED:
                probe.copies += 1
                probe.decided = seen
            elif probe.fate not in (BOUNCED, FAILED):
                self.land(probe, message, seen)
                came[probe.marker] = probe
            if probe.fate == LANDED:
                self.lasting(probe)
        self.overdue(began, seen, complete)
        return list(came.values())

    @staticmethod
    def land(probe, message, seen):
        """What took longer than until it was seen did not: the clock has been set meanwhile."""
        probe.fate, probe.copies, probe.junk, probe.decided = LANDED, 1, message.junk, seen
        submitted = probe.accepted or probe.began
        took = max(message.date - submitted, 0)
        probe.bounded = 0 <= seen - submitted < took + 1
        probe.total = (min(seen - submitted, took) if probe.bounded else took) + submitted - probe.began

    @staticmethod
    def lasting(probe):
        if probe.junk:
            probe.lasting["spam_placed"] = CRITICAL
        if probe.copies > 1:
            probe.lasting["duplicate"] = WARNING

    def overdue(self, began, seen, complete):
        """Only what was accepted, and sought everywhere, is lost."""
        for probe in self.probes.values():
            since = {SENDING: probe.began, DEFERRED: probe.first_try, IN_FLIGHT: probe.accepted}.get(probe.fate)
            if since is None or began - since <= self.rules.lost:
                continue
            if probe.fate == DEFERRED:
                probe.fate = FAILED
            elif probe.fate == SENDING or probe.route != self.route:
                probe.fate = GIVEN_UP
            elif complete:
                probe.fate, probe.decided = LOST, seen

    # ---- the verdict

    def own_all(self, now):
        """Of this route, in the order of sending, whatever the clocks said."""
        return [probe for probe in self.probes.values() if self.in_view(probe, now) and probe.route == self.route]

    def in_view(self, probe, now):
        return probe.fate in UNDECIDED or probe.first_try >= now - self.rules.memory

    def own(self, now, *fates):
        return [probe for probe in self.own_all(now) if probe.fate in fates]

    def greylisted_since(self, now):
        """The first of the submissions in a row, up to now, that were put off by greylisting."""
        since = None
        for probe in reversed(self.own_all(now)):
            if probe.accepted:
                break
            if probe.greylisted:
                since = probe.first_try
        return since

    def verdict(self, now, submission=None, look=None):
        """submission: fault class of a submission that failed; look: of a look that failed."""
        faults, metrics, rules = set(), {}, self.rules
        if submission == "greylisted":
            since = self.greylisted_since(now)
            faults.add((submission, CRITICAL if since is not None and now - since > rules.grace else WARNING))
        elif submission:
            faults.add((submission, CRITICAL))
        if look:
            faults.add((look, CRITICAL))
        decided = self.own(now, *DECIDED)
        newest = decided[-1] if decided else None
        if newest is not None:
            self.judge_newest(newest, faults, metrics)
        self.judge_flying(now, faults, metrics)
        faults |= {(fault, WARNING if fault == "duplicate" else CRITICAL) for _, fault in self.bad_news(now)}
        self.judge_figures(now, newest, faults, metrics)
        return Verdict(faults, metrics, first=newest is None)

    def bad(self, now):
        """(marker, class of fault) of each loss, each bounce, each message in junk and each that came more than once."""
        classes = {LOST: "not_delivered", BOUNCED: "bounced"}
        return ({(probe.marker, classes[probe.fate]) for probe in self.own(now, LOST, BOUNCED)} |
                {(probe.marker, fault) for probe in self.own(now, LANDED) for fault in probe.lasting})

    def bad_news(self, now):
        """Those that were found out so lately that a host only re-checks."""
        return {one for one in self.bad(now) if -60 <= now - self.probes[one[0]].decided < self.rules.submit_every}

    def judge_newest(self, newest, faults, metrics):
        if newest.fate == LOST:
            faults.add(("not_delivered", CRITICAL))
        elif newest.fate == BOUNCED:
            faults.add(("bounced", CRITICAL))
        else:
            metrics["total"] = newest.total
            faults |= set(newest.lasting.items())
            late = worse(newest.total, (self.rules.warning, self.rules.critical))
            if late:
                faults.add(("threshold", late))

    def judge_flying(self, now, faults, metrics):
        flying = self.own(now, IN_FLIGHT)
        metrics["in_flight"] = len(flying)
        if not flying:
            return
        waited = now - min(probe.accepted for probe in flying)
        metrics["in_flight_age"] = waited
        late = worse(waited, (self.rules.warning, self.rules.critical))
        if late == CRITICAL and not self.own(now, LANDED) and waited <= self.rules.grace:
            faults.add(("greylisted", WARNING))
        elif late:
            faults.add(("not_delivered" if late == CRITICAL else "late", late))

    def figures(self, now):
        """(lost, totals of what landed) over the window."""
        inside = [probe for probe in self.probes.values() if now - self.rules.window < probe.first_try <= now]
        return sum(probe.fate == LOST for probe in inside), [probe.total for probe in inside if probe.fate == LANDED]

    def judge_figures(self, now, newest, faults, metrics):
        lost, totals = self.figures(now)
        if lost + len(totals) >= SAMPLES_LEAST:
            metrics["loss"] = 100 * lost / (lost + len(totals))
        if len(totals) >= SAMPLES_LEAST:
            for percent in (50, 95, 99):
                metrics[f"p{percent}"] = nearest_rank(totals, percent)
            if newest is not None and newest.fate == LANDED and metrics["p50"] > 0:
                metrics["baseline"] = newest.total / metrics["p50"]
        for name, limits in (("loss", self.rules.loss), ("p95", self.rules.p95)):
            state = worse(metrics.get(name), limits)
            if state:
                faults.add(("threshold", state))

    # ---- for the script: when a verdict changes

    def critical_instants(self):
        rules = self.rules
        for probe in self.probes.values():
            if probe.fate == IN_FLIGHT:
                yield from (probe.accepted + span for span in (rules.warning, rules.critical, rules.lost, rules.grace))
            elif probe.fate in UNDECIDED:
                yield from (probe.began + rules.lost, probe.first_try + rules.lost, probe.first_try + rules.grace)
            if probe.fate != FAILED:
                yield probe.began + rules.submit_every
            if probe.fate in (LOST, BOUNCED) or probe.lasting:
                yield probe.decided + rules.submit_every
        since = self.greylisted_since(math.inf)
        if since is not None:
            yield since + rules.grace
        yield self.previous + rules.lost
