# SPDX-License-Identifier: GPL-3.0-or-later
"""A scratch folder for monitoring systems: what `make install` puts on a machine, the lab's configuration files for the
plugins, and daemons that end with the test, whatever happens."""
import contextlib
import functools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import harness

USER = "nagios"
SOURCE = os.path.normpath(os.path.join(harness.HERE, "../.."))
root = None
build = None


def install(directory):
    """`make install` of that build folder below the scratch folder; returns where the plugins are then."""
    global root, build
    root = tempfile.mkdtemp(prefix="mailproof-hosts-")
    build = directory
    os.chmod(root, 0o755)
    subprocess.run(["make", "-s", "-C", build, "install", f"DESTDIR={root}"], check=True, stdout=subprocess.DEVNULL)
    return installed("plugindir")


@functools.cache
def variable(name):
    """What configure made of a directory variable, e.g. plugindir."""
    rule = f"include Makefile\nprint-variable:\n\t@echo $({name})\n"
    return subprocess.run(["make", "-s", "-C", build, "-f", "-", "print-variable"], input=rule, text=True, check=True,
                          capture_output=True).stdout.strip()


def installed(name, *more):
    """Where the folder of that variable is in the scratch folder, or a file in it."""
    return os.path.join(root + variable(name), *more)


def adapted(path, directory):
    """The text of an installed file that looks for plugins where they are now, and for /etc/mailproof in the directory."""
    return read(path).replace("/etc/mailproof", directory).replace(variable("plugindir"), installed("plugindir"))


def clean():
    if root:
        shutil.rmtree(root, ignore_errors=True)


def folder(name, user=USER):
    """A new folder that belongs to the monitoring system's user."""
    path = tempfile.mkdtemp(prefix=name + "-", dir=root)
    os.chmod(path, 0o755)
    account = pwd.getpwnam(user)
    os.chown(path, account.pw_uid, account.pw_gid)
    return path


def own_folder(path, user=USER):
    """A new folder of that name for that user alone."""
    os.mkdir(path, 0o755)
    own(path, user)
    return path


def put(path, text, user=USER, mode=0o644):
    """Writes a file, and the folders above it, for that user."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(text)
    account = pwd.getpwnam(user)
    os.chown(path, account.pw_uid, account.pw_gid)
    return path


def own(path, user=USER):
    account = pwd.getpwnam(user)
    for directory, _, files in os.walk(path):
        for name in [directory, *(os.path.join(directory, file) for file in files)]:
            os.chown(name, account.pw_uid, account.pw_gid, follow_symlinks=False)


def secret(directory, name="PASSWORD_FILE", user=USER):
    """A copy of one of the lab's secrets that the monitoring system's user may read, and nobody else."""
    with open(harness.lab[name], encoding="utf-8") as file:
        return put(os.path.join(directory, name.lower()), file.read(), user, 0o400)


def config(path, options, user=USER):
    """A configuration file for the plugins from a list of --name=value or --name."""
    lines = []
    for option in options:
        name, equals, value = option.lstrip("-").partition("=")
        value = value.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'{name} = "{value}"' if equals else name)
    return put(path, "\n".join(lines) + "\n", user, 0o640)


def round_trip_options(password, sender="SENDER", recipient="USER", to=None, state=None):
    """How check_mail_roundtrip reaches the lab, password being a file that its user may read; without a state directory
    of its own it has no history, whatever the machine has."""
    lab = harness.lab
    return [*harness.trust(), *harness.smtp_server(prefix="smtp-"), *harness.imap_server("IMAP_PORT", prefix="imap-"),
            f"--smtp-username={lab[sender]}", f"--imap-username={lab[recipient]}", f"--password-file={password}",
            f"--from={lab[sender]}", f"--to={to or lab[recipient]}", f"--state-dir={state or '/nonexistent/state'}"]


def submit_options(password, sender="SENDER", recipient="USER"):
    lab = harness.lab
    return [*harness.trust(), *harness.smtp_server(), f"--username={lab[sender]}", f"--password-file={password}",
            f"--from={lab[sender]}", f"--to={lab[recipient]}"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(function, seconds, what, interval=0.1):
    """Calls until it returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        value = function()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(interval)


def listening(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def end(process):
    """Ends a daemon and what it started in its process group."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def daemon(log, *command, **options):
    """A daemon in the foreground; its output goes to log, the end of which is shown where the test fails."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   start_new_session=True, **options)
    try:
        yield process
    except BaseException:
        print(f"--- end of {log}\n{read(log)[-4000:]}")
        raise
    finally:
        end(process)
