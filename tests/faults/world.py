# SPDX-License-Identifier: GPL-3.0-or-later
"""Well-behaved peers and a secret around a run of one plugin, for what is no matter of the protocol."""
import os
import shutil
import subprocess
import tempfile
import time

import case
import peers
from case import Wrong, demand

PLUGINS = ("check_smtp_submit", "check_imap_marker", "check_mail_roundtrip", "check_dmarc_align")


class NotHere(Exception):
    """This case has no meaning for this build; says why."""


class World:
    """Well-behaved peers (but for a fault where one is named), a secret, a folder that ends with it."""

    def __init__(self, setting, protocol="smtp", step=None, fault=None, tls="none"):
        self.setting, self.protocol, self.tls = setting, protocol, tls
        self.directory = tempfile.mkdtemp(prefix="mailproof-faults-")
        self.secret = case.Secret(self.directory)
        options = {"auth": "PLAIN", **(setting.pair("server") if tls != "none" else {})}
        self.peer = peers.serve(protocol, peers.Store([case.SOUGHT]), options, step, fault)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.peer.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def reached(self, step):
        """Waits until the client is where the peer says nothing any more."""
        until = time.monotonic() + 10
        while not (self.peer.server.reached.get(step)):
            if time.monotonic() > until:
                raise Wrong(f"{step} was never reached")
            time.sleep(0.02)
        time.sleep(0.1)

    def command(self, *more, timeout=case.TIMEOUT):
        plugin = {"smtp": "check_smtp_submit"}.get(self.protocol, "check_imap_marker")
        what = ["--from=probe@sender.example", "--to=probe@dest.example"] if self.protocol == "smtp" else \
            ["--subject=the sought one", "--no-junk", f"--protocol={self.protocol}"]
        plain = ["--allow-plaintext-auth"] if self.tls == "none" else []
        return [os.path.join(self.setting.plugins, plugin), "--hostname=127.0.0.1", f"--port={self.peer.port}", f"--tls={self.tls}",
                "--username=probe", f"--password-file={self.secret.path}", *plain, *what, f"--timeout={timeout:g}",
                f"--state-dir={self.directory}/state", self.setting.authority(), "-v", *more]

    def run(self, *more, states=(0,), **options):
        return execute(self.command(*more), states, secret=self.secret, **options)


class Trip:
    """A relay and a mailbox. delivers=False: what the relay takes is never seen again."""

    def __init__(self, setting, delivers=True, protocol="imap", tls="starttls"):
        self.setting, self.tls, self.protocol = setting, tls, protocol
        self.smtp, self.imap = World(setting, "smtp", tls=tls), World(setting, protocol, tls=tls)
        self.imap.secret, self.secret, self.directory = self.smtp.secret, self.smtp.secret, self.smtp.directory
        self.store = self.imap.peer.server.store
        if delivers:
            self.store = self.imap.peer.server.store = self.smtp.peer.server.store

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.smtp.__exit__()
        self.imap.__exit__()

    def command(self, *more):
        plain = ["--allow-plaintext-auth"] if self.tls == "none" else []
        return [os.path.join(self.setting.plugins, "check_mail_roundtrip"), f"--smtp-port={self.smtp.peer.port}",
                f"--imap-port={self.imap.peer.port}", f"--imap-protocol={self.protocol}", "--hostname=127.0.0.1", f"--tls={self.tls}",
                "--username=probe", f"--password-file={self.secret.path}", *plain, "--from=probe@sender.example",
                "--to=probe@dest.example", "--no-junk", "--wait=4", "--timeout=8", f"--state-dir={self.directory}/state",
                self.setting.authority(), "-v", *more]

    def run(self, *more, states=(0,), **options):
        return execute(self.command(*more), states, secret=self.secret, **options)


def execute(command, states, secret=None, environment=None, limit=20, **options):
    began = time.monotonic()
    process = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=limit,
                             env={"PATH": "/usr/bin:/bin", **(environment or {})}, **options)
    result = case.Result(command, process.returncode, process.stdout.decode("utf-8", "strict"),
                         process.stderr.decode("utf-8", "replace"), time.monotonic() - began)
    case.check_output(result)
    demand(result.code in states, f"wanted one of {states}", result)
    if secret:
        demand(not secret.leaks_into(process.stdout), "the secret in the output", result)
    return result


def sanitized(setting):
    with open(os.path.join(setting.plugins, PLUGINS[0]), "rb") as file:
        return b"__asan_init" in file.read()


def wants_plain_build(setting, what):
    if sanitized(setting):
        raise NotHere(f"{what} and AddressSanitizer exclude each other")
