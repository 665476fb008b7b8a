#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
r"""A server that stalls, lies and cuts: for what no real server does on request.

    fake.py [OPTIONS] SCRIPT            plays a script, a file or "-" for standard input
    fake.py [OPTIONS] --serve PROTOCOL  a normal smtp, imap or pop3 server, up to a --fault

It prints its port on standard output when it is ready, serves any number of connections side by side, and ends after
--lifetime seconds (60) or on SIGTERM: with 0, or with 1 if a client did not say what a script expected.

    --port N         0, the default: any free one
    --address A      127.0.0.1
    --log FILE       writes down what was said: "2 C: EHLO x" is the client's line on the second connection, "S:" the
                     server's, "!" what went wrong
    --lifetime S

Scripts
-------
One step a line; "#" starts a comment line. "---" on a line of its own separates the scripts of one connection after
the other; the last one serves all that follow. A connection is closed where its script ends.

    send "220 hi\r\n"       escapes: \r \n \t \0 \\ \" \xNN; ${1} is what the last expect's group 1 matched
    expect ^EHLO            reads one line; it must match the regular expression (case is ignored), else the connection
                            is closed and the exit code is 1
    until ^\.$              reads lines up to and including the first that matches
    drip "250 ok\r\n" 1.0   so many bytes a second
    literal 1000 [x]        that many bytes of filler
    sleep 0.5
    starttls CERT KEY       does the server's side of a TLS handshake now; CERT and KEY are files, $NAME is taken from
    tls CERT KEY            the environment (the same; reads better as the first step of implicit TLS)
    silence                 reads, and never answers again
    deaf                    does not even read
    half-close              says that nothing more comes, and goes on reading
    reset                   cuts the connection with a RST
    close                   closes it now
    repeat 3 {              the steps up to the closing "}", so many times; "repeat forever {"
    }

    send "220 mx.example ESMTP\r\n"
    expect ^EHLO
    send "250-mx.example\r\n250 SIZE 1000\r\n"
    expect ^MAIL FROM:<(.*)>
    send "250 2.1.0 ${1} is fine\r\n"
    silence

Servers
-------
--serve smtp|imap|pop3 takes any user and any password, has one empty mailbox, and accepts every message.

    --cert FILE --key FILE      STARTTLS is offered; with --implicit-tls the connection starts with TLS
    --auth "PLAIN LOGIN"        the mechanisms on offer; empty: none
    --extension TEXT            a further EHLO line or capability, repeatable
    --fault STEP:FAULT          what goes wrong, repeatable; STEP@2 is only the second time the step is reached, over
                                all connections

Steps are where the server would answer:
    smtp    accept greeting ehlo starttls tls challenge auth mail rcpt data content body rset noop quit
    imap    accept greeting capability starttls tls challenge login list status select search fetch idle noop logout other
    pop3    accept greeting capa starttls tls challenge user login stat list uidl top retr noop quit other
"accept" comes before the greeting, "content" after the first line of a message, "body" at the final dot, "tls" in place
of the handshake, "challenge" at each continuation of a SASL dialogue, "login" at the end of any of the ways to log in.

Faults:
    close reset silence deaf halfclose   instead of the answer (halfclose: after it)
    drip                the answer comes with one byte a second; drip=N: N bytes
    delay=N             the answer comes after N seconds
    4xx 5xx             a temporary, a permanent refusal
    garbage             bytes that are no line of any protocol
    longline            100,000 bytes in one line
    inject              (starttls) the answer and, in the same packet, a further one that must not be believed
    twice               the answer comes two times
    anything else       is the answer itself: --fault 'rcpt:550 5.7.1 Blocked, see http://example/'; for imap the tag is
                        put before it unless it starts with "*", "+" or ${tag}; escapes as in scripts
"""

import argparse
import os
import re
import shlex
import signal
import socket
import ssl
import struct
import sys
import threading
import time

LONGEST_LINE = 1 << 20


class Ended(Exception):
    """The conversation is over."""


class Connection:
    """A client's connection: lines in, bytes out, TLS in between, everything logged."""

    def __init__(self, sock, number, log):
        self.sock, self.number, self.log = sock, number, log
        self.pending = b""

    def receive(self):
        try:
            data = self.sock.recv(65536)
        except OSError as error:
            raise Ended("receive: %s" % error) from error
        if not data:
            raise Ended("the client closed")
        return data

    def line(self):
        """The next line without its end."""
        while b"\n" not in self.pending:
            if len(self.pending) > LONGEST_LINE:
                raise Ended("a line without end")
            self.pending += self.receive()
        line, _, self.pending = self.pending.partition(b"\n")
        text = line.rstrip(b"\r").decode("latin-1")
        self.log(self.number, "C", text)
        return text

    def exactly(self, count):
        while len(self.pending) < count:
            self.pending += self.receive()
        data, self.pending = self.pending[:count], self.pending[count:]
        self.log(self.number, "C", data.decode("latin-1"))
        return data

    def send(self, data, rate=None):
        self.log(self.number, "S", data.decode("latin-1"))
        try:
            if rate is None:
                self.sock.sendall(data)
                return
            for index in range(len(data)):
                self.sock.sendall(data[index:index + 1])
                time.sleep(1 / rate)
        except OSError as error:
            raise Ended("send: %s" % error) from error

    def tls(self, certificate, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.expandvars(certificate), os.path.expandvars(key))
        if self.pending:
            self.log(self.number, "!", "sent before the handshake: %r" % self.pending)
            self.pending = b""
        try:
            self.sock = context.wrap_socket(self.sock, server_side=True)
        except OSError as error:
            raise Ended("handshake: %s" % error) from error
        self.log(self.number, "!", "TLS is up: %s" % self.sock.version())

    def silence(self):
        self.log(self.number, "!", "silent from here")
        while True:
            data = self.pending or self.receive()
            self.pending = b""
            self.log(self.number, "C", data.decode("latin-1"))

    def deaf(self):
        self.log(self.number, "!", "deaf from here")
        threading.Event().wait()

    def half_close(self):
        self.log(self.number, "!", "half closed")
        self.sock.shutdown(socket.SHUT_WR)
        self.silence()

    def reset(self):
        self.log(self.number, "!", "reset")
        # a linger time of 0 makes close() send a RST
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.sock.detach())
        raise Ended("reset")

    def close(self):
        if self.sock.fileno() >= 0:
            self.sock.close()


# ---- scripts

def unescape(text):
    simple = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\", '"': '"'}

    def replace(match):
        code = match.group(1)
        return chr(int(code[1:], 16)) if code[0] == "x" else simple[code]

    return re.sub(r'\\(x[0-9a-fA-F]{2}|[rnt0\\"])', replace, text)


def parse_string(text):
    """A quoted string at the start of TEXT; the string and the rest."""
    match = re.match(r'"((?:[^"\\]|\\.)*)"\s*', text)
    if not match:
        raise ValueError("a string in double quotes is wanted")
    return unescape(match.group(1)), text[match.end():]


def parse_step(line):
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    if word == "send":
        text, left = parse_string(rest)
        if left:
            raise ValueError("nothing may follow the string")
        return word, text
    if word == "drip":
        text, rate = parse_string(rest)
        return word, text, float(rate)
    if word in ("expect", "until"):
        return word, re.compile(rest, re.IGNORECASE)
    if word == "sleep":
        return word, float(rest)
    if word == "literal":
        count, _, filler = rest.partition(" ")
        return "send", ((filler or "x") * int(count))[:int(count)]
    if word in ("tls", "starttls"):
        certificate, key = shlex.split(rest)
        return "tls", certificate, key
    if word in ("silence", "deaf", "half-close", "reset", "close") and not rest:
        return (word,)
    raise ValueError("no such step")


def parse_script(text):
    """A list of scripts; a script is a list of steps; a repeat is ("repeat", times, steps)."""
    scripts = [[]]
    open_blocks = [scripts[-1]]
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        try:
            if not line or line.startswith("#"):
                continue
            if line == "---":
                if len(open_blocks) > 1:
                    raise ValueError("a } is missing above")
                scripts.append([])
                open_blocks = [scripts[-1]]
            elif match := re.fullmatch(r"repeat\s+(\d+|forever)\s*\{", line):
                block = []
                open_blocks[-1].append(("repeat", None if match.group(1) == "forever" else int(match.group(1)), block))
                open_blocks.append(block)
            elif line == "}":
                if len(open_blocks) == 1:
                    raise ValueError("there is nothing to close")
                open_blocks.pop()
            else:
                open_blocks[-1].append(parse_step(line))
        except (ValueError, re.error) as error:
            sys.exit("fake.py: script line %d: %s: %s" % (number, error, line))
    if len(open_blocks) > 1:
        sys.exit("fake.py: script: a } is missing")
    return scripts


class ScriptPlayer:
    def __init__(self, text):
        self.scripts = parse_script(text)
        self.disappointed = False

    def converse(self, connection):
        index = min(connection.number, len(self.scripts)) - 1
        self.play(connection, self.scripts[index], {"match": None})

    def play(self, connection, steps, memory):
        for name, *arguments in steps:
            if name == "repeat":
                times, block = arguments
                while times is None or times > 0:
                    self.play(connection, block, memory)
                    times = None if times is None else times - 1
            elif name in ("send", "drip"):
                data = self.filled(arguments[0], memory["match"])
                connection.send(data, *arguments[1:])
            elif name == "expect":
                line = connection.line()
                memory["match"] = arguments[0].search(line)
                if not memory["match"]:
                    self.disappointed = True
                    connection.log(connection.number, "!", "expected %s" % arguments[0].pattern)
                    raise Ended("not what was expected")
            elif name == "until":
                while not (match := arguments[0].search(connection.line())):
                    pass
                memory["match"] = match
            elif name == "sleep":
                time.sleep(arguments[0])
            elif name == "close":
                raise Ended("close")
            else:
                getattr(connection, name.replace("-", "_"))(*arguments)

    @staticmethod
    def filled(text, match):
        def group(found):
            return (match.group(int(found.group(1))) if match else "") or ""

        return re.sub(r"\$\{(\d+)\}", group, text).encode("latin-1")


# ---- servers

def as_bytes(argument):
    """Everything in here is bytes, kept in latin-1 strings; so is what the command line holds."""
    return os.fsencode(argument).decode("latin-1")


class Server:
    """What smtp, imap and pop3 have in common: faults, TLS, and one method for each command."""

    refusals = {}
    steps = ()

    def __init__(self, options):
        self.options = options
        self.mechanisms = options.auth.split()
        self.reached = {}
        self.lock = threading.Lock()
        self.disappointed = False
        self.faults = []
        for text in (as_bytes(text) for text in options.fault):
            place, _, fault = text.partition(":")
            step, _, turn = place.partition("@")
            if step not in self.steps or not fault:
                sys.exit("fake.py: --fault %s: STEP:FAULT, steps of %s are: %s" % (text, options.serve, " ".join(self.steps)))
            self.faults.append((step, int(turn) if turn else None, fault))

    def fault(self, step):
        with self.lock:
            self.reached[step] = turn = self.reached.get(step, 0) + 1
        for at, wanted, fault in self.faults:
            if at == step and wanted in (None, turn):
                return fault
        return None

    def refuse(self, fault, tag):
        return self.tagged(self.refusals[fault], tag)

    def tagged(self, text, tag):  # only imap has tags
        return text

    def answer(self, connection, step, text, tag=""):
        """Says TEXT unless STEP has a fault; True if it was said as it should be."""
        fault = self.fault(step)
        data = text.encode("latin-1")
        if fault is None:
            if data:
                connection.send(data)
            return True
        name, _, value = fault.partition("=")
        if fault == "close":
            raise Ended("fault")
        if fault in ("reset", "silence", "deaf"):
            getattr(connection, fault)()
        elif fault == "halfclose":
            connection.send(data)
            connection.half_close()
        elif name == "drip":
            connection.send(data, float(value or 1))
            return True
        elif name == "delay":
            time.sleep(float(value))
            connection.send(data)
            return True
        elif fault in self.refusals:
            connection.send(self.refuse(fault, tag).encode("latin-1") + b"\r\n")
        elif fault == "garbage":
            connection.send(b"\x00\xff\xfe\x1b[31m\x80|=;'\"\x07\x15\x03\r\n")
        elif fault == "longline":
            connection.send((text[:4] + "x" * 100000 + "\r\n").encode("latin-1"))
        elif fault == "inject":
            connection.send(data + self.injection.encode("latin-1"))
            return True
        elif fault == "twice":
            connection.send(data + data)
            return True
        else:
            connection.send(unescape(self.tagged(fault, tag)).encode("latin-1") + b"\r\n")
        return False

    def can_starttls(self, connection):
        return self.options.cert and not isinstance(connection.sock, ssl.SSLSocket)

    def tls(self, connection):
        if self.answer(connection, "tls", ""):
            connection.tls(self.options.cert, self.options.key)

    def converse(self, connection):
        self.answer(connection, "accept", "")
        if self.options.implicit_tls:
            self.tls(connection)
        self.answer(connection, "greeting", self.greeting)
        while True:
            line = connection.line()
            words = line.split()
            self.command(connection, line, words)

    def challenge(self, connection, prompt, mechanism, initial):
        """Hears out a SASL dialogue that takes everything; the answer is given by the caller."""
        prompts = {"LOGIN": ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"], "CRAM-MD5": ["PDEuMUBmYWtlPg=="]}.get(mechanism, [""])
        return all(self.ask(connection, prompt + text) is not None for text in prompts[1 if initial else 0:])

    def ask(self, connection, text):
        """One challenge and the client's answer to it; None where it gives up."""
        self.answer(connection, "challenge", text + "\r\n")
        line = connection.line()
        return None if line == "*" else line


class Smtp(Server):
    steps = "accept greeting ehlo starttls tls challenge auth mail rcpt data content body rset noop quit".split()
    greeting = "220 fake.example ESMTP\r\n"
    injection = "250 2.0.0 injected\r\n"
    refusals = {"4xx": "451 4.3.0 Temporary fault on request", "5xx": "554 5.3.0 Permanent fault on request"}

    def command(self, connection, line, words):
        verb = words[0].upper() if words else ""
        if verb in ("EHLO", "HELO"):
            lines = ["fake.example", "SIZE 10000000", "ENHANCEDSTATUSCODES", "8BITMIME", *self.options.extension]
            if self.can_starttls(connection):
                lines.append("STARTTLS")
            if self.mechanisms:
                lines.append("AUTH " + " ".join(self.mechanisms))
            lines = ["250-%s\r\n" % text for text in lines[:1 if verb == "HELO" else None]]
            lines[-1] = lines[-1].replace("-", " ", 1)
            self.answer(connection, "ehlo", "".join(lines))
        elif verb == "STARTTLS" and self.can_starttls(connection):
            if self.answer(connection, "starttls", "220 2.0.0 go ahead\r\n"):
                self.tls(connection)
        elif verb == "AUTH" and len(words) > 1:
            if words[1].upper() not in self.mechanisms:
                connection.send(b"504 5.5.4 Unrecognized authentication type\r\n")
            elif self.challenge(connection, "334 ", words[1].upper(), words[2:]):
                self.answer(connection, "auth", "235 2.7.0 Authentication successful\r\n")
            else:
                connection.send(b"501 5.7.0 Authentication aborted\r\n")
        elif verb == "MAIL":
            self.answer(connection, "mail", "250 2.1.0 Ok\r\n")
        elif verb == "RCPT":
            self.answer(connection, "rcpt", "250 2.1.5 Ok\r\n")
        elif verb == "DATA":
            if self.answer(connection, "data", "354 End data with <CR><LF>.<CR><LF>\r\n"):
                line = connection.line()
                self.answer(connection, "content", "")
                while line != ".":
                    line = connection.line()
                self.answer(connection, "body", "250 2.0.0 Ok: queued as FAKE%d\r\n" % connection.number)
        elif verb == "RSET":
            self.answer(connection, "rset", "250 2.0.0 Ok\r\n")
        elif verb == "NOOP":
            self.answer(connection, "noop", "250 2.0.0 Ok\r\n")
        elif verb == "QUIT":
            self.answer(connection, "quit", "221 2.0.0 Bye\r\n")
            raise Ended("quit")
        else:
            connection.send(b"500 5.5.2 Command not recognized\r\n")


class Imap(Server):
    steps = "accept greeting capability starttls tls challenge login list status select search fetch idle noop logout other".split()
    greeting = "* OK fake.example ready\r\n"
    injection = "* CAPABILITY IMAP4rev1 AUTH=PLAIN INJECTED\r\n"
    refusals = {"4xx": "NO [UNAVAILABLE] Temporary fault on request", "5xx": "NO [CANNOT] Permanent fault on request"}

    def tagged(self, text, tag):
        if text.startswith(("*", "+")):
            return text
        return text.replace("${tag}", tag) if "${tag}" in text else ("%s %s" % (tag or "*", text))

    def capabilities(self, connection):
        words = ["IMAP4rev1", "IDLE", "UIDPLUS", "SPECIAL-USE", "SASL-IR", *self.options.extension]
        if self.can_starttls(connection):
            words.append("STARTTLS")
        return " ".join(words + ["AUTH=" + name for name in self.mechanisms])

    def command(self, connection, line, words):
        if len(words) < 2:
            connection.send(b"* BAD a tag and a command, please\r\n")
            return
        # a literal: its bytes, and the rest of the command
        while match := re.search(r"\{(\d+)(\+?)\}$", line):
            if not match.group(2):
                connection.send(b"+ go on\r\n")
            line = connection.exactly(int(match.group(1))).decode("latin-1") + connection.line()
        tag, verb = words[0], words[1].upper()
        if verb == "UID" and len(words) > 2:
            verb = words[2].upper()
        done = "%s OK %s completed\r\n" % (tag, verb.capitalize())

        if verb == "CAPABILITY":
            self.answer(connection, "capability", "* CAPABILITY %s\r\n" % self.capabilities(connection) + done, tag)
        elif verb == "STARTTLS" and self.can_starttls(connection):
            if self.answer(connection, "starttls", done, tag):
                self.tls(connection)
        elif verb == "LOGIN":
            self.answer(connection, "login", done, tag)
        elif verb == "AUTHENTICATE" and len(words) > 2 and words[2].upper() in self.mechanisms:
            if self.challenge(connection, "+ ", words[2].upper(), words[3:]):
                self.answer(connection, "login", done, tag)
            else:
                connection.send(("%s BAD aborted\r\n" % tag).encode("latin-1"))
        elif verb in ("LIST", "LSUB", "XLIST"):
            self.answer(connection, "list", '* LIST (\\HasNoChildren) "/" INBOX\r\n'
                        '* LIST (\\HasNoChildren \\Junk) "/" Junk\r\n' + done, tag)
        elif verb == "STATUS":
            self.answer(connection, "status", '* STATUS %s (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)\r\n' % words[2] + done, tag)
        elif verb in ("SELECT", "EXAMINE"):
            self.answer(connection, "select", "* FLAGS (\\Seen \\Deleted)\r\n* 0 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] ok\r\n"
                        "* OK [UIDNEXT 1] ok\r\n%s OK [READ-%s] done\r\n" % (tag, "ONLY" if verb == "EXAMINE" else "WRITE"), tag)
        elif verb == "SEARCH":
            self.answer(connection, "search", "* SEARCH\r\n" + done, tag)
        elif verb == "FETCH":
            self.answer(connection, "fetch", done, tag)
        elif verb == "IDLE":
            if self.answer(connection, "idle", "+ idling\r\n", tag):
                while connection.line().upper() != "DONE":
                    pass
                connection.send(done.encode("latin-1"))
        elif verb == "NOOP":
            self.answer(connection, "noop", done, tag)
        elif verb == "LOGOUT":
            self.answer(connection, "logout", "* BYE\r\n" + done, tag)
            raise Ended("logout")
        else:
            self.answer(connection, "other", done, tag)


class Pop3(Server):
    steps = "accept greeting capa starttls tls challenge user login stat list uidl top retr noop quit other".split()
    greeting = "+OK fake.example ready\r\n"
    injection = "+OK injected\r\n"
    refusals = {"4xx": "-ERR [SYS/TEMP] Temporary fault on request", "5xx": "-ERR [SYS/PERM] Permanent fault on request"}

    def command(self, connection, line, words):
        verb = words[0].upper() if words else ""
        if verb == "CAPA":
            lines = ["TOP", "UIDL", "USER", "RESP-CODES", "PIPELINING", *self.options.extension]
            if self.can_starttls(connection):
                lines.append("STLS")
            if self.mechanisms:
                lines.append("SASL " + " ".join(self.mechanisms))
            self.answer(connection, "capa", "+OK\r\n" + "".join(text + "\r\n" for text in lines) + ".\r\n")
        elif verb == "STLS" and self.can_starttls(connection):
            if self.answer(connection, "starttls", "+OK go ahead\r\n"):
                self.tls(connection)
        elif verb == "USER":
            self.answer(connection, "user", "+OK\r\n")
        elif verb in ("PASS", "APOP"):
            self.answer(connection, "login", "+OK logged in\r\n")
        elif verb == "AUTH" and len(words) > 1 and words[1].upper() in self.mechanisms:
            if self.challenge(connection, "+ ", words[1].upper(), words[2:]):
                self.answer(connection, "login", "+OK logged in\r\n")
            else:
                connection.send(b"-ERR aborted\r\n")
        elif verb == "STAT":
            self.answer(connection, "stat", "+OK 0 0\r\n")
        elif verb in ("LIST", "UIDL"):
            self.answer(connection, verb.lower(), "+OK\r\n.\r\n" if len(words) == 1 else "-ERR no such message\r\n")
        elif verb in ("TOP", "RETR"):
            self.answer(connection, verb.lower(), "-ERR no such message\r\n")
        elif verb == "NOOP":
            self.answer(connection, "noop", "+OK\r\n")
        elif verb == "QUIT":
            self.answer(connection, "quit", "+OK bye\r\n")
            raise Ended("quit")
        else:
            self.answer(connection, "other", "-ERR unknown command\r\n")


class Log:
    def __init__(self, path):
        self.file = open(path, "a", encoding="latin-1", buffering=1) if path else None
        self.lock = threading.Lock()

    def __call__(self, number, who, text):
        if self.file:
            with self.lock:
                for line in text.splitlines() or [""]:
                    self.file.write("%d %s: %s\n" % (number, who, line))


def serve(connection, player):
    try:
        player.converse(connection)
    except Ended as why:
        connection.log(connection.number, "!", str(why))
    except OSError as error:  # the client went away between two steps
        connection.log(connection.number, "!", str(error))
    finally:
        connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("script", nargs="?")
    parser.add_argument("--serve", choices=("smtp", "imap", "pop3"))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--log")
    parser.add_argument("--lifetime", type=float, default=60)
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--extension", action="append", default=[])
    parser.add_argument("--auth", default="PLAIN LOGIN")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--implicit-tls", action="store_true")
    options = parser.parse_args()
    if bool(options.serve) == bool(options.script):
        parser.error("either a script or --serve")
    if bool(options.cert) != bool(options.key) or options.implicit_tls and not options.cert:
        parser.error("--cert and --key go together, and --implicit-tls needs them")

    if options.serve:
        player = {"smtp": Smtp, "imap": Imap, "pop3": Pop3}[options.serve](options)
    elif options.script == "-":
        player = ScriptPlayer(sys.stdin.buffer.read().decode("latin-1"))
    else:
        with open(options.script, encoding="latin-1") as file:
            player = ScriptPlayer(file.read())

    def end(*_):
        os._exit(1 if player.disappointed else 0)  # threads may be asleep in a stalled conversation

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, options.lifetime)
    log = Log(options.log)
    family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
    with socket.create_server((options.address, options.port), family=family) as listener:
        print(listener.getsockname()[1], flush=True)
        number = 0
        while True:
            sock, _ = listener.accept()
            number += 1
            # small answers go out at once, as scripts wrote them
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=serve, args=(Connection(sock, number, log), player), daemon=True).start()


if __name__ == "__main__":
    main()
