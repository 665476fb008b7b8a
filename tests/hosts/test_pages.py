# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages on hosts, step by step: their blocks are run, with the scratch folder's paths and the lab's names."""
import contextlib
import glob
import os
import re
import shutil
import subprocess
import time

import documents
import harness
import scratch

CHECKS = "smtp_submit|imap_marker|mail_roundtrip|dmarc_align"


class Page:
    """A page's steps. Systems that a step starts with systemctl are started by the test between the steps."""

    def __init__(self, name, moved, functions="", user=scratch.USER):
        self.text = documents.page(name)
        self.root = scratch.folder(name)
        self.moved = ["/etc/mailproof", "/var/lib/mailproof", "/usr/share/mailproof", *moved]
        for path in moved:
            os.makedirs(self.root + path)
        self.functions = functions
        self.user = user
        # our own files look into the same places as the page
        shutil.copytree(scratch.installed("pkgdatadir"), self.root + "/usr/share/mailproof")
        for path in glob.glob(self.root + "/usr/share/mailproof/**/*.c*f*g*", recursive=True):
            self.adapt(path)

    def here(self, text):
        """The text with its paths in the scratch folder, its names and passwords the lab's."""
        text = re.sub(r"^printf '%s\\n' '[^']*' >", f"cat {harness.lab['PASSWORD_FILE']} >", text, flags=re.M)
        text = re.sub(r"^(cat >/etc/mailproof/\S+ <<'END'\n)(.*?)^(END)$", self.in_the_lab, text, flags=re.M | re.S)
        text = re.sub(rf"(?<![\w/])(/usr/lib/nagios/plugins|{scratch.variable('plugindir')})/(?=check_({CHECKS})\b)",
                      scratch.installed("plugindir", ""), text)
        for path in self.moved:
            text = re.sub(rf"(?<![\w/]){path}(?![\w.])", self.root + path, text)
        return text

    def adapt(self, path):
        scratch.put(path, self.here(scratch.read(path)))

    def in_the_lab(self, match):
        state = f'state-dir = "/var/lib/mailproof/{self.user}"\n'
        return match.group(1) + documents.in_the_lab(match.group(2)) + state + match.group(3)

    def steps(self):
        return [self.here(block) for block in documents.blocks(self.text, "sh")]

    def run(self, step):
        process = subprocess.run(["bash", "-euc", self.functions + "\n" + step], stdin=subprocess.DEVNULL, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
        return process.returncode, process.stdout

    def follow(self, steps):
        for step in steps:
            code, said = self.run(step)
            assert code == 0, f"{step}\n-> {code}\n{said}"

    def until_green(self, step, seconds=100):
        last = ""

        def green():
            nonlocal last
            last = self.run(step)[1]
            return re.search("SMTP SUBMIT OK - ", last) and re.search("MAIL ROUNDTRIP OK - .*landed in ", last)
        try:
            scratch.eventually(green, seconds, "green services", 0.5)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{last}") from None


def debian(path, to):
    """A copy of what Debian's package has put below /etc."""
    shutil.copytree(path, to + path, dirs_exist_ok=True, symlinks=True)


@harness.long
def test_icinga_page():
    port, began = scratch.free_port(), time.monotonic()
    page = Page("icinga2", ["/etc/icinga2", "/var/lib/icinga2", "/var/log/icinga2", "/var/cache/icinga2",
                            "/var/spool/icinga2", "/var/run/icinga2"])
    debian("/etc/icinga2", page.root)
    constants = page.root + "/etc/icinga2/constants.conf"
    scratch.put(constants, scratch.read(constants).replace(
        'PluginContribDir = "/usr/lib/nagios/plugins"', f'PluginContribDir = "{scratch.installed("plugindir")}"'))
    main = page.root + "/etc/icinga2/icinga2.conf"
    scratch.put(main, scratch.read(main) + f'\ninclude "{scratch.installed("icinga2dir")}/*.conf"\n')
    api = page.root + "/etc/icinga2/features-available/api.conf"
    scratch.put(api, scratch.read(api).replace(
        'ApiListener "api" {', f'ApiListener "api" {{\n  bind_host = "127.0.0.1"\n  bind_port = {port}'))
    places = {"ConfigDir": "/etc/icinga2", "ZonesDir": "/etc/icinga2/zones.d", "DataDir": "/var/lib/icinga2",
              "LogDir": "/var/log/icinga2", "CacheDir": "/var/cache/icinga2", "SpoolDir": "/var/spool/icinga2",
              "InitRunDir": "/var/run/icinga2"}
    options = [f"-D{name}={page.root}{path}" for name, path in places.items()]
    config = ["-c", main]
    page.functions = f"""
icinga2() {{
    case $1 in
    daemon) command icinga2 "$@" {' '.join(config + options)} ;;
    *) command icinga2 "$@" {' '.join(options)} ;;
    esac
}}
systemctl() {{ [ "$*" = 'restart icinga2' ]; }}
"""
    *steps, last = [step.replace("localhost:5665", f"127.0.0.1:{port}") for step in page.steps()]
    scratch.own(page.root + "/etc/icinga2")
    scratch.own(page.root + "/var")
    page.follow(steps)
    scratch.own(page.root + "/var")
    with scratch.daemon(page.root + "/out", "/usr/sbin/icinga2", "daemon", "-x", "warning", *config, *options):
        scratch.eventually(lambda: scratch.listening(port), 60, "Icinga's API")
        page.until_green(last)
    assert time.monotonic() - began < 300, "five minutes"


@contextlib.contextmanager
def nagios(page):
    with scratch.daemon(page.root + "/out", "/usr/sbin/nagios4", page.root + "/etc/nagios4/nagios.cfg"):
        scratch.eventually(lambda: os.path.exists(page.root + "/var/lib/nagios4/rw/nagios.cmd"), 20, "Nagios")
        yield


@harness.long
def test_nagios_page():
    page = Page("nagios", ["/etc/nagios4", "/var/lib/nagios4", "/var/log/nagios4", "/var/run/nagios4"],
                "systemctl() { [ \"$2\" = nagios4 ]; }")
    for path in ("/var/lib/nagios4/rw", "/var/lib/nagios4/spool/checkresults", "/var/log/nagios4/archives"):
        os.makedirs(page.root + path)
    scratch.own(page.root + "/var")
    debian("/etc/nagios4", page.root)
    # of Debian's files: the paths, where the plugins are, and nothing into this machine's log
    for path in glob.glob(page.root + "/etc/nagios4/**/*.cfg", recursive=True):
        page.adapt(path)
    main, resource = page.root + "/etc/nagios4/nagios.cfg", page.root + "/etc/nagios4/resource.cfg"
    scratch.put(main, scratch.read(main).replace("use_syslog=1", "use_syslog=0"))
    scratch.put(resource, f"$USER1$={scratch.installed('plugindir')}\n")
    *steps, see, graphs = page.steps()
    page.follow(steps)
    with nagios(page):
        page.until_green(see)
    page.follow([graphs])
    spool = page.root + "/var/lib/nagios4/spool/perfdata"
    with nagios(page):
        page.run(see)
        scratch.eventually(lambda: any("delivery=" in scratch.read(os.path.join(spool, name))
                                       for name in os.listdir(spool)), 60, "perfdata of the round trip")


def test_nrpe_page():
    page = Page("nrpe", ["/etc/nagios/nrpe.d"], "systemctl() { [ \"$*\" = 'restart nagios-nrpe-server' ]; }")
    *steps, last = page.steps()
    page.follow(steps)
    port, main = scratch.free_port(), page.root + "/etc/nagios/nrpe.cfg"
    text = page.here(scratch.read("/etc/nagios/nrpe.cfg")).replace("server_port=5666", f"server_port={port}")
    scratch.put(main, text.replace("/run/nagios/nrpe.pid", page.root + "/nrpe.pid"))
    with scratch.daemon(page.root + "/out", "/usr/sbin/nrpe", "-c", main, "-f"):
        scratch.eventually(lambda: scratch.listening(port), 10, "NRPE server")
        page.until_green(last.replace("-H localhost", f"-H 127.0.0.1 -p {port}"))
