# SPDX-License-Identifier: GPL-3.0-or-later
"""Icinga 2 nodes in scratch folders: certificates, configuration, the daemon, its API."""
import base64
import contextlib
import functools
import glob
import json
import os
import re
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import scratch

API_USER, API_PASSWORD = "tests", "only on loopback"
STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]


class Authority:
    """A CA for the nodes of one test."""

    def __init__(self, directory):
        self.key, self.certificate = os.path.join(directory, "ca.key"), os.path.join(directory, "ca.crt")
        openssl("req", "-x509", *EC_KEY, "-keyout", self.key, "-out", self.certificate, "-days", "2",
                "-subj", "/CN=Icinga CA")

    def issue(self, name, directory):
        os.makedirs(directory, exist_ok=True)
        path = os.path.join(directory, name)
        openssl("req", "-new", *EC_KEY, "-keyout", path + ".key", "-out", path + ".csr", "-subj", f"/CN={name}")
        scratch.put(path + ".ext", f"subjectAltName=DNS:{name}\n")
        openssl("x509", "-req", "-in", path + ".csr", "-CA", self.certificate, "-CAkey", self.key, "-days", "2",
                "-CAcreateserial", "-extfile", path + ".ext", "-out", path + ".crt")
        scratch.put(os.path.join(directory, "ca.crt"), scratch.read(self.certificate))


EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class Node:
    """One node. Files of its configuration are put into .etc before start()."""

    def __init__(self, name, authority, parent_folder, port=None):
        self.name, self.port = name, port or scratch.free_port()
        self.directory = os.path.join(parent_folder, name)
        self.etc = os.path.join(self.directory, "etc")
        for part in ("etc/zones.d", "data", "log", "cache", "spool", "run"):
            os.makedirs(os.path.join(self.directory, part))
        authority.issue(name, os.path.join(self.directory, "data/certs"))
        self.put("icinga2.conf", f"""
const PluginDir = "/usr/lib/nagios/plugins"
const PluginContribDir = "{scratch.installed("plugindir")}"
const NodeName = "{name}"
const ZoneName = NodeName
include <itl>
include <plugins>
include <plugins-contrib>
include "{scratch.installed("icinga2dir")}/*.conf"
object CheckerComponent "checker" {{ }}
object ApiListener "api" {{
  bind_host = "127.0.0.1"
  bind_port = {self.port}
  accept_config = true
  accept_commands = true
}}
object ApiUser "{API_USER}" {{
  password = "{API_PASSWORD}"
  permissions = [ "*" ]
}}
include "zones.conf"
include "conf.d/*.conf"
""")
        self.put("zones.conf", f"""
object Endpoint "{name}" {{ }}
object Zone "{name}" {{ endpoints = [ "{name}" ] }}
""")
        os.makedirs(os.path.join(self.etc, "conf.d"))

    def put(self, path, text):
        return scratch.put(os.path.join(self.etc, path), text)

    def command(self, *more):
        places = {"ConfigDir": "etc", "ZonesDir": "etc/zones.d", "DataDir": "data", "LogDir": "log", "CacheDir": "cache",
                  "SpoolDir": "spool", "InitRunDir": "run"}
        scratch.own(self.directory)
        return ["/usr/sbin/icinga2", "daemon", "-c", os.path.join(self.etc, "icinga2.conf"), *more,
                *(f"-D{name}={self.directory}/{place}" for name, place in places.items())]

    def validate(self):
        """What `icinga2 daemon -C` says."""
        process = subprocess.run(self.command("-C"), capture_output=True, text=True, timeout=60, check=False)
        assert process.returncode == 0, process.stdout + process.stderr
        return process.stdout

    @contextlib.contextmanager
    def running(self):
        with scratch.daemon(os.path.join(self.directory, "out"), *self.command("-x", "warning")) as process:
            scratch.eventually(lambda: process.poll() is not None or self.answers(), 60, f"API of node {self.name}")
            assert process.poll() is None, f"node {self.name} has ended\n{scratch.read(os.path.join(self.directory, 'out'))}"
            yield process

    def answers(self):
        with contextlib.suppress(OSError):
            return self.ask("/v1/status/IcingaApplication") is not None
        return False

    def ask(self, path, data=None):
        """The results of a request to the API; None where there is no such object."""
        headers = {"Accept": "application/json", "Authorization":
                   "Basic " + base64.b64encode(f"{API_USER}:{API_PASSWORD}".encode()).decode()}
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", headers=headers,
                                         data=None if data is None else json.dumps(data).encode())
        try:
            with urllib.request.urlopen(request, timeout=10, context=trusting()) as answer:
                return json.load(answer)["results"]
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise

    def service(self, host, name):
        """Attributes of a service, or None."""
        found = self.ask("/v1/objects/services/" + urllib.parse.quote(f"{host}!{name}", safe=""))
        return found[0]["attrs"] if found else None

    def result(self, host, name):
        """The last check result, or None."""
        service = self.service(host, name)
        return service and service["last_check_result"]

    def wait_for(self, host, name, state, pattern, seconds=60):
        """Until a service is in that state and its output matches; returns the check result."""
        last = None

        def fits():
            nonlocal last
            last = self.result(host, name)
            return last and STATES[int(last["state"])] == state and re.search(pattern, last["output"]) and last
        try:
            return scratch.eventually(fits, seconds, f"{host}!{name} {state} {pattern}")
        except AssertionError as error:
            raise AssertionError(f"{error}; last said: {last and last['output']}") from None


@functools.cache
def trusting():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def example(*path):
    """One of the installed examples, with intervals that suit a test."""
    text = scratch.read(scratch.installed("pkgdatadir", "icinga2", *path))
    assert text, path
    return re.sub(r"(check|retry)_interval = \w+", r"\1_interval = 3s", text)


def installed_commands():
    return "".join(scratch.read(path) for path in sorted(glob.glob(scratch.installed("icinga2dir", "*.conf"))))
