# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs plugins against the lab. Whatever a test asks for, every run is held to the contract: exit code 0 to 3, one clean
first line under 1,000 bytes, nothing on stderr, no secret anywhere in the output."""
import base64
import contextlib
import functools
import glob
import json
import os
import re
import subprocess
import tempfile
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
LAB_TOOLS = os.path.join(HERE, "..", "lab")
STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]
PERFDATA = re.compile(r"^[a-z][a-z0-9_]{0,18}=-?\d+(\.\d+)?(s|%|B|c)?(;[-@~:.\d]*){0,2}$")

plugins = None
lab = {}
secrets = []


class Skipped(Exception):
    pass


def start(plugin_directory, lab_directory):
    global plugins
    plugins = plugin_directory
    with open(os.path.join(lab_directory, "env"), encoding="utf-8") as file:
        for line in file:
            name, _, value = line.rstrip("\n").partition("=")
            if name.startswith("LAB_"):
                lab[name[4:]] = value
    for path in glob.glob(os.path.join(lab_directory, "secret", "*")):
        with open(path, "rb") as file:
            secret = file.read().strip()
        if len(secret) >= 8:
            secrets.append(secret)
            secrets.extend(base64.b64encode(b"x" * pad + secret)[2 + 2 * pad:-4] for pad in range(3))


def alone(function):
    function.alone = True
    return function


def long(function):
    function.long = True
    return function


class Run:
    """One finished run. With JSON: .json; else .line, .text, .metrics, .long."""

    def __init__(self, command, process, seconds):
        self.command, self.code, self.seconds = command, process.returncode, seconds
        self.out = process.stdout.decode("utf-8", "strict")
        self.json = None
        assert process.stderr == b"", f"stderr: {process.stderr[:500]!r}\n{self}"
        assert self.code in (0, 1, 2, 3), f"exit code {self.code}\n{self}"
        for secret in secrets:
            assert secret not in process.stdout, f"a secret in the output\n{self}"
        self.line, _, self.long = self.out.partition("\n")
        if "--output=json" in command:
            self.json = json.loads(self.out)
            assert self.out.count("\n") == 1, "JSON is one line"
            assert self.json["schema"] == 1 and self.json["state"] == self.code, self
            assert self.json["state_text"] == STATES[self.code], self
            assert "null" not in re.sub(r'"(\\.|[^"\\])*"', '""', self.out), "JSON has a null"
            self.metrics = {name: metric["value"] for name, metric in self.json["metrics"].items()}
            self.text = self.json["summary"]
        else:
            self.check_line()

    def check_line(self):
        assert 0 < len(self.line.encode()) < 1000, f"first line of {len(self.line.encode())} bytes\n{self}"
        assert not re.search(r"[\x00-\x1f\x7f\u0080-\u009f]", self.line), f"control characters\n{self}"
        assert self.line.count("|") <= 1 and "|" not in self.long, f"a | too many\n{self}"
        assert "<" not in self.out and ">" not in self.out, f"markup\n{self}"
        status, _, performance = self.line.partition(" | ")
        assert re.match(r"^[A-Z ]+ " + STATES[self.code] + " - ", status), f"state and exit code\n{self}"
        self.text = status.partition(" - ")[2]
        self.metrics = {}
        for item in performance.split():
            assert PERFDATA.match(item), f"perfdata {item}\n{self}"
            name, _, value = item.partition("=")
            assert name not in self.metrics, f"{name} twice\n{self}"
            self.metrics[name] = float(re.match(r"-?[\d.]+", value).group())

    def __str__(self):
        return f"{' '.join(self.command)}\n-> {self.code} in {self.seconds:.2f} s\n{self.out[:4000]}"

    @property
    def fault(self):
        return self.json["faults"][0] if self.json.get("faults") else {}


def run(plugin, *arguments, limit=60, environment=None, data=None, output="json"):
    command = [os.path.join(plugins, plugin), *[str(argument) for argument in arguments]]
    if output:
        command.append(f"--output={output}")
    began = time.monotonic()
    process = subprocess.run(command, capture_output=True, timeout=limit, check=False, input=data,
                             stdin=subprocess.DEVNULL if data is None else None,
                             env={"PATH": os.environ["PATH"], **(environment or {})})
    return Run(command, process, time.monotonic() - began)


def expect(result, state, fault_class=None, *words, stage=None):
    """state: "OK" ...; fault_class: of the first fault; words: all must stand in the summary."""
    assert STATES[result.code] == state, f"wanted {state}\n{result}"
    if fault_class is not None:
        assert result.fault.get("class") == fault_class, f"wanted class {fault_class}\n{result}"
        assert result.fault.get("advice") or fault_class == "threshold", f"no advice\n{result}"
    if stage is not None:
        assert result.fault.get("stage") == stage, f"wanted stage {stage}\n{result}"
    for word in words:
        assert word.lower() in result.text.lower(), f"wanted \"{word}\" in the summary\n{result}"
    return result


@functools.cache
def start_and_end_s():
    """What a plugin may take beyond its time-out: with sanitizers, which look for leaks at the end, more."""
    with open(os.path.join(plugins, "check_smtp_submit"), "rb") as file:
        return 3 if b"__asan_init" in file.read() else 1


# For tests that are not about speed: the defaults for single steps do not hold on a machine with much else to do.
PATIENT = [f"--warning={metric}=~:" for metric in ("smtp_connect", "imap_connect", "smtp_auth", "imap_login", "submit", "retrieve")]


def trust():
    return [f"--ca-file={lab['CA_FILE']}", f"--resolver={lab['RESOLVER']}"]


def smtp_server(port="SUBMISSION_PORT", host="SMTP_HOST", prefix=""):
    return [f"--{prefix}hostname={lab.get(host, host)}", f"--{prefix}port={lab.get(port, port)}"]


def smtp_login(user="SENDER", password="PASSWORD_FILE", prefix=""):
    return [f"--{prefix}username={lab.get(user, user)}", f"--{prefix}password-file={lab.get(password, password)}"]


def read_password(name="PASSWORD_FILE"):
    with open(lab[name], encoding="utf-8") as file:
        return file.read().strip()


def message(recipient="USER", sender="SENDER"):
    return [f"--from={lab.get(sender, sender)}", f"--to={lab.get(recipient, recipient)}"]


def submit(*more, port="SUBMISSION_PORT", login=True, recipient="USER", **options):
    arguments = [*smtp_server(port), *trust(), *message(recipient), *(smtp_login() if login else [])]
    return run("check_smtp_submit", *arguments, *more, **options)


def imap_server(port="IMAPS_PORT", host="IMAP_HOST", prefix=""):
    return [f"--{prefix}hostname={lab.get(host, host)}", f"--{prefix}port={lab.get(port, port)}"]


def tls_of(port):
    """The lab's ports are not the well-known ones: TLS from the start is to be said."""
    return ["--tls=implicit"] if port.endswith("S_PORT") and port != "SMTP_PORT" else []


def look(*more, port="IMAPS_PORT", host="IMAP_HOST", user="USER", password="PASSWORD_FILE", **options):
    arguments = [*imap_server(port, host), *trust(), *smtp_login(user, password), *tls_of(port)]
    if port.startswith("POP3"):
        arguments.append("--protocol=pop3")
    return run("check_imap_marker", *arguments, *more, **options)


def round_trip_arguments(recipient="USER", user="USER", smtp_port="SUBMISSION_PORT", imap_port="IMAPS_PORT",
                         smtp_auth=True, imap_password="PASSWORD_FILE", smtp_password="PASSWORD_FILE"):
    arguments = [*smtp_server(smtp_port, prefix="smtp-"), *imap_server(imap_port, prefix="imap-"), *trust(),
                 *message(recipient), *smtp_login(user, imap_password, prefix="imap-")]
    arguments += [option.replace("--tls", "--imap-tls") for option in tls_of(imap_port)]
    if smtp_auth:
        arguments += smtp_login(password=smtp_password, prefix="smtp-")
    if imap_port.startswith("POP3"):
        arguments.append("--imap-protocol=pop3")
    return arguments


def round_trip(*more, limit=60, environment=None, output="json", **how):
    return run("check_mail_roundtrip", *round_trip_arguments(**how), *more, limit=limit, environment=environment,
               output=output)


def deliver(user, text):
    """Injects a message by LMTP; text: header and body with LF lines."""
    subprocess.run([os.path.join(LAB_TOOLS, "deliver"), lab["DIR"], user, "-"], input=text.encode(), check=True,
                   stdout=subprocess.DEVNULL)


def mail_log(text):
    """What the lab's Postfixes wrote of the messages whose queue ids stand in a text, and of those that they became."""
    ids, found = set(re.findall(r"queued as ([0-9A-Za-z]{6,})", text)), []
    for name in ("sender", "receiver"):
        path = os.path.join(lab["DIR"], "log", f"postfix-{name}.log")
        with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                if any(one in line for one in ids):
                    ids.update(re.findall(r"queued as ([0-9A-Za-z]{6,})", line))
                    found.append(line)
    return "".join(found[-40:])


@contextlib.contextmanager
def small_file_system():
    """A folder in a file system of its own that is full but for a few inodes. For a test that is @alone."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=20,mode=700", "none", place], check=True)
        try:
            with open(os.path.join(place, "ballast"), "wb") as file, contextlib.suppress(OSError):
                file.write(b"x" * 65536)
            yield place
        finally:
            subprocess.run(["umount", place], check=True)


def make_read_only(place):
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)


def unique(word="t"):
    return word + uuid.uuid4().hex


class Fake:
    """tests/lab/fake.py with a script or a canned server; a context manager that gives its port."""

    def __init__(self, *arguments, script=None):
        self.process = subprocess.Popen([os.path.join(LAB_TOOLS, "fake.py"), "--lifetime", "120", *arguments,
                                         *(["-"] if script is not None else [])],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if script is not None:
            self.process.stdin.write(script.encode())
        self.process.stdin.close()
        self.port = int(re.search(rb"\d+", self.process.stdout.readline()).group())

    def __enter__(self):
        return self.port

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
