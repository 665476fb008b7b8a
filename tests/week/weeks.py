# SPDX-License-Identifier: GPL-3.0-or-later
"""The weeks: who runs what, and which incidents happen when."""
import os
import subprocess
import tempfile

import harness
import incidents
import world as simulation
from ballast import fill, free
from model import Rules, Service
from node import Node

HOUR, DAY = 3600, 86400
INTERVAL = 300


class Stage:
    """What an incident acts upon."""

    def __init__(self, world, node, host, scratch):
        self.world, self.node, self.host, self.scratch = world, node, host, scratch

    def second_host(self):
        first = self.node
        directory = tempfile.mkdtemp(dir=self.scratch)
        node = Node(self.world, "satellite", first.service_name, directory, Service(first.model.rules), first.box_of_route, first.options)
        return simulation.Host(self.world, node, INTERVAL, offset=130)

    def fill(self, leave=0):
        """Until nothing fits any more, but for so many octets: then only while a run is under way, since a reader
        of the database needs room, too."""
        self.node.room = leave or False
        if not leave:
            fill(self.scratch)

    def free(self):
        if self.node.room is False:
            free(self.scratch)
        self.node.room = True


def new_world(seed, users):
    return simulation.World(harness.lab, harness.read_password(), seed, users)


def in_turn(stage, chosen, once, end, options):
    """One incident after the other, in an order of chance, with a pause of chance; again and again until the end."""
    world = stage.world

    def shuffled(incidents):
        some = [incident for incident in incidents if options.k in incident.__name__]
        return world.random.sample(some, len(some))

    order = shuffled(chosen + once)
    while world.now < end or order:
        order = order or shuffled(chosen)
        incident = order.pop()
        began, before = world.now, stage.node.runs
        for pause in incident(stage):
            world.until(world.now + pause)
        world.until(world.now + world.random.uniform(0, 25 * 60))
        world.check_everything()
        if options.v:
            print(f"{stage.node.name}: {incident.__name__}: {stage.node.runs - before} runs, {(world.now - began) / 60:.0f} min", flush=True)


def tell(world):
    """The size of what was done."""
    parts = []
    for one in world.nodes:
        fates = [probe.fate for probe in one.model.probes.values()]
        count = ", ".join(f"{fates.count(fate)} {fate}" for fate in sorted(set(fates), key=fates.count, reverse=True))
        parts.append(f"{one.name}: {one.runs} runs ({'/'.join(map(str, one.states))} OK/WARNING/CRITICAL/UNKNOWN), probes {count}")
    told = sum(len(host.told) for host in world.hosts)
    checks, figures = sum(one.checks for one in world.nodes), sum(one.figures_checked for one in world.nodes)
    parts.append(f"{told} times told of bad news; {checks} checks, {figures} of loss or p99; {(world.now - simulation.START) / DAY:.1f} days")
    return "; ".join(parts)


def play(stage, chosen, once, options):
    """Healthy hours first, so that there are enough samples; then the incidents."""
    world = stage.world
    world.until(world.now + 2 * HOUR)
    in_turn(stage, chosen, [] if options.fast else once, world.now + (1 if options.fast else 7 * DAY), options)
    world.until(world.now + HOUR)
    world.check_everything()
    told = tell(world)
    world.close()
    return told


def week_of_incidents(directory, options):
    """Two services in one mailbox and one state directory. The incidents are the first one's; the second one's mail has its
    own bad luck, and no threshold: what is told of it is not told because of something else."""
    world = new_world(options.seed, ["USER", "USER2"])
    state = os.path.join(directory, "state")
    os.mkdir(state, 0o700)
    boxes, clean = {"first": "USER", "second": "USER2"}, ["--cleanup=delete"]
    node = Node(world, "main", "main", state, Service(Rules(loss=(4, 20), p95=(120, None))), boxes, clean)
    host = simulation.Host(world, node, INTERVAL)
    beside = Node(world, "other", "other", state, Service(Rules(lost=7200, warning=DAY, critical=DAY)), boxes, clean)
    beside.fate = world.unlucky_fate
    simulation.Host(world, beside, 900, offset=75)
    return play(Stage(world, node, host, directory), incidents.COMMON, incidents.ONCE, options)


def week_without_room(directory, options):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "mailproof-week", directory], check=True)
    world = new_world(options.seed + 1, ["USER3"])
    node = Node(world, "full", "full", directory, Service(Rules()), {"first": "USER3"})
    host = simulation.Host(world, node, INTERVAL)
    return play(Stage(world, node, host, directory), incidents.FULL, [], options)


ALL = {"incidents": week_of_incidents, "without room": week_without_room}
