# SPDX-License-Identifier: GPL-3.0-or-later
"""One monitoring host that runs one service: starts the real plugin at a simulated time, and holds it to the model."""
import contextlib
import glob
import os
import signal
import sqlite3
import subprocess
import time

import harness
from model import LANDED, LOOK, RETRY, SUBMIT, UNKNOWN, Verdict
from unusual import Unusual

FAKETIME = "/usr/lib/*/faketime/libfaketimeMT.so.1"
FATES = ["sending", "deferred", "in_flight", "landed", "lost", "unknown", "bounced", "failed"]
SLACK = 0.3  # seconds between an event and the moment that its observer takes for it, on a busy machine
CLASS_OF_MODE = {"accept": None, "greylist": "greylisted", "put off": "server_storage", "refuse": "policy_rejected",
                 "busy": "server_unavailable", "cut": "connect", "down": "connect"}
ANSWER_OF_MODE = {"accept": "accepted", "greylist": "greylisted", "put off": "put off", "refuse": "refused", "busy": "put off",
                  "cut": None, "down": "failed"}


class Deviation(AssertionError):
    pass


def faketime_library():
    found = glob.glob(FAKETIME)
    assert found, "libfaketime is missing: contrib/install-packages test"
    return found[0]


class Started:
    """A run under way. Its clock begins at t0 when the process is started, and goes on in real time."""

    def __init__(self, command, t0, library):
        whole = int(t0)
        stamp = time.strftime("@%Y-%m-%d %H:%M:%S", time.gmtime(whole)) + f".{int((t0 - whole) * 1000):03d}"
        environment = {"PATH": os.environ["PATH"], "TZ": "UTC", "LD_PRELOAD": library, "FAKETIME": stamp, "NO_FAKE_STAT": "1",
                       "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        self.command, self.t0, self.began, self.result = command, t0, time.monotonic(), None
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        env=environment, close_fds=False)

    def simulated(self, instant):
        """A reading of the monotonic clock, as the run's own wall clock."""
        return self.t0 + instant - self.began

    def finish(self):
        out, err = self.process.communicate(timeout=60)
        self.ended = self.simulated(time.monotonic())
        finished = subprocess.CompletedProcess(self.command, self.process.returncode, out, err)
        self.result = harness.Run(self.command, finished, time.monotonic() - self.began)
        return self.result

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()
        self.ended = self.simulated(time.monotonic())
        for path in glob.glob(f"/dev/shm/*faketime_*_{self.process.pid}"):  # libfaketime's, left behind
            os.unlink(path)


class Node(Unusual):
    """model: what must happen; box_of_route: the user whose mailbox a configuration has."""

    Started, FATES = Started, FATES

    def __init__(self, world, name, service, state_dir, model, box_of_route, options=()):
        self.world, self.name, self.service_name, self.state_dir = world, name, service, state_dir
        self.model, self.box_of_route, self.options = model, box_of_route, list(options)
        self.relay = world.new_relay(self)
        self.fate = world.usual_fate  # () -> Deliveries of the next accepted message
        self.offset = 0  # of this host's clock
        self.route = "first"  # the configuration
        self.mailbox_mode = "up"  # "down"
        self.room = True  # in the file system of the state directory; False; or so many octets while a run is under way
        self.seen = {}  # route -> how many of its mailbox's arrivals a complete look has seen
        self.sent = {}  # marker -> deliveries of what the relay took: the script's own count
        self.runs = self.checks = self.figures_checked = 0
        self.states = [0, 0, 0, 0]

    @property
    def box(self):
        return self.world.boxes[self.box_of_route[self.route]]

    def take(self, marker, raw):
        """Called by the relay."""
        deliveries = self.fate()
        self.sent[marker] = deliveries
        now = self.running.simulated(time.monotonic()) - self.offset
        self.box.post(now, marker, raw, [delivery for delivery in deliveries if delivery.delay is not None])

    # ---- a run

    def command(self):
        rules, lab = self.model.rules, self.world.lab
        limits = [f"--{option}={name}={value}" for name, pair in (("total", (rules.warning, rules.critical)), ("loss", rules.loss), ("p95", rules.p95))
                  for option, value in zip(("warning", "critical"), pair) if value is not None]
        quiet = [f"--warning={name}=~:" for name in ("smtp_connect", "imap_connect", "imap_login", "submit", "retrieve")]  # this machine's load is not the matter
        box = self.box
        connect = [f"--smtp-connect-to=127.0.0.1:{1 if self.relay.mode == 'down' else self.relay.port}"]
        connect += ["--imap-connect-to=127.0.0.1:1"] if self.mailbox_mode == "down" else []
        return [os.path.join(harness.plugins, "check_mail_roundtrip"), "--deferred", "--output=json", f"--state-dir={self.state_dir}",
                f"--service={self.service_name}", "--smtp-hostname=127.0.0.1", "--smtp-port=25", "--smtp-tls=none",
                "--imap-hostname=127.0.0.1", f"--imap-port={lab['IMAP_PORT']}", "--imap-tls=none", "--allow-plaintext-auth",
                f"--imap-username={box.user}", f"--imap-password-file={lab['PASSWORD_FILE']}", f"--from={lab['SENDER']}",
                f"--to={box.user}", f"--lost={rules.lost}s", f"--submit-every={rules.submit_every}s",
                f"--greylist-grace={rules.grace}s", f"--window={rules.window}s", *connect, *limits, *quiet, *self.options]

    def clear_of_borders(self, now, margin=3.0):
        """A run must not begin where a verdict is just changing: it goes a little later, as on a busy host."""
        local = now + self.offset
        borders = sorted(self.model.critical_instants())
        for instant in borders:
            if abs(instant - local) < margin:
                local = instant + margin
        return local - self.offset

    def start(self, now):
        self.relay.reset()
        self.running = Started(self.command(), now + self.offset, self.world.library)
        return self.running

    def run(self, now):
        """One run from begin to end, at this time of the mail system's clock. Returns the exit code."""
        self.box.advance(now)
        model, local = self.model, now + self.offset
        if self.room is False:
            return self.run_without_room(now)
        if self.room is not True:
            return self.run_with_little_room(now)
        model.begin(local, self.route)
        plan, again = model.plan(local)
        started = self.start(now)
        result = started.finish()
        self.expect(result.code != UNKNOWN, "it could not do its work")
        submission = self.follow_submission(plan, again, started)
        self.follow_look(local)
        verdict = model.verdict(started.ended, submission, "connect" if self.mailbox_mode == "down" else None)
        self.compare(result, verdict, started)
        return result.code

    def run_without_room(self, now):
        """Nothing is sent, nothing is learnt; the mail itself is tried as far as it goes."""
        started = self.start(now)
        result = started.finish()
        mode, faults = self.relay.mode, {("state", UNKNOWN)}
        if mode not in ("accept", "cut"):
            kind = CLASS_OF_MODE[mode]
            faults.add((kind, 1 if kind == "greylisted" else 2))
        if self.mailbox_mode == "down":
            faults.add(("connect", 2))
        self.expect(not self.relay.received, "sent without a record", result)
        self.compare(result, Verdict(faults, {}), started, rows=False)
        return result.code

    def follow_submission(self, plan, again, started):
        """Tells the model what the script did to the submission. Returns the fault class."""
        mode, rows = self.relay.mode, self.recent_rows(started)
        fresh = [row for row in rows if row["marker"] not in self.model.probes]
        connected = self.relay.connections > 0 or mode == "down"
        if plan == LOOK:
            self.expect(self.relay.connections == 0 and not fresh, "submitted, though nothing was due")
            return None
        if plan == SUBMIT:
            self.expect(len(fresh) == 1, f"{len(fresh)} new probes are recorded where one was due")
        marker = again.marker if plan == RETRY else fresh[0]["marker"]
        self.expect(connected, "did not submit, though it was due")
        self.expect(self.relay.received == ([marker] if mode in ("accept", "cut") else []), f"sent {self.relay.received}, recorded {marker}")
        probe = self.model.record(marker, started.t0)
        self.model.note(probe, ANSWER_OF_MODE[mode], started.t0)
        self.adopt(probe, started)
        return CLASS_OF_MODE[mode]

    def adopt(self, probe, started):
        """The exact instants are the plugin's; that they are right to a fraction of a second is checked here."""
        row = self.row(probe.marker)
        for name in ("first_try", "began", "accepted"):
            wanted, told = getattr(probe, name), row[name]
            if name == "accepted" and probe.accepted:
                wanted = started.simulated(self.relay.accepted_at)
            elif wanted == started.t0:
                wanted = (started.t0 + min(started.ended, started.t0 + 1)) / 2
            self.expect(abs(wanted - told) <= SLACK + (started.ended - started.t0), f"{name} is {told}, by the script {wanted}")
            setattr(probe, name, told)

    def follow_look(self, local):
        """Tells the model what is there to be seen."""
        route = self.route
        seen, arrived = self.seen.get(route, 0), self.box.arrived
        messages = [] if self.mailbox_mode != "up" else [m for m in arrived[seen:] if self.world.service_of(m.marker) == self.service_name]
        if self.mailbox_mode == "up":
            self.seen[route] = len(arrived)
        for probe in self.model.look(local, self.running.ended, messages, self.mailbox_mode == "up"):
            self.adopt_total(probe)

    def adopt_total(self, probe):
        """Where the moment counts when the message was seen, that is the plugin's."""
        row = self.row(probe.marker)
        if probe.bounded and (self.room is True or row["fate"] == 3):  # without room it may not be kept: the next run finds it again
            told = row["total"]
            self.expect(abs(told - probe.total) <= SLACK + self.running.ended - self.running.t0, f"total is {told}, by the script {probe.total}")
            probe.total = told

    # ---- comparing

    def expect(self, condition, what, result=None):
        self.checks += 1
        if not condition:
            raise Deviation(f"{self.name} at {self.clock()}: {what}\n{result or self.running.result or ''}")

    def clock(self):
        return time.strftime("%d %H:%M:%S", time.gmtime(self.running.t0))

    def compare(self, result, verdict, started, rows=True):
        self.runs += 1
        self.states[result.code] += 1
        faults = {(fault["class"], fault["state"]) for fault in result.json.get("faults", [])}
        self.expect(faults == verdict.faults, f"faults {sorted(faults)}, wanted {sorted(verdict.faults)}", result)
        self.expect(result.code == verdict.state, f"state {result.code}, wanted {verdict.state}", result)
        self.expect(not verdict.first or "nothing to judge yet" in result.json["summary"], "there is nothing to judge yet", result)
        if rows:
            self.compare_metrics(result, verdict, started)
            self.compare_probes(result)

    def compare_metrics(self, result, verdict, started):
        edges = [probe.first_try + span for probe in self.model.probes.values() if probe.marker not in self.relay.received
                 for span in (0, self.model.rules.window)]
        edge = any(started.t0 - 1 < instant < started.ended + 1 for instant in edges)
        for name in ("in_flight", "in_flight_age", "total", "loss", "p50", "p95", "p99", "baseline"):
            if edge and name in ("loss", "p50", "p95", "p99", "baseline"):
                continue  # one is just leaving the window, or (the clock was set back meanwhile) entering it
            told, wanted = result.metrics.get(name), verdict.metrics.get(name)
            if wanted is None or told is None:
                self.expect(told == wanted, f"{name} is {told}, wanted {wanted}", result)
            else:
                slack = 1 + started.ended - started.t0 if name == "in_flight_age" else 2e-6 + 1e-9 * abs(wanted)
                self.expect(abs(told - wanted) <= slack, f"{name} is {told}, wanted {wanted}", result)
                self.figures_checked += name in ("loss", "p99")

    def compare_probes(self, result):
        for told in result.json["probes"]:
            probe = self.model.probes.get(told["marker"])
            self.expect(probe is not None, f"nobody knows of {told}", result)
            word = "in_flight" if told["state"] == "late" else told["state"]
            self.expect(word == probe.fate, f"{told['marker']} is {told['state']}, wanted {probe.fate}", result)

    # ---- the database

    def query(self, sql, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.state_dir}/history.db?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return database.execute(sql, values).fetchall()

    def recent_rows(self, started):
        return self.query("SELECT p.* FROM probe p JOIN service s ON s.id = p.service WHERE s.name = ? AND abs(p.first_try - ?) < 60",
                          self.service_name, started.t0)

    def row(self, marker):
        return self.query("SELECT * FROM probe WHERE marker = ?", marker)[0]

    def check_everything(self):
        """All that is stored, against the model and against what the script did: nothing more, nothing less."""
        rows = self.query("SELECT p.* FROM probe p JOIN service s ON s.id = p.service WHERE s.name = ?", self.service_name)
        self.expect({row["marker"] for row in rows} == set(self.model.probes), "the probes stored are not those of the model")
        for row in rows:
            probe = self.model.probes[row["marker"]]
            told = FATES[row["fate"]], row["copies"], row["junk"]
            self.expect(told == (probe.fate, probe.copies, int(probe.junk)), f"{told} is stored, wanted {probe}")
            self.expect(probe.fate != LANDED or abs(row["total"] - probe.total) < 1e-6, f"total {row['total']}, wanted {probe.total}")
            self.check_script(probe)

    def check_script(self, probe):
        """The fate, against nothing but what the relay took and where the script then sent it."""
        ways = self.sent.get(probe.marker)
        kinds = [way.kind for way in ways or [] if way.delay is not None]
        in_time = [way.kind for way in ways or [] if way.delay is not None and way.delay < self.model.rules.lost]
        right = {"landed": "inbox" in kinds or "junk" in kinds, "bounced": "bounce" in kinds, "lost": ways is not None and not in_time,
                 "in_flight": ways is not None, "failed": ways is None, "deferred": ways is None}
        self.expect(right.get(probe.fate, True), f"{probe} is stored, by the script {kinds}")
