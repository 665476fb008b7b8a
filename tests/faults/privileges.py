# SPDX-License-Identifier: GPL-3.0-or-later
"""How few privileges are enough: no root, contrib/hardening's list of system calls, its AppArmor profile, its unit.

Each test_* is one case of surroundings.py's count."""
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile

import names
import seccomp
import tokens
from case import Wrong, demand
from world import PLUGINS, Trip, World, execute, wants_plain_build

NOBODY = 65534
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
HARDENING = os.path.join(TOP, "contrib/hardening/hardening.conf")
EXPOSURE = 25  # of 100, by systemd-analyze: 4 for the network, which is the purpose, and what a unit for all cannot narrow
PROTOCOLS = ("smtp", "imap", "pop3")


class Nobody:
    """Runs a world's command as nobody, with the plugins, the CA and the secret where that user finds them."""

    def __init__(self, setting, world, calls=None):
        self.world, self.calls = world, calls
        os.chmod(world.directory, 0o755)
        self.plugins = os.path.join(world.directory, "plugins")
        os.mkdir(self.plugins, 0o755)
        for plugin in PLUGINS:
            shutil.copy(os.path.join(setting.plugins, plugin), self.plugins)
        self.authority = os.path.join(world.directory, "ca.pem")
        shutil.copy(setting.authority().partition("=")[2], self.authority)
        os.chmod(self.authority, 0o644)
        self.own(world.secret.path)
        self.state = os.path.join(world.directory, "nobody")
        os.mkdir(self.state, 0o700)
        self.own(self.state)

    @staticmethod
    def own(path):
        os.chown(path, NOBODY, NOBODY)

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.world.directory, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
            file.write(text)
        self.own(path)
        return path

    def run(self, command, states=(0,)):
        mine = [f"--ca-file={self.authority}" if each.startswith("--ca-file=") else
                f"--state-dir={self.state}" if each.startswith("--state-dir=") else each for each in command]
        mine[0] = os.path.join(self.plugins, os.path.basename(command[0]))
        return execute(mine, states, self.world.secret, user=NOBODY, group=NOBODY, extra_groups=[],
                       preexec_fn=(lambda: seccomp.load(self.calls)) if self.calls else None)


def test_no_root(setting):
    for protocol in PROTOCOLS:
        with World(setting, protocol, tls="starttls") as world:
            Nobody(setting, world).run(world.command())


# ---- contrib/hardening's SystemCallFilter, with death for any other call

@contextlib.contextmanager
def filtered(setting, world):
    wants_plain_build(setting, "a filter for the product's own calls")
    with world:
        yield Nobody(setting, world, seccomp.allowed(HARDENING))


def test_seccomp_conversations(setting):
    for protocol in PROTOCOLS:
        with filtered(setting, World(setting, protocol, tls="starttls")) as nobody:
            command = nobody.world.command()
            nobody.run(command)
            nobody.run(["--hostname=localhost" if each.startswith("--hostname") else each for each in command], (0, 2))


def test_seccomp_waiting(setting):
    """Long enough for IDLE; and the message that does come, with its history."""
    with filtered(setting, Trip(setting, delivers=False)) as nobody:
        nobody.run([each for each in nobody.world.command("--wait=6") if each not in ("--wait=4", "--timeout=8")], (1,))
    for protocol in ("imap", "pop3"):
        with filtered(setting, Trip(setting, protocol=protocol)) as nobody:
            nobody.run(nobody.world.command("--cleanup=delete"))
            nobody.run(nobody.world.command("--purge-older-than=1h"))


def test_seccomp_deferred(setting):
    """SQLite with its write-ahead log, and what it shows of it."""
    with filtered(setting, Trip(setting)) as nobody:
        command = [each for each in nobody.world.command("--deferred", "--submit-every=1") if not each.startswith("--wait")]
        nobody.run(command)
        nobody.run(command)
        demand(os.path.exists(nobody.state) and os.listdir(nobody.state), "no state was kept", nobody.run(command))


def test_seccomp_seed_list(setting):
    """A thread for each mailbox."""
    with filtered(setting, Trip(setting)) as nobody:
        trip = nobody.world
        files = [nobody.write(f"{label}.conf", f'label = "{label}"\nto = "{label}@dest.example"\nhostname = "127.0.0.1"\n'
                              f'port = "{trip.imap.peer.port}"\ntls = "starttls"\nca-file = "{nobody.authority}"\n'
                              f'username = "probe"\npassword-file = "{trip.secret.path}"\nno-junk\n') for label in ("one", "two", "three")]
        seeds = [each for each in trip.command() if not each.startswith(("--to=", "--imap-", "--no-junk", "--hostname"))]
        nobody.run([*seeds, "--smtp-hostname=127.0.0.1", *(f"--mailbox={file}" for file in files)])


def test_seccomp_token(setting):
    """A token by HTTPS, kept for the next run. The peer knows passwords alone, and says so."""
    with filtered(setting, World(setting, "smtp", tls="starttls")) as nobody, contextlib.closing(
            tokens.Endpoint(setting.pair("server"), nobody.world.secret.token)) as endpoint:
        secret = nobody.write("client-secret", "word\n")
        command = [each for each in nobody.world.command() if not each.startswith("--password-file")]
        command += [f"--oauth2-token-url=https://127.0.0.1:{endpoint.port}/token", "--oauth2-client-id=probe",
                    f"--oauth2-client-secret-file={secret}"]
        for _ in range(2):
            result = nobody.run(command, (2,))
            demand("OAUTHBEARER" in result.text, "the token did not get as far as the login", result)
        demand(endpoint.issued == 1, f"tokens issued: {endpoint.issued}", result)


def test_seccomp_authentication(setting):
    """check_dmarc_align: look-ups, over TCP too."""
    zone = {"sender.example": [{"TXT": "v=spf1 ip4:192.0.2.1 -all"}, "TRUNCATE"],
            "_dmarc.sender.example": [{"TXT": "v=DMARC1; p=reject"}]}
    with filtered(setting, World(setting)) as nobody, contextlib.closing(names.Dns(zone)) as dns:
        message = nobody.write("message", "From: a@sender.example\nTo: b@dest.example\nSubject: x\n\nHello.\n")
        result = nobody.run([PLUGINS[3], f"--message={message}", f"--resolver=127.0.0.1:{dns.port}", "--client-ip=192.0.2.1",
                             "--mail-from=a@sender.example", "--helo=mx.sender.example", "--verify=spf,dmarc"])
        demand("pass" in result.text, "no verdict", result)


def test_seccomp_program(setting):
    """--sendmail: the filter goes with the program. A plain one lives with it; Postfix's and its like change their group,
    for which NoNewPrivileges leaves no way (hardening.conf says what to do)."""
    with filtered(setting, World(setting)) as nobody:
        program = nobody.write("sendmail", "#!/bin/sh\nexec cat >/dev/null\n", 0o700)
        nobody.run([PLUGINS[0], f"--sendmail={program}", "--from=a@sender.example", "--to=b@dest.example"])


def test_seccomp_filter_bites(setting):
    """The filter is one: a call that is not in it kills."""
    wants_plain_build(setting, "a filter for the product's own calls")
    calls = seccomp.allowed(HARDENING)
    process = subprocess.run(["chroot", "/", "true"], check=False, preexec_fn=lambda: seccomp.load(calls), stderr=subprocess.DEVNULL)
    if process.returncode != -signal.SIGSYS:
        raise Wrong(f"chroot was allowed: {process.returncode}")


# ---- what systemd and AppArmor read

def test_unit(_setting):
    """The drop-in on the unit that is shipped: nothing in it that systemd does not know, and little left open."""
    with tempfile.TemporaryDirectory(prefix="mailproof-faults-") as directory:
        with open(os.path.join(TOP, "contrib/prometheus/mailproof@.service.in"), encoding="utf-8") as file:
            unit = file.read().replace("@BINDIR@/mailproof-textfile", "/bin/true").replace("@PLUGINDIR@", "/usr/lib/nagios/plugins")
        path = os.path.join(directory, "mailproof.service")
        os.mkdir(f"{path}.d")
        with open(path, "w", encoding="utf-8") as file:
            file.write(unit)
        shutil.copy(HARDENING, f"{path}.d")
        process = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={EXPOSURE}", path],
                                 capture_output=True, check=False, text=True)
        if process.returncode != 0 or "Unknown key" in process.stderr or "Failed to parse" in process.stderr:
            raise Wrong(f"systemd-analyze: {process.stderr}{process.stdout[-300:]}")


def test_apparmor_profile(_setting):
    profile = os.path.join(TOP, "contrib/hardening/apparmor.profile")
    process = subprocess.run(["apparmor_parser", "--skip-kernel-load", "--skip-cache", profile], capture_output=True, check=False, text=True)
    if process.returncode != 0 or "error" in process.stderr.lower():
        raise Wrong(f"apparmor_parser: {process.stderr}")
