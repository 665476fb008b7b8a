# SPDX-License-Identifier: GPL-3.0-or-later
"""What surrounds a run and may fail it: descriptors, memory, disk, files of the system, locale, streams, signals, the clock;
what may leak: core dumps, memory; what may be injected; and how few privileges are enough.

Each test_* is one case of the run's count and raises case.Wrong."""
import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

import case
import privileges
from case import Wrong, demand
from world import PLUGINS, NotHere, Trip, World, execute, wants_plain_build  # noqa: F401


# ---- resources

def test_descriptors(setting):
    """From too few for anything to enough."""
    for count in range(4, 16):  # with 3 the loader opens no library
        with World(setting) as world:
            world.run(states=(0, 2, 3), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count)))


def test_memory(setting):
    wants_plain_build(setting, "a limit of the address space")
    for mebibytes in range(8, 128, 4):
        with World(setting, tls="starttls") as world:
            size = mebibytes << 20
            process = subprocess.run(world.command(), capture_output=True, check=False, timeout=20, env={"PATH": "/usr/bin:/bin"},
                                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)))
            if process.returncode == 127 and b"shared librar" in process.stderr or process.returncode == -signal.SIGSEGV and not process.stdout and mebibytes < 24:
                continue  # the loader had not begun the program yet
            result = case.Result(world.command(), process.returncode, process.stdout.decode(), process.stderr.decode(), 0)
            case.check_output(result)


def test_file_size(setting):
    """A file that cannot grow is what a full disk looks like; the kernel's signal for it must not kill."""
    with World(setting) as world:
        world.run(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))


def in_namespace(script, command):
    return ["unshare", "--mount", "sh", "-euc", script + '\nexec "$@"', "sh", *command]


def test_full_disk(setting):
    with World(setting) as world:
        os.mkdir(f"{world.directory}/state", 0o700)
        script = f"mount -t tmpfs -o size=4k,mode=700 none {world.directory}/state; cat /dev/zero >{world.directory}/state/x 2>/dev/null || :"
        execute(in_namespace(script, world.command()), (0,), world.secret)


def test_full_standard_output(setting):
    with World(setting) as world, open("/dev/full", "wb") as full:
        process = subprocess.run(world.command(), stdout=full, stderr=subprocess.PIPE, check=False, timeout=20)
        if process.returncode not in (0, 1, 2, 3) or process.stderr:
            raise Wrong(f"standard output full: {process}")


def test_read_only_state(setting):
    with World(setting) as world:
        script = f"mkdir {world.directory}/state; mount -t tmpfs -o ro,mode=700 none {world.directory}/state"
        execute(in_namespace(script, world.command()), (0,), world.secret)


def test_no_resolver_file(setting):
    with World(setting) as world:
        for hide in ("mount --bind /dev/null /etc/resolv.conf", "mount -t tmpfs none /etc"):
            execute(in_namespace(hide, world.command()), (0,), world.secret)
            named = ["--hostname=mail.invalid" if each.startswith("--hostname") else each for each in world.command()]
            result = execute(in_namespace(hide, named), (2,), world.secret)
            demand(result.seconds < case.TIMEOUT + case.GRACE + 1, "too slow", result)


def test_no_authorities(setting):
    with World(setting, tls="starttls") as world:
        without = [each for each in world.command() if not each.startswith("--ca-file")]
        hide = "mount -t tmpfs none /etc/ssl; mount -t tmpfs none /usr/share/ca-certificates; mount -t tmpfs none /usr/lib/ssl"
        result = execute(in_namespace(hide, without), (2, 3), world.secret)
        demand(re.search("certificate|CA", result.text), "no word of the certificates", result)


def test_locales(setting):
    for locale in ("C", "de_DE.UTF-8", "tr_TR.UTF-8", "C.UTF-8", "garbage", "x" * 5000, "../../etc/passwd", ""):
        with World(setting) as world:
            world.run(environment={"LC_ALL": locale, "LANG": locale, "LANGUAGE": locale})


def test_environments(setting):
    with World(setting) as world:
        for environment in ({}, {"HOME": "/nonexistent"}, {"TZ": "garbage"}, {"ALL_PROXY": "http://127.0.0.1:1"}, {"X": "y" * 100000},
                            {"CURL_CA_BUNDLE": "/nonexistent"}, {"TMPDIR": "/nonexistent"}):
            world.run(environment=environment)


def test_closed_streams(setting):
    for closed in ("<&-", "2>&-", "<&- 2>&-"):
        with World(setting) as world:
            execute(["sh", "-c", f'exec "$@" {closed}', "sh", *world.command()], (0,), world.secret)
    for closed in (">&-", "<&- >&- 2>&-"):
        with World(setting) as world:
            process = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", *world.command()], check=False, timeout=20)
            if process.returncode not in (0, 1, 2, 3):
                raise Wrong(f"{closed}: exit code {process.returncode}")


def test_reader_gone(setting):
    """Who reads our output has gone: SIGPIPE must not end the run."""
    with World(setting) as world:
        reader, writer = os.pipe()
        os.close(reader)
        process = subprocess.run(world.command(), stdout=writer, stderr=subprocess.DEVNULL, check=False, timeout=20)
        os.close(writer)
        if process.returncode not in (0, 1, 2, 3):
            raise Wrong(f"exit code {process.returncode} where nobody reads")


def stopped(setting, protocol, step, number):
    with World(setting, protocol, step, "silence") as world:
        process = subprocess.Popen(world.command(timeout=15), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PATH": "/usr/bin:/bin"})
        world.reached(step)
        process.send_signal(number)
        began = time.monotonic()
        out, err = process.communicate(timeout=20)
        result = case.Result([protocol, step, str(number)], process.returncode, out.decode(), err.decode(), time.monotonic() - began)
        case.check_output(result)
        demand(result.seconds < 2.5, "the signal was not heeded at once", result)
        demand(result.code == 3, "a wrong state", result)


def test_sigint_and_sighup(setting):
    """As SIGTERM, which is sent at each step of the matrix."""
    stopped(setting, "smtp", "rcpt", signal.SIGINT)
    stopped(setting, "imap", "search", signal.SIGHUP)


def test_stepping_clock(setting):
    """The wall clock jumps a day on, then a year back, in the middle of a silence: the deadline is the monotonic clock's."""
    wants_plain_build(setting, "libfaketime")
    library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
    if not os.path.exists(library):
        library = subprocess.run(["sh", "-c", "ls /usr/lib/*/faketime/libfaketime.so.1"], capture_output=True, check=True).stdout.decode().split()[0]
    with World(setting, "smtp", "rcpt", "silence") as world:
        file = f"{world.directory}/clock"
        environment = {"PATH": "/usr/bin:/bin", "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
                       "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
        for steps in (("+0", "+1d"), ("+0", "-365d"), ("+400d", "-400d")):
            with open(file, "w", encoding="ascii") as clock:
                clock.write(steps[0] + "\n")
            began = time.monotonic()
            process = subprocess.Popen(world.command(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
            world.reached("rcpt")
            with open(file, "w", encoding="ascii") as clock:
                clock.write(steps[1] + "\n")
            out, err = process.communicate(timeout=20)
            result = case.Result(list(steps), process.returncode, out.decode(), err.decode(), time.monotonic() - began)
            case.check_output(result)
            demand(result.code == 2 and result.seconds < case.TIMEOUT + case.GRACE, "the clock's step changed the run", result)
            total = [float(re.match(r"total=(-?[\d.]+)s", each).group(1)) for each in result.performance if each.startswith("total=")]
            demand(total and 0 <= total[0] < case.TIMEOUT + case.GRACE, "a total that the wall clock spoiled", result)


def test_wrong_clock_of_the_server(setting):
    """A mailbox server whose clock is off dates the probe wrongly; the marker counts. Twice: the second run has a past."""
    for skew in (-1800, -300, 300):
        with Trip(setting) as trip:
            trip.store.skew = skew
            trip.run()
            trip.run()


# ---- secrets

def test_no_core_dump(setting):
    """secret_protect_process: neither a file nor the kernel's word that there was one."""
    wants_plain_build(setting, "a signal's default")
    for number in (signal.SIGABRT, signal.SIGSEGV, signal.SIGQUIT):
        with World(setting, "smtp", "mail", "silence") as world:
            def as_usual(which=number):  # what a shell starts in the background ignores SIGQUIT
                signal.signal(which, signal.SIG_DFL)
                resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

            process = subprocess.Popen(world.command(timeout=60), stdout=subprocess.DEVNULL, cwd=world.directory, preexec_fn=as_usual)
            world.reached("mail")
            process.send_signal(number)
            _, status = os.waitpid(process.pid, 0)
            process.returncode = status
            if not os.WIFSIGNALED(status) or os.WCOREDUMP(status):
                raise Wrong(f"signal {number}: status {status}, a core was dumped: {os.WCOREDUMP(status)}")
            if left := [name for name in os.listdir(world.directory) if name.startswith("core")]:
                raise Wrong(f"signal {number} left {left}")


def memory_of(pid):
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, access = line.split()[:2]
            begin, end = (int(each, 16) for each in span.split("-"))
            if access.startswith("rw"):
                with contextlib.suppress(OSError):
                    memory.seek(begin)
                    yield memory.read(end - begin)


def copies_in(pid, secret):
    """How often the secret is in the memory: plainly, and in each form of base64."""
    blocks = list(memory_of(pid))
    return [sum(block.count(form) for block in blocks) for form in secret.given]


def copies_while(world, step, command, environment=None):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", **(environment or {})})
    try:
        world.reached(step)
        return copies_in(process.pid, world.secret)
    finally:
        process.kill()
        process.wait()


def test_memory_after_login(setting):
    """Of what was sent for the login (base64) nothing is left in the buffers of ours, of libgsasl or of OpenSSL. The
    password itself is held once, for a connection that has to be made again: a variable or a pipe cannot be read twice."""
    wants_plain_build(setting, "reading the memory")
    for protocol, step in (("smtp", "rcpt"), ("imap", "search"), ("pop3", "top")):
        for tls, by_name in (("starttls", False), ("none", False), ("none", True)):
            with World(setting, protocol, step, "silence", tls=tls) as world:
                command = ["--password-env=WORD" if by_name and each.startswith("--password-file") else each for each in world.command()]
                copies = copies_while(world, step, command, {"WORD": world.secret.text} if by_name else {})
                if copies != [1, 0, 0, 0]:
                    raise Wrong(f"{protocol}, {tls}: copies of the secret after the login: plain {copies[0]}, base64 {copies[1:]}")


def test_memory_while_waiting(setting):
    """Each side of a round trip has its own: the submission's for another try, the mailbox's for a lost connection."""
    wants_plain_build(setting, "reading the memory")
    with Trip(setting, delivers=False) as trip:
        copies = copies_while(trip.imap, "noop", trip.command())
        if copies != [2, 0, 0, 0]:
            raise Wrong(f"copies of the secret while waiting: plain {copies[0]}, base64 {copies[1:]}")


def test_others_cannot_trace(setting):
    with World(setting, "smtp", "mail", "silence") as world:
        process = subprocess.Popen(world.command(), stdout=subprocess.DEVNULL)
        world.reached("mail")
        owner = os.stat(f"/proc/{process.pid}/environ").st_uid
        process.kill()
        process.wait()
        if owner != 0:
            raise Wrong("the process is dumpable: its own user can read its memory")


# ---- injection

HOSTILE = ("a\nb", "a\r\nRCPT TO:<x@y>", "a | total=9s;1;2", "<script>alert(1)</script>", "\"'`$(id)\\", "\x1b[31m", "%s%n%x", "\u202e\u0085x",
           "", "x" * 9000, "-1", "99999999999999999999", "a=b,c", "/nonexistent/\n/file", "{2147483648}")


def options_of(setting, plugin):
    text = subprocess.run([os.path.join(setting.plugins, plugin), "--help"], capture_output=True, check=False).stdout.decode()
    return sorted(set(re.findall(r"--([a-z0-9][a-z0-9-]+)(?==)", text)))


def inject(setting, plugin):
    options = options_of(setting, plugin)
    if len(options) < 20:
        raise Wrong(f"{plugin} --help names {len(options)} options with a value")
    base = [os.path.join(setting.plugins, plugin), "--timeout=1", "--tls=none", "--hostname=127.0.0.1"]
    base += {"check_smtp_submit": ["--port=1", "--from=a@b.example", "--to=c@d.example"], "check_imap_marker": ["--port=1", "--subject=x"],
             "check_mail_roundtrip": ["--smtp-port=1", "--imap-port=1", "--from=a@b.example", "--to=c@d.example"],
             "check_dmarc_align": ["--port=1", "--subject=x"]}[plugin]
    # the sample: each value meets some option, each option some values
    count = 2 if setting.fast else len(HOSTILE)
    with tempfile.TemporaryDirectory(prefix="mailproof-faults-") as directory:
        for index, option in enumerate(options):
            if option == "sendmail":
                continue  # is a program by its nature
            for value in (HOSTILE[(index * count + turn) % len(HOSTILE)] for turn in range(count)):
                # some values are the name of a folder, which is made where the run is
                execute([*base, f"--state-dir={directory}/state", f"--{option}={value}"], (1, 2, 3), limit=10, cwd=directory)
                inject_by_file(base, directory, option, value)


def inject_by_file(base, directory, option, value):
    path = os.path.join(directory, "config")
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    for text in (f'{option} = "{quoted}"\n', f'{option} = "{quoted}\0"\n'):
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        execute([*base[:1], f"--config={path}", *base[1:]], (1, 2, 3), limit=10, cwd=directory)
        if len(value) > 3 and "\n" not in value:
            return


def make_injection(plugin):
    def test(setting):
        inject(setting, plugin)
    test.__name__ = f"test_injection_{plugin}"
    return test


for name in PLUGINS:
    globals()[f"test_injection_{name}"] = make_injection(name)


def test_line_breaks_reach_no_peer(setting):
    """Whatever an option holds, the peer gets whole commands and no header that was not asked for."""
    for option in ("--subject", "--header", "--from", "--to", "--helo", "--mail-from", "--username"):
        for breaks in ("\r\n", "\n", "\r"):
            with World(setting) as world:
                broken = f"{option}=a@b.example{breaks}X-Injected: yes"
                command = [each for each in world.command() if not each.startswith(f"{option}=")] + [broken]
                result = execute(command, (3,), world.secret)
                demand(option in result.text, "the option is not named", result)


def all_tests():
    everything = {**globals(), **vars(privileges)}
    return [(name, function) for name, function in sorted(everything.items()) if name.startswith("test_")]
