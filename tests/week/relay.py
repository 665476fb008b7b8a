# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay that does what the script says: what no real server does on demand, and at exactly the wanted moment."""
import re
import socket
import threading
import time

MARKER = re.compile(rb"(?im)^X-Mailproof-Marker:\s*(\w+)")

# mode -> where it answers, and what; "accept" is none of them
REFUSALS = {
    "greylist": ("RCPT", "451 4.7.1 Greylisted, please come again"),
    "put off": ("RCPT", "452 4.3.1 Insufficient system storage"),
    "refuse": ("RCPT", "550 5.7.1 Rejected by policy"),
    "busy": ("greeting", "421 4.3.2 Service not available, closing channel"),
}


class Relay:
    """mode: "accept", one of REFUSALS, "cut" (ends the connection in place of the reply to the final dot), or a step to
    wait at until release(): "hold greeting", "hold MAIL", "hold DATA", "hold dot".
    take(marker, message): called for what was sent in full, before the reply."""

    def __init__(self, take):
        self.mode = "accept"
        self.take = take
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=20)
        self.port = self.socket.getsockname()[1]
        self.held, self.go_on = threading.Event(), threading.Event()
        self.reset()
        threading.Thread(target=self.serve, daemon=True).start()

    def reset(self):
        """Before a run."""
        self.connections, self.received, self.accepted_at = 0, [], None
        self.held.clear()
        self.go_on.clear()

    def wait_held(self, seconds=20):
        assert self.held.wait(seconds), f"the plugin never came to \"{self.mode}\""

    def release(self):
        self.go_on.set()

    def close(self):
        self.socket.close()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.talk, args=(connection, self.mode), daemon=True).start()

    def talk(self, connection, mode):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(30)
        try:
            with connection, connection.makefile("rb") as lines:
                self.session(connection, lines, mode)
        except OSError:
            pass  # the run was killed

    def hold(self, mode, step):
        if mode == f"hold {step}":
            self.held.set()
            self.go_on.wait(30)

    def session(self, connection, lines, mode):
        def say(text):
            connection.sendall(text.encode() + b"\r\n")

        refused_at, refusal = REFUSALS.get(mode, (None, None))
        self.hold(mode, "greeting")
        if refused_at == "greeting":
            say(refusal)
            return
        say("220 relay.example ESMTP")
        for line in lines:
            verb = line.split()[0].upper().decode() if line.split() else ""
            self.hold(mode, verb)
            if verb == refused_at:
                say(refusal)
            elif verb == "EHLO":
                say("250-relay.example\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME")
            elif verb == "DATA":
                say("354 go on")
                if not self.message(lines, mode):
                    return
                self.accepted_at = time.monotonic()
                say("250 2.0.0 taken")
            elif verb == "QUIT":
                say("221 2.0.0 bye")
                return
            else:
                say("250 2.0.0 ok")

    def message(self, lines, mode):
        """False: there will be no reply."""
        text = []
        for line in lines:
            if line == b".\r\n":
                break
            text.append(line[1:] if line.startswith(b".") else line)
        else:
            return False
        raw = b"".join(text)
        marker = MARKER.search(raw).group(1).decode()
        self.received.append(marker)
        self.take(marker, raw)
        self.hold(mode, "dot")
        return mode != "cut"
