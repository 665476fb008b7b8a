# SPDX-License-Identifier: GPL-3.0-or-later
"""Nagios 4 with Debian's configuration and our files in it: accepted, run, state and perfdata in its status file."""
import contextlib
import os
import re
import subprocess
import time

import harness
import scratch

NAGIOS = "/usr/sbin/nagios4"


class Nagios:
    """Debian's /etc/nagios4/nagios.cfg, its paths in a scratch folder, and our objects as installed."""

    def __init__(self):
        self.directory = scratch.folder("nagios")
        self.password = scratch.secret(self.directory)
        for name in ("var/rw", "var/spool/checkresults", "var/spool/perfdata", "log/archives", "run", "conf.d"):
            os.makedirs(os.path.join(self.directory, name))
        self.main = re.sub(r"cfg_file=.*/localhost.cfg\n", "", self.moved(scratch.read("/etc/nagios4/nagios.cfg")))
        for name in ("commands.cfg", "services.cfg"):
            self.put(f"conf.d/{name}", self.installed(name))
        self.put("resource.cfg", f"$USER1$={scratch.installed('plugindir')}\n")
        self.settings({"use_syslog": 0, "check_for_updates": 0, "status_update_interval": 1, "interval_length": 1,
                       "check_result_reaper_frequency": 1})
        self.main += self.moved(self.installed("perfdata.cfg"))
        self.settings({"service_perfdata_file_processing_interval": 2})

    def moved(self, text):
        for place, name in (("/var/lib/nagios4", "var"), ("/var/log/nagios4", "log"), ("/var/run/nagios4", "run"),
                            ("/etc/nagios4/conf.d", "conf.d"), ("/etc/nagios4/resource.cfg", "resource.cfg")):
            text = text.replace(place, os.path.join(self.directory, name))
        return text

    def installed(self, name):
        return scratch.adapted(scratch.installed("pkgdatadir", "nagios", name), self.directory)

    def put(self, name, text):
        return scratch.put(os.path.join(self.directory, name), self.moved(text))

    def settings(self, values):
        for name, value in values.items():
            self.main = re.sub(rf"^{name}=.*\n", "", self.main, flags=re.M) + f"\n{name}={value}\n"

    def verify(self):
        path = self.put("nagios.cfg", self.main)
        scratch.own(self.directory)
        return subprocess.run([NAGIOS, "-v", path], capture_output=True, text=True, timeout=30, check=False)

    @contextlib.contextmanager
    def running(self):
        assert self.verify().returncode == 0
        with scratch.daemon(os.path.join(self.directory, "out"), NAGIOS, os.path.join(self.directory, "nagios.cfg")):
            yield

    def status(self, service):
        """What the status file says of a service, once it has been checked."""
        for block in re.findall(r"^servicestatus {\n(.*?)^\t}", scratch.read(self.directory + "/var/status.dat"), re.M | re.S):
            values = dict(line.strip().split("=", 1) for line in block.splitlines() if "=" in line)
            if values["service_description"] == service and values["has_been_checked"] == "1":
                return values
        return None

    def wait_for(self, service, state, seconds=40):
        last = {}

        def fits():
            nonlocal last
            last = self.status(service) or last
            return last.get("current_state") == str(harness.STATES.index(state)) and last
        try:
            return scratch.eventually(fits, seconds, f"{service} {state}")
        except AssertionError as error:
            raise AssertionError(f"{error}; last: {last}") from None

    def perfdata(self):
        folder = self.directory + "/var/spool/perfdata"
        return "".join(scratch.read(os.path.join(folder, name)) for name in sorted(os.listdir(folder)))


def labels(performance):
    return [re.sub(r"=[\d.]+", "=", item) for item in performance.split()]


def test_configuration_is_accepted_without_warnings():
    result = Nagios().verify()
    assert result.returncode == 0, result.stdout
    assert re.search(r"Total Warnings: 0\s+Total Errors: +0", result.stdout), result.stdout
    assert "Checked 2 services." in result.stdout, result.stdout


def test_state_and_perfdata():
    nagios = Nagios()
    round_trip = scratch.config(nagios.directory + "/roundtrip.conf", scratch.round_trip_options(nagios.password))
    scratch.config(nagios.directory + "/submit.conf", scratch.submit_options(nagios.password))
    direct = harness.run("check_mail_roundtrip", f"--config={round_trip}", output=None)
    state = scratch.folder("state")
    os.chmod(state, 0o700)
    scratch.config(nagios.directory + "/deferred.conf", [
        *scratch.round_trip_options(nagios.password, state=state), f"--service={harness.unique()}"])
    nagios.put("conf.d/deferred.cfg", "define service {\n    use mailproof\n    service_description deferred\n"
                                      "    check_command mail_roundtrip_deferred!deferred\n}\n")
    with nagios.running():
        status = nagios.wait_for("mail round trip", "OK")
        assert status["plugin_output"].startswith("MAIL ROUNDTRIP OK - landed in INBOX"), status
        assert labels(status["performance_data"]) == labels(direct.line.partition(" | ")[2]), status
        assert r"\nhop 1: " in status["long_plugin_output"], status
        status = nagios.wait_for("smtp submit", "OK")
        assert "accept=" in status["performance_data"], status
        scratch.eventually(lambda: "landed in " in (nagios.status("deferred") or {}).get("plugin_output", ""), 40,
                           "the deferred round trip's verdict")
        # the file that graphs are drawn from, moved away whole
        scratch.eventually(lambda: "SERVICEDESC::mail round trip" in nagios.perfdata(), 30, "perfdata in the spool folder")
        for line in nagios.perfdata().splitlines():
            # the first deferred run ends with its message in flight, without a total, or has it landed, as the moment has it
            first = "(total|submit)" if " in_flight=1" in line else "total"
            assert re.match(r"DATATYPE::SERVICEPERFDATA\tTIMET::\d+\tHOSTNAME::mail\tSERVICEDESC::[a-z ]+\t"
                            rf"SERVICEPERFDATA::{first}=[\d.]+s\S* .*\tSERVICECHECKCOMMAND::", line), line

        scratch.config(nagios.directory + "/submit.conf",
                       [*scratch.submit_options(nagios.password), f"--connect-to=127.0.0.1:{scratch.free_port()}"])
        status = nagios.wait_for("smtp submit", "CRITICAL")
        assert "connect" in status["plugin_output"].lower(), status


def test_message_that_does_not_come_ends_before_nagios_ends_it():
    """With the waiting of the shipped command cut down, the state is ours, not Nagios's time-out."""
    nagios = Nagios()
    scratch.config(nagios.directory + "/roundtrip.conf",
                   [*scratch.round_trip_options(nagios.password), "--header=X-Lab-Drop: YES"])
    scratch.config(nagios.directory + "/submit.conf", scratch.submit_options(nagios.password))
    commands = nagios.installed("commands.cfg")
    assert "--wait=40 --timeout=55" in commands
    nagios.put("conf.d/commands.cfg", commands.replace("--wait=40 --timeout=55", "--wait=4 --timeout=6"))
    nagios.settings({"service_check_timeout": 7})
    began = time.monotonic()
    with nagios.running():
        status = nagios.wait_for("mail round trip", "WARNING")
        assert time.monotonic() - began < 30 and "not" in status["plugin_output"], status
        assert "submit=" in status["performance_data"], status
