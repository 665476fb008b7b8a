# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that do not go from begin to end alone: killed, overlapping, out of room in the middle."""
import copy
import time

import ballast
from model import LOOK, RETRY, SUBMIT, UNKNOWN

STATE_FAULT = ("state", UNKNOWN)


class Unusual:
    """What a Node can do besides an ordinary run. Returns None where that is not possible now."""

    # ---- killed

    def run_killed_before(self, now):
        """Between recording and sending."""
        return self.killed(now, "hold MAIL", [])

    def run_killed_after(self, now):
        """The message is sent; that it was accepted is not recorded."""
        return self.killed(now, "hold dot", None)

    def killed(self, now, mode, received):
        if not self.submits_next(now):
            return None
        self.box.advance(now)
        self.model.begin(now + self.offset, self.route)
        marker, started = self.start_held(now, mode)
        self.relay.mode = "accept"
        started.kill()
        self.relay.release()
        self.expect(self.relay.received == ([marker] if received is None else received), "killed too late")
        self.adopt(self.model.record(marker, started.t0), started)
        self.runs += 1
        return UNKNOWN  # so the host takes it

    def submits_next(self, now):
        """Whether a new probe is due, and can be sent."""
        trial = copy.deepcopy(self.model)
        trial.begin(now + self.offset, self.route)
        return trial.plan(now + self.offset)[0] == SUBMIT and self.relay.mode == "accept" and self.room is True

    def start_held(self, now, mode):
        self.relay.mode = mode
        started = self.start(now)
        self.relay.wait_held()
        rows = [row for row in self.recent_rows(started) if row["marker"] not in self.model.probes]
        self.expect(len(rows) == 1 and rows[0]["fate"] == 0, "what is being sent is not recorded as such")
        return rows[0]["marker"], started

    # ---- overlapping

    def run_together(self, now):
        """Started at the same moment: one of them submits."""
        if not self.submits_next(now) or self.mailbox_mode != "up":
            return None
        self.box.advance(now)
        self.model.begin(now + self.offset, self.route)
        self.model.plan(now + self.offset)
        self.relay.reset()
        several = [self.start_beside(now) for _ in range(4)]
        results = [started.finish() for started in several]
        self.expect(len(self.relay.received) == 1, f"{len(self.relay.received)} messages by 4 runs at once")
        probe = self.model.record(self.relay.received[0], several[0].t0)
        self.model.note(probe, "accepted", several[0].t0)
        last = max(several, key=lambda started: started.ended)
        self.adopt(probe, last)
        self.follow_look(several[0].t0)
        return self.compare_overlapping(results, self.model.verdict(last.ended), last)

    def run_overlapping(self, now):
        """One waits for the relay's reply while another begins and ends."""
        if not self.submits_next(now) or self.mailbox_mode != "up":
            return None
        self.box.advance(now)
        self.model.begin(now + self.offset, self.route)
        marker, first = self.start_held(now, "hold dot")
        self.relay.mode = "accept"
        probe = self.model.record(marker, first.t0)
        self.adopt(probe, first_so_far(first))
        second = self.start_beside(now)
        result = second.finish()
        self.expect(self.relay.connections == 1, "submitted beside another run")
        self.follow_look(second.t0)
        self.compare_overlapping([result], self.model.verdict(second.ended), second)
        self.relay.release()
        self.running = first
        result = first.finish()
        self.model.note(probe, "accepted", first.t0)
        self.adopt(probe, first)
        probe.total = max(probe.total, probe.accepted - probe.began) if probe.fate == "landed" else probe.total
        self.follow_look(first.t0)
        return self.compare_overlapping([result], self.model.verdict(first.ended), first)

    def start_beside(self, now):
        """Like start(), while the relay is busy with another run."""
        self.running = type(self).Started(self.command(), now + self.offset, self.world.library)
        return self.running

    def compare_overlapping(self, results, verdict, started):
        """Which of them found what is chance; each says the truth, and what is kept is the same."""
        known = {"not_delivered", "duplicate"}  # told by the run that finds it out; by another one or not
        for result in results:
            self.runs += 1
            self.states[result.code] += 1
            faults = {(fault["class"], fault["state"]) for fault in result.json.get("faults", [])}
            least = {fault for fault in verdict.faults if fault[0] not in known}
            self.expect(least <= faults <= verdict.faults, f"faults {sorted(faults)}, wanted {sorted(verdict.faults)}", result)
        self.running = started
        self.check_everything()
        return max(result.code for result in results)

    # ---- out of room in the middle

    def run_with_little_room(self, now):
        """A run keeps all of a step, or nothing: what it kept is what the model has after one of its steps."""
        self.box.advance(now)
        local, route = now + self.offset, self.route
        stages = [(copy.deepcopy(self.model), self.seen.get(route, 0))]
        self.model.begin(local, self.route)
        stages.append((copy.deepcopy(self.model), self.seen.get(route, 0)))
        plan, again = self.model.plan(local)
        ballast.fill(self.state_dir, self.room)
        started = self.start(now)
        result = started.finish()
        ballast.free(self.state_dir)
        told = {(fault["class"], fault["state"]) for fault in result.json.get("faults", [])}
        fresh = [row["marker"] for row in self.recent_rows(started) if row["marker"] not in self.model.probes]
        marker = again.marker if plan == RETRY else fresh[0] if fresh else None
        self.expect(set(self.relay.received) <= {marker}, "sent without a record", result)
        if plan != LOOK and marker is not None:
            probe = self.model.record(marker, started.t0)
            self.adopt_times(probe)
            stages.append((copy.deepcopy(self.model), self.seen.get(route, 0)))
            if self.relay.received:
                self.model.note(probe, "accepted", started.t0)
                self.adopt_times(probe)
                stages.append((copy.deepcopy(self.model), self.seen.get(route, 0)))
        self.follow_look(local)
        whole = STATE_FAULT not in told
        if whole:
            self.compare(result, self.model.verdict(started.ended), started)
        else:
            self.runs += 1
            self.states[result.code] += 1
            self.model, self.seen[route] = self.reached(stages + [(self.model, self.seen[route])], result)
        return result.code

    def adopt_times(self, probe):
        row = self.row(probe.marker)
        probe.first_try, probe.began, probe.accepted = row["first_try"], row["began"], row["accepted"] or probe.accepted

    def reached(self, stages, result):
        last_run = self.query("SELECT last_run FROM service WHERE name = ?", self.service_name)[0]["last_run"]
        kept = {row["marker"]: row["fate"] for row in self.query(
            "SELECT p.* FROM probe p JOIN service s ON s.id = p.service WHERE s.name = ?", self.service_name)}
        for model, seen in reversed(stages):
            if abs(model.previous - last_run) < 10 and {p.marker: type(self).FATES.index(p.fate) for p in model.probes.values()} == kept:
                return model, seen
        self.expect(False, "what is kept is not the state after any step of the run", result)
        return None


def first_so_far(started):
    started.ended = started.simulated(time.monotonic())
    return started
