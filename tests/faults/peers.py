# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of tests/lab/fake.py with messages in the mailbox, every mechanism answered, and the faults of the matrix.
They run as threads of the caller: one peer a case."""
import argparse
import base64
import hashlib
import hmac
import os
import re
import select
import socket
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../lab"))
import fake  # noqa: E402
import victim  # noqa: E402

MEBIBYTE = 1 << 20
MANY = 10000
JUNK = b" \x00\xff\xfe\x1b[2J\x07|<script>alert('x')</script> total=999s;1;1"
SERVER_HELLO = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(116)
GARBAGE = b"\x00\xff\xfe\x1b[31m\x80|=;'\"\x07"
HANDSHAKE_FAILURE = b"\x15\x03\x03\x00\x02\x02\x28"


class Store:
    """What is in the mailbox of one case."""

    def __init__(self, texts=()):
        self.lock = threading.Lock()
        self.next_uid = 1
        self.messages = []  # [uid, bytes]
        self.skew = 0  # seconds that the server's clock is ahead
        self.delay_s = 0  # what is handed in lies there so much later
        self.handed_in = 0
        for text in texts:
            self.add(text)

    def add(self, text):
        with self.lock:
            self.messages.append((self.next_uid, text))
            self.next_uid += 1

    def deliver(self, text):
        self.handed_in += 1
        if self.delay_s:
            timer = threading.Timer(self.delay_s, self.add, [text])
            timer.daemon = True
            timer.start()
        else:
            self.add(text)

    def remove(self, uids):
        with self.lock:
            self.messages = [message for message in self.messages if message[0] not in uids]


def many_lines(protocol, text, step):
    """TEXT with ten thousand further lines where its grammar has room for them."""
    first, _, rest = text.partition(b"\r\n")
    if protocol == "smtp":
        return (first[:3] + b"-x\r\n") * MANY + text
    if protocol == "imap":
        return (b"+ x\r\n" if step == "challenge" else b"* OK still here\r\n") * MANY + text
    return first + b"\r\n" + b"X-FILLER yes\r\n" * MANY + rest


class Faulty:
    """Answers as fake.Server does, but for the one fault of this case."""

    def __init__(self, protocol, store, options, step=None, fault=None):
        self.protocol, self.store = protocol, store
        defaults = {"serve": protocol, "auth": "", "extension": [], "cert": None, "key": None, "implicit_tls": False,
                    "fault": [f"{step}:{fault}"] if step else [], "user": "", "password": "", "token": ""}
        super().__init__(argparse.Namespace(**{**defaults, **options}))

    def committed(self):
        """Whether the client came to where the faults are."""
        return all(self.reached.get(step, 0) >= (turn or 1) for step, turn, _ in self.faults)

    def answer(self, connection, step, text, tag=""):
        fault = self.fault(step)
        data = text.encode("latin-1")
        tag = tag or getattr(connection, "tag", "")
        if fault is None:
            if data:
                connection.send(data)
            return True
        if step == "tls":  # a server answers a ClientHello
            connection.sock.recv(65536, socket.MSG_PEEK)
        if hasattr(self, "fault_" + fault.replace("-", "_")):
            return getattr(self, "fault_" + fault.replace("-", "_"))(connection, step, data, tag)
        if fault in ("4xx", "5xx"):
            # who was told a secret may quote it, now or later
            coded = base64.b64encode(self.options.password.encode()).decode()
            connection.send(f"{self.refuse(fault, tag)} (you are {self.options.password}, or {coded})\r\n".encode("latin-1"))
        else:  # a word in place of the status: 299, 999, 000
            connection.send(self.unknown(fault, tag).encode("latin-1") + b"\r\n")
        return False

    def unknown(self, word, tag):
        return {"smtp": f"{word} what is this", "imap": f"{tag or '*'} {word} what is this",
                "pop3": f"+{word} what is this"}[self.protocol]

    @staticmethod
    def fault_silence(connection, *_):
        connection.silence()

    @staticmethod
    def fault_sigterm(connection, step, *_):
        if step == "greeting":  # the client is to see first that it is connected
            time.sleep(0.5)
        victim.strike("sigterm")
        connection.silence()

    @staticmethod
    def fault_sigpipe(connection, _step, data, _tag):
        victim.strike("sigpipe")
        connection.send(data)
        return True

    @staticmethod
    def fault_drip(connection, _step, data, _tag):
        connection.send(data or SERVER_HELLO, 1)
        return True

    @staticmethod
    def fault_cut(*_):
        raise fake.Ended("cut")

    @staticmethod
    def fault_reset(connection, step, *_):
        if step == "greeting":  # likewise
            time.sleep(1)
        connection.reset()

    @staticmethod
    def fault_half_close(connection, *_):
        connection.half_close()

    @staticmethod
    def fault_partial(connection, _step, data, _tag):
        whole = data or SERVER_HELLO
        connection.send(whole[:max(1, len(whole) // 2)])
        raise fake.Ended("partial")

    def fault_wrong_tag(self, connection, _step, data, tag):
        connection.send(data.replace(tag.encode(), b"ZZ99"))
        return False

    def fault_unasked(self, connection, _step, data, _tag):
        more = {"smtp": b"250 2.0.0 by the way\r\n", "pop3": b"+OK by the way\r\n",
                "imap": b"* OK [ALERT] by the way | <b>\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n"}[self.protocol]
        connection.send(more + data)
        return True

    @staticmethod
    def fault_longline(connection, _step, data, _tag):
        connection.send(data[:4].rstrip(b"\r\n") + b"x" * MEBIBYTE + b"\r\n" + data)
        return True

    def fault_literal(self, connection, _step, data, _tag):
        # as much of the promised as a peer sends in the time
        connection.send(b"* LIST () \"/\" {2147483648}\r\n")
        for _ in range(100):
            connection.send(b"y" * 4096)
            time.sleep(0.05)
        connection.silence()

    @staticmethod
    def fault_binary(connection, _step, data, _tag):
        first, end, rest = data.partition(b"\r\n")
        connection.send(first + JUNK + end + rest)
        return True

    def fault_flood(self, connection, step, data, _tag):
        connection.send(many_lines(self.protocol, data, step))
        return True

    def fault_inject(self, connection, _step, data, _tag):
        connection.send(data + self.injection.encode("latin-1"))
        return True

    @staticmethod
    def fault_garbage(connection, *_):
        connection.send(GARBAGE + b"\x15\x03\r\n")
        return False

    @staticmethod
    def fault_alert(connection, *_):
        connection.sock.recv(4096)
        connection.send(HANDSHAKE_FAILURE)
        raise fake.Ended("alert")

    # ---- SASL

    def challenge(self, connection, prompt, mechanism, initial):
        if mechanism.startswith("SCRAM-"):
            return self.scram(connection, prompt, mechanism, initial)
        return super().challenge(connection, prompt, mechanism, initial)

    def scram(self, connection, prompt, mechanism, initial):
        """RFC 5802 section 3, the server's side."""
        hash_name = {"SCRAM-SHA-1": "sha1", "SCRAM-SHA-256": "sha256"}[mechanism]
        first = initial[0] if initial else self.ask(connection, prompt)
        if first is None:
            return False
        bare = base64.b64decode(first).split(b",", 2)[2]
        nonce = dict(item.split(b"=", 1) for item in bare.split(b","))[b"r"] + b"server"
        salt = b"saltsaltsaltsalt"
        server_first = b"r=" + nonce + b",s=" + base64.b64encode(salt) + b",i=4096"
        final = self.ask(connection, prompt + base64.b64encode(server_first).decode())
        if final is None:
            return False
        without_proof = base64.b64decode(final).rsplit(b",p=", 1)[0]
        salted = hashlib.pbkdf2_hmac(hash_name, self.options.password.encode(), salt, 4096)
        server_key = hmac.digest(salted, b"Server Key", hash_name)
        signature = hmac.digest(server_key, bare + b"," + server_first + b"," + without_proof, hash_name)
        last = self.ask(connection, prompt + base64.b64encode(b"v=" + base64.b64encode(signature)).decode())
        return last is not None


class Smtp(Faulty, fake.Smtp):
    def converse(self, connection):
        self.received = []
        line = connection.line

        def remember():
            text = line()
            self.received.append(text)
            return text

        connection.line = remember
        super().converse(connection)

    def command(self, connection, text, words):
        if words and words[0].upper() == "DATA":
            self.received.clear()
        super().command(connection, text, words)

    def answer(self, connection, step, text, tag=""):
        if step == "body" and text.startswith("250"):
            lines = [line[1:] if line.startswith(".") else line for line in self.received[:-1]]
            self.store.deliver("".join(line + "\r\n" for line in lines).encode("latin-1"))
        return super().answer(connection, step, text, tag)


class Imap(Faulty, fake.Imap):
    steps = fake.Imap.steps + ["store", "expunge", "move", "idling", "done", "quota"]

    def converse(self, connection):
        connection.told, connection.inbox = 0, True
        super().converse(connection)

    def changed(self, connection):
        count = len(self.store.messages) if connection.inbox else 0
        if count == connection.told:
            return ""
        connection.told = count
        return "* %d EXISTS\r\n" % count

    def command(self, connection, line, words):
        connection.tag = words[0] if words else ""
        verbs = [word.upper() for word in words[1:3]]
        if not verbs:
            super().command(connection, line, words)
        elif verbs[0] == "FETCH":
            self.uid_fetch(connection, words[:1] + ["UID"] + words[1:], line)
        elif verbs[0] in ("SELECT", "EXAMINE", "STATUS", "NOOP", "IDLE", "GETQUOTAROOT"):
            getattr(self, "do_" + verbs[0].lower())(connection, words)
        elif verbs[0] == "UID" and verbs[1:] and hasattr(self, "uid_" + verbs[1].lower()):
            getattr(self, "uid_" + verbs[1].lower())(connection, words, line)
        else:
            super().command(connection, line, words)

    def do_select(self, connection, words):
        mine = connection.inbox = words[2].strip('"').upper() == "INBOX"
        count = connection.told = len(self.store.messages) if mine else 0
        access = "READ-ONLY" if words[1].upper() == "EXAMINE" else "READ-WRITE"
        self.answer(connection, "select", "* FLAGS (\\Seen \\Deleted)\r\n* %d EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] ok\r\n"
                    "* OK [UIDNEXT %d] ok\r\n%s OK [%s] done\r\n" % (count, self.store.next_uid if mine else 1, words[0], access),
                    words[0])

    do_examine = do_select

    def do_status(self, connection, words):
        self.answer(connection, "status", "* STATUS %s (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)\r\n%s OK Status completed\r\n"
                    % (words[2], words[0]), words[0])

    def do_noop(self, connection, words):
        if not self.answer(connection, "noop", self.changed(connection) + "%s OK Noop completed\r\n" % words[0], words[0]):
            connection.told = -1  # what has changed is not said yet

    def do_getquotaroot(self, connection, words):
        self.answer(connection, "quota", '* QUOTAROOT %s ""\r\n* QUOTA "" (STORAGE 10 100)\r\n%s OK done\r\n' % (words[2], words[0]), words[0])

    def do_idle(self, connection, words):
        if self.answer(connection, "idle", "+ idling\r\n", words[0]):
            self.answer(connection, "idling", "* OK still here\r\n", "*")
            while not select.select([connection.sock], [], [], 0.1)[0]:
                connection.send(self.changed(connection).encode())
            connection.line()  # DONE
            self.answer(connection, "done", "%s OK Idle completed\r\n" % words[0], words[0])

    def chosen(self, connection, text):
        """Messages of a set. UIDs and numbers are the same here until something is expunged."""
        if not connection.inbox:
            return []
        with self.store.lock:
            last = self.store.messages[-1][0] if self.store.messages else 0
            uids = set()
            for part in text.split(","):
                low, _, high = part.replace("*", str(last)).partition(":")
                low, high = int(low), int(high or low)
                uids.update(range(min(low, high), min(max(low, high), last) + 1))
            return [(number, *message) for number, message in enumerate(self.store.messages, 1) if message[0] in uids]

    def uid_search(self, connection, words, line):
        found = "".join(" %d" % uid for _, uid, _ in self.chosen(connection, re.search(r"\d+:\d+|\d+:\*|$", line).group() or "1:*"))
        self.answer(connection, "search", "* SEARCH%s\r\n%s OK Search completed\r\n" % (found, words[0]), words[0])

    def date(self):
        return time.strftime('"%d-%b-%Y %H:%M:%S +0000"', time.gmtime(time.time() + self.store.skew))

    def uid_fetch(self, connection, words, line):
        data = ""
        for number, uid, text in self.chosen(connection, words[3]):
            data += "* %d FETCH (UID %d" % (number, uid)
            if "INTERNALDATE" in line:
                data += " INTERNALDATE %s RFC822.SIZE %d" % (self.date(), len(text))
            for section, begin, count in re.findall(r"BODY\.PEEK(\[[^]]*\])(?:<(\d+)\.(\d+)>)?", line):
                part = text if section == "[]" else text.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                part = part[int(begin):int(begin) + int(count)] if count else part
                data += " BODY%s%s {%d}\r\n%s" % (section, "<%s>" % begin if count else "", len(part), part.decode("latin-1"))
            data += ")\r\n"
        self.answer(connection, "fetch", data + "%s OK Fetch completed\r\n" % words[0], words[0])

    def remove(self, connection, step, words, keep):
        gone = self.chosen(connection, words[3])
        data = "".join("* %d EXPUNGE\r\n" % number for number, _, _ in reversed(gone) if not keep)
        if self.answer(connection, step, data + "%s OK %s completed\r\n" % (words[0], step.capitalize()), words[0]) and not keep:
            self.store.remove({uid for _, uid, _ in gone})
            connection.told = len(self.store.messages)

    def uid_store(self, connection, words, _line):
        self.remove(connection, "store", words, True)

    def uid_expunge(self, connection, words, _line):
        self.remove(connection, "expunge", words, False)

    def uid_move(self, connection, words, _line):
        self.remove(connection, "move", words, False)


class Pop3(Faulty, fake.Pop3):
    steps = fake.Pop3.steps + ["dele"]

    def command(self, connection, line, words):
        verb = words[0].lower() if words else ""
        with self.store.lock:
            messages = list(self.store.messages)
        if verb == "stat":
            self.answer(connection, "stat", "+OK %d %d\r\n" % (len(messages), sum(len(text) for _, text in messages)))
        elif verb in ("list", "uidl", "top", "retr", "dele") and len(words) > 1:
            number = int(words[1])
            if not 0 < number <= len(messages):
                connection.send(b"-ERR no such message\r\n")
                return
            uid, text = messages[number - 1]
            body = text.decode("latin-1")
            whole = "+OK\r\n" + re.sub(r"(?m)^\.", "..", body) + ".\r\n"
            top = "+OK\r\n" + body.partition("\r\n\r\n")[0] + "\r\n\r\n.\r\n"
            self.answer(connection, verb, {"list": "+OK %d %d\r\n" % (number, len(text)), "uidl": "+OK %d u%d\r\n" % (number, uid),
                                           "top": top, "retr": whole, "dele": "+OK gone\r\n"}[verb])
        else:
            super().command(connection, line, words)


class Listener:
    """Serves a protocol on a port of its own until it is closed."""

    def __init__(self, server):
        self.server = server
        self.connect = fake.Connection
        self.connections = []
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        number = 0
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            number += 1
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = self.connect(sock, number, lambda *_: None)
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            fake.serve(connection, self.server)
        except (ValueError, IndexError, KeyError):  # a client that says what no client should, once cut off
            connection.close()

    @property
    def committed(self):
        return bool(self.connections) and self.server.committed()

    def close(self):
        for sock in [self.socket] + [connection.sock for connection in self.connections]:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()


class Closed:
    """A port where connecting is refused."""

    committed = True

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def close(self):
        self.socket.close()


class Unanswered(Closed):
    """A port whose queue is full: the kernel drops what asks to connect."""

    def __init__(self):
        super().__init__()
        self.socket.listen(0)
        self.waiting = []
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(self.socket.getsockname())
            self.waiting.append(one)

    def close(self):
        for one in self.waiting:
            one.close()
        super().close()


SERVERS = {"smtp": Smtp, "imap": Imap, "pop3": Pop3}


def serve(protocol, store, options, step=None, fault=None):
    """A listening peer. step "connect": nobody accepts."""
    if step == "connect":
        return Closed() if fault == "reset" else Unanswered()
    return Listener(SERVERS[protocol](protocol, store, options, step, fault))
