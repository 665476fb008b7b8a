# SPDX-License-Identifier: GPL-3.0-or-later
"""Icinga 2, a master and two satellites, each in a zone of its own: one region fails, then both, then one is gone."""
import contextlib
import os
import subprocess

import documents
import harness
import icinga
import scratch

REGIONS = ["eu", "us"]
PROBE, ALL = "mail round trip", "mail from all regions"


def endpoint(node):
    return f'object Endpoint "{node.name}" {{\n  host = "127.0.0.1"\n  port = {node.port}\n  log_duration = 0\n}}\n'


def zone(node, parent=None):
    return (f'object Zone "{node.name}" {{\n  endpoints = [ "{node.name}" ]\n' +
            (f'  parent = "{parent}"\n' if parent else "") + "}\n")


class Regions:
    """The nodes; what the example files say goes to the master, and from there to the satellites."""

    def __init__(self):
        self.directory = scratch.folder("regions")
        self.password = scratch.secret(self.directory)
        authority = icinga.Authority(self.directory)
        self.master = icinga.Node("master", authority, self.directory)
        self.satellites = {name: icinga.Node(name, authority, self.directory) for name in REGIONS}
        shared = 'object Zone "global-templates" {\n  global = true\n}\n' + zone(self.master)
        self.master.put("zones.conf", shared + endpoint(self.master) + "".join(
            endpoint(node) + zone(node, "master") for node in self.satellites.values()))
        for name, node in self.satellites.items():
            node.put("zones.conf", shared + f'object Endpoint "master" {{ }}\n{endpoint(node)}{zone(node, "master")}')
            self.probe(name)
        self.distribute()

    def distribute(self):
        """As the page says, with the installed examples: their intervals are a test's, their paths the node's own."""
        for name in ("global-templates", "master", "region"):
            scratch.put(os.path.join(self.directory, "regions", name + ".conf"),
                        icinga.example("regions", name + ".conf").replace(
                            '"/etc/mailproof/', f'"{self.directory}/" + NodeName + "/'))
        step, = documents.blocks(documents.page("icinga2"), "sh regions")
        step = step.replace("/etc/icinga2", self.master.etc).replace(
            "/usr/share/mailproof/icinga2/regions", os.path.join(self.directory, "regions"))
        subprocess.run(["bash", "-euc", step], check=True)

    def probe(self, region, *more):
        """The configuration file of a region's probe; more options may break it."""
        scratch.config(os.path.join(self.directory, region, "roundtrip.conf"),
                       [*scratch.round_trip_options(self.password), *more])

    def unreachable(self, region):
        """From there no connection to the relay comes about."""
        self.probe(region, f"--smtp-connect-to=127.0.0.1:{scratch.free_port()}")

    def expect(self, state, pattern):
        return self.master.wait_for("mail", ALL, state, pattern, 60)


@harness.long
def test_one_region_or_all_regions():
    regions = Regions()
    with contextlib.ExitStack() as stack:
        stack.enter_context(regions.master.running())
        satellites = {name: stack.enter_context(node.running()) for name, node in regions.satellites.items()}
        works = regions.expect("OK", r"^MAIL REGIONS OK - works from eu, us *\n")
        assert works["performance_data"] == ["failing=0", "warning=0", "working=2", "silent=0"], works
        for name in REGIONS:
            result = regions.master.result(f"mail from {name}", PROBE)
            assert result["check_source"] == name and result["performance_data"], result
            regions.master.wait_for("mail", f"zone {name}", "OK", "connected")

        regions.unreachable("us")
        one = regions.expect("WARNING", r"^MAIL REGIONS WARNING - fails only from us; works from eu *\n")
        assert "us: fails; last said: MAIL ROUNDTRIP CRITICAL - " in one["output"], one
        assert one["performance_data"] == ["failing=1", "warning=0", "working=1", "silent=0"], one

        regions.unreachable("eu")
        both = regions.expect("CRITICAL", r"^MAIL REGIONS CRITICAL - fails from all regions: eu, us *\n")
        assert both["performance_data"] == ["failing=2", "warning=0", "working=0", "silent=0"], both

        regions.probe("eu")
        regions.probe("us")
        regions.expect("OK", r"^MAIL REGIONS OK - works from eu, us *\n")

        scratch.end(satellites["us"])
        gone = regions.expect("WARNING", r"- works from eu; no news from us \(not connected\) *\n")
        assert gone["performance_data"] == ["failing=0", "warning=0", "working=1", "silent=1"], gone
        regions.master.wait_for("mail", "zone us", "CRITICAL", "not connected")
        # it is still there, and still green
        assert regions.master.result("mail from us", PROBE)["state"] == 0

        regions.unreachable("eu")
        regions.expect("CRITICAL", r"- fails from all regions that are heard of: eu; no news from us \(not connected\) *\n")
        scratch.end(satellites["eu"])
        regions.expect("UNKNOWN", r"- no news from eu \(not connected\), us \(not connected\) *\n")


def test_warnings_mistakes_and_old_results():
    """What the aggregate says of regions that it cannot judge, on one node that is a region itself."""
    directory = scratch.folder("regions")
    node = icinga.Node("here", icinga.Authority(directory), directory)
    node.put("conf.d/a.conf", """
template Service "passive" {
  check_command = "passive"
  enable_active_checks = false
  check_interval = 1
  retry_interval = 1
}
object Host "mail from here" { check_command = "dummy" }
object Service "old" { import "passive", host_name = "mail from here" }
object Service "mail round trip" { import "passive", host_name = "mail from here", check_interval = 1h }
object Host "mail" { check_command = "dummy" }
template Service "regions" {
  host_name = "mail"
  check_command = "mail_regions"
  check_interval = 1
  retry_interval = 1
}
object Service "regions" { import "regions", vars.mail_regions_names = [ "here", "nowhere" ] }
object Service "old regions" { import "regions", vars.mail_regions_names = [ "here" ], vars.mail_regions_service = "old" }
object Service "other regions" { import "regions", vars.mail_regions_names = [ "here" ], vars.mail_regions_service = "other" }
object Service "no regions" { import "regions" }
""")
    with node.running():
        node.wait_for("mail", "no regions", "UNKNOWN", "no region is named")
        node.wait_for("mail", "other regions", "UNKNOWN", r"no news from here \(no such service\)")
        node.wait_for("mail", "regions", "UNKNOWN", r"no news from here \(no result yet\), nowhere \(no such zone\)")
        for state, wanted, text in ((1, "WARNING", r"- has warnings from here; no news from nowhere \(no such zone\)"),
                                    (0, "WARNING", r"- works from here; no news from nowhere"),
                                    (3, "UNKNOWN", r"no news from here \(result is UNKNOWN\)"),
                                    (2, "CRITICAL", r"fails from all regions that are heard of: here; no news from nowhere")):
            for service in ("mail round trip", "old"):
                node.ask("/v1/actions/process-check-result", {
                    "type": "Service", "filter": f'service.name=="{service}"', "exit_status": state,
                    "plugin_output": "said so"})
            node.wait_for("mail", "regions", wanted, text)
        assert "last said: said so" in node.result("mail", "regions")["output"]
        node.wait_for("mail", "old regions", "UNKNOWN", r"no news from here \(no fresh result\)")


def test_a_region_is_late():
    """A late message is a warning of its region, not a failure."""
    regions = Regions()
    regions.probe("us", "--warning=0.000001")
    with regions.master.running(), regions.satellites["eu"].running(), regions.satellites["us"].running():
        result = regions.expect("WARNING", r"- has warnings from us; works from eu *\n")
        assert harness.STATES[int(regions.master.result("mail from us", PROBE)["state"])] == "WARNING", result
