# SPDX-License-Identifier: GPL-3.0-or-later
"""One case: its peers, the plugin's run, and everything that must hold whatever the fault."""
import base64
import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import uuid

import aftermath
import peers
import victim

TIMEOUT = 3.0  # seconds; a conversation among many others takes one of them
GRACE = 1.0
STARTS = {}  # by mode or side: where there is more to begin than one or two mail servers
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
PERFDATA = re.compile(r"^[a-z][a-z0-9_]{0,18}=-?\d+(\.\d+)?(s|%|B|c)?(;[-@~:.\d]*){0,2}$")
SOUGHT = (b"Authentication-Results: mx.dest.example; dmarc=pass header.from=sender.example\r\n"
          b"Received: from a.example by b.example; Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: probe@sender.example\r\n"
          b"To: probe@dest.example\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\nMessage-ID: <1@sender.example>\r\n"
          b"Subject: the sought one\r\n\r\nHello.\r\n")


def timeout_of(mode):
    """A round trip has two sides and waits."""
    wait = [float(argument.partition("=")[2]) for argument in mode.arguments if argument.startswith("--wait=")]
    return TIMEOUT + wait[0] if wait else TIMEOUT + 1 if mode.plugin == "check_mail_roundtrip" else TIMEOUT


class Wrong(Exception):
    """What did not hold."""


def forms(raw):
    """It and its base64: of each alignment the characters that depend on it alone."""
    return [raw] + [base64.b64encode(b"x" * pad + raw)[4 * ((pad + 2) // 3):-4] for pad in range(3)]


class Secret:
    """A password or token of one case alone, and the forms in which it could leak."""

    def __init__(self, directory):
        self.text, self.token = "Pw" + uuid.uuid4().hex, "Tk" + uuid.uuid4().hex
        self.path = os.path.join(directory, "secret")
        with open(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(self.text + "\n")
        self.given, self.fetched = forms(self.text.encode()), forms(self.token.encode())

    def leaks_into(self, data):
        return any(form in data for form in self.given + self.fetched)

    def is_kept_in(self, data):
        """What was fetched may be kept for the next run, what was given never."""
        return any(form in data for form in self.given)


class Result:
    def __init__(self, command, code, out, err, seconds, after_signal=0.0):
        self.command, self.code, self.out, self.err = command, code, out, err
        self.seconds, self.after_signal = seconds, after_signal
        self.line, _, self.long = out.partition("\n")
        self.text, _, performance = self.line.partition(" | ")
        self.metrics = [item.partition("=")[0] for item in performance.split()]
        self.performance = performance.split()
        # -v repeats the faults: "CRITICAL timeout at smtp rcpt: ..."
        self.faults = re.findall(r"^(OK|WARNING|CRITICAL|UNKNOWN) ([a-z_]+)(?: at (?:(?:smtp|imap|pop3) ?)?([a-z]*))?: ", self.long, re.M)

    def __str__(self):
        return f"{' '.join(self.command)}\n-> {self.code} in {self.seconds:.2f} s\n{self.out[:1500]}{self.err[:3000]}"


def shown(process, name):
    try:
        with open(f"/proc/{process.pid}/{name}", "rb") as file:
            return file.read()
    except OSError:  # ended already
        return b""


def wait(process, secret, limit):
    """What others of this machine can see while it runs must not show the secret: in the environment not any more, once it
    was read."""
    began = time.monotonic()
    while True:
        try:
            process.wait(0.25)
            break
        except subprocess.TimeoutExpired:
            lived = time.monotonic() - began
            if lived > limit:
                raise
            if secret.leaks_into(shown(process, "cmdline")):
                raise Wrong("the secret stands in /proc/PID/cmdline")
            if lived > TIMEOUT - 0.5 and secret.leaks_into(shown(process, "environ")):
                raise Wrong("the secret stands in /proc/PID/environ")


def execute(command, environment, secret, limit):
    victim.forget()
    began = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = victim.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        try:
            wait(process, secret, limit)
        except subprocess.TimeoutExpired as why:
            raise Wrong(f"it hangs: killed after {limit:.0f} s\n{' '.join(command)}") from why
        finally:
            process.kill()
            process.wait()
        ended = time.monotonic()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read())
    for text in texts:
        if secret.leaks_into(text):
            raise Wrong(f"the secret in the output\n{' '.join(command)}\n{text[:3000]!r}")
    try:
        return Result(command, process.returncode, texts[0].decode("utf-8", "strict"), texts[1].decode("utf-8", "replace"),
                      ended - began, ended - (victim.signalled_at or ended))
    except UnicodeDecodeError as why:
        raise Wrong(f"the output is no UTF-8\n{texts[0][:2000]!r}") from why


def demand(holds, what, result):
    if not holds:
        raise Wrong(f"{what}\n{result}")


def check_any_output(result):
    """The contract that every run keeps, whatever it prints."""
    demand(result.code in (0, 1, 2, 3), f"exit code {result.code}", result)
    demand(result.err == "", "something on stderr", result)
    demand(not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u0080-\u009f]", result.out), "control characters", result)


def check_output(result):
    """And what people read."""
    check_any_output(result)
    demand(0 < len(result.line.encode()) < 1000, f"a first line of {len(result.line.encode())} bytes", result)
    demand(result.line.count("|") <= 1 and "|" not in result.long, "a | too many", result)
    demand("<" not in result.out and ">" not in result.out, "markup", result)
    demand(re.match(rf"^[A-Z ]+ {STATES[result.code]} - \S", result.line), "state and exit code differ", result)
    for item in result.performance:
        demand(PERFDATA.match(item), f"perfdata {item}", result)
    demand(len(set(result.metrics)) == len(result.metrics), "a label twice", result)


def check_json(result):
    check_any_output(result)

    def no_number(name):
        raise Wrong(f"{name} is no JSON\n{result}")

    demand(result.out.count("\n") == 1 and result.out.endswith("\n"), "more than one line", result)
    told = json.loads(result.out, parse_constant=no_number)
    demand(told["schema"] == 1 and told["state"] == result.code and told["summary"], "state or summary", result)
    demand(bool(told.get("faults")) or result.code == 0, "a bad state without a fault", result)


def check_openmetrics(result):
    check_any_output(result)
    text, end = result.out[:-len("# EOF\n")], result.out[-len("# EOF\n"):]
    demand(end == "# EOF\n", "no end", result)
    demand(re.search(rf"^mailproof_state\{{.*\}} {result.code}$", text, re.M), "no state", result)
    promtool = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    demand(promtool.returncode == 0, promtool.stdout + promtool.stderr, result)


# by --output; None: the usual one
CHECKS = {None: check_output, "json": check_json, "openmetrics": check_openmetrics}


class Setting:
    """Where the peers' certificates are, and the plugins."""

    def __init__(self, plugins, certificates, fast):
        self.plugins, self.certificates, self.fast = plugins, certificates, fast

    def pair(self, name):
        return {"cert": f"{self.certificates}/{name}.pem", "key": f"{self.certificates}/{name}.key"}

    def authority(self):
        return f"--ca-file={self.certificates}/ca.pem"


def peer_options(setting, mode, fault, secret):
    options = {**mode.server, "password": secret.text}
    if mode.tls != "none":
        name = fault.removeprefix("cert-") if fault.startswith("cert-") else "server"
        options.update(setting.pair(name), implicit_tls=mode.tls == "implicit")
    return options


def credentials(mode, secret, prefix):
    arguments = [f"--{prefix}username=probe@dest.example"]
    if mode.secret == "token":
        arguments.append(f"--{prefix}oauth2-token-file={secret.path}")
    elif len(mode.name) % 2:
        arguments.append(f"--{prefix}password-env=MAILPROOF_TEST_SECRET")
    else:
        arguments.append(f"--{prefix}password-file={secret.path}")
    return arguments


def endpoint(mode, port, tls, secret, prefix=""):
    arguments = [f"--{prefix}hostname=127.0.0.1", f"--{prefix}port={port}", f"--{prefix}tls={tls}", *credentials(mode, secret, prefix)]
    return arguments + ([f"--{prefix}allow-plaintext-auth"] if tls == "none" else [])


def start_peers(setting, mode, step, fault, secret):
    """Of every kind: the peers, and the arguments that lead to them."""
    special = STARTS.get(mode.name) or STARTS.get(mode.side)
    if special is not None:
        return special(setting, mode, step, fault, secret)
    started, arguments = start_mail(setting, mode, step, fault, secret)
    return started, [*arguments, setting.authority()]


def start_mail(setting, mode, step, fault, secret):
    """The peers, and the arguments that lead to them. The second side of a round trip is well."""
    at, name = (None, None) if step.at == "tls" and fault.startswith("cert-") else (step.at, fault)
    store = peers.Store([] if mode.plugin == "check_mail_roundtrip" else [SOUGHT])
    store.delay_s = mode.server.get("delay_s", 0)
    sick = peers.serve(mode.side, store, peer_options(setting, mode, fault, secret), at, name)
    if mode.plugin != "check_mail_roundtrip":
        return [sick], endpoint(mode, sick.port, mode.tls, secret)
    other = "imap" if mode.side == "smtp" else "smtp"
    well = peers.serve(other, store, {"auth": "PLAIN", "password": secret.text})
    sides = {"smtp": "smtp-", "imap": "imap-", "pop3": "imap-"}
    arguments = endpoint(mode, sick.port, mode.tls, secret, sides[mode.side]) + endpoint(mode, well.port, "none", secret, sides[other])
    return [sick, well], arguments + (["--imap-protocol=pop3"] if mode.side == "pop3" else [])


@contextlib.contextmanager
def staged(setting, mode, step, fault, output=None):
    """(peers, run, state directory): what run() gives has kept what holds for every run. output: another format."""
    directory = tempfile.mkdtemp(prefix="mailproof-faults-")
    started = []
    try:
        secret = Secret(directory)
        state = os.path.join(directory, "state")
        started, arguments = start_peers(setting, mode, step, fault, secret)
        waits = mode.plugin == "check_mail_roundtrip" and not any(each.startswith(("--wait", "--deferred")) for each in mode.arguments)
        wait = ["--wait=3"] if waits else []
        command = [os.path.join(setting.plugins, mode.plugin), *arguments, *mode.arguments, *wait,
                   f"--timeout={timeout_of(mode):g}", f"--state-dir={state}", "-vvv"] + ([f"--output={output}"] if output else [])
        environment = {"PATH": "/usr/bin:/bin"}
        if any(argument.endswith("password-env=MAILPROOF_TEST_SECRET") for argument in arguments):
            environment["MAILPROOF_TEST_SECRET"] = secret.text

        def run():
            result = execute(command, environment, secret, timeout_of(mode) + 20)
            CHECKS[output](result)
            demand(started[0].committed, "the fault was never met: this case proves nothing", result)
            for folder, _, names in os.walk(state):
                for name in names:
                    with open(os.path.join(folder, name), "rb") as file:
                        demand(not secret.is_kept_in(file.read()), f"the secret in the state's file {name}", result)
            return result

        yield started, run, state
    finally:
        for peer in started:
            peer.close()
        shutil.rmtree(directory, ignore_errors=True)


def run_case(setting, mode, step, fault, output=None):
    """The result of the plugin's run; raises Wrong where it breaks what holds for every case."""
    with staged(setting, mode, step, fault, output) as (started, run, state):
        result = run()
        if "--deferred" in mode.arguments and not output:
            aftermath.check(started, state, fault, run, demand, result)
        return result
