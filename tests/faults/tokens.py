# SPDX-License-Identifier: GPL-3.0-or-later
"""A token endpoint that answers as RFC 6749 has it, but for the one fault of a case, and what leads a plugin to it. The mail
server behind it is well."""
import json
import socket
import ssl
import struct
import threading
import time

import case
import peers
import victim

BODY = '{"access_token": "%s", "token_type": "Bearer", "expires_in": 3600}'
WORDS = {"4xx": "400 Bad Request", "5xx": "503 Service Unavailable", "299": "299 What", "999": "999 What", "000": "000 What",
         "redirect": "302 Found", "429": "429 Too Many Requests"}
ERRORS = {"invalid-grant": "invalid_grant", "invalid-client": "invalid_client", "4xx": "invalid_request"}


class Gone(Exception):
    """This connection has had what it was to get."""


class Endpoint:
    """step: "tls", "status", "header", "body"; without one it is well, but for .alter(part of the answer)."""

    def __init__(self, pair, token, step=None, fault=None):
        self.step, self.fault, self.token = step, fault, token
        self.committed, self.issued = step is None, 0
        self.alter = bytes
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(pair["cert"], pair["key"])
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            if self.step == "tls":
                self.spoil_handshake(sock)
            with self.tls.wrap_socket(sock, server_side=True) as stream:
                self.converse(stream)
        except (OSError, ValueError, Gone):
            pass
        finally:
            sock.close()

    def spoil_handshake(self, sock):
        """Certificates are wrong by themselves."""
        self.committed = True
        if self.fault.startswith("cert-"):
            return
        sock.recv(65536, socket.MSG_PEEK)
        if self.fault == "alert":
            sock.recv(65536)
            sock.sendall(peers.HANDSHAKE_FAILURE)
        elif self.fault == "sigpipe":
            victim.strike(self.fault)
            return
        elif self.fault == "garbage":
            sock.sendall(b"\x00\xff\xfeHTTP/1.1 400 no TLS here\r\n\r\n")
        else:
            self.commit(sock, peers.SERVER_HELLO)
        raise Gone

    def converse(self, stream):
        request = b""
        while b"\r\n\r\n" not in request:
            request += stream.recv(65536) or b"\r\n\r\n"
        head, _, body = request.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        while len(body) < length:
            body += stream.recv(65536) or b" " * length
        answer = (BODY % self.token).encode()
        for step, data in (("status", b"HTTP/1.1 200 OK\r\n"),
                           ("header", b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(answer)),
                           ("body", answer)):
            if step == self.step:
                self.committed = True
                self.commit(stream, data)
            else:
                stream.sendall(self.alter(data))
        self.issued += 1

    def commit(self, stream, data):
        """The fault at DATA's place; returns where the good answer goes on behind it."""
        fault = self.fault
        if fault in victim.SIGNALS:
            victim.strike(fault)
        if fault in ("silence", "sigterm"):
            self.outlast(stream)
            raise Gone
        if fault == "sigpipe":
            stream.sendall(data)
            return
        if fault == "drip":
            for byte in data:
                stream.sendall(bytes([byte]))
                time.sleep(1)
        elif fault in ("cut", "reset", "partial", "half-close"):
            self.end(stream, data)
        elif fault in WORDS or fault in ERRORS:
            self.refuse(stream)
        elif self.step == "body":
            stream.sendall(self.odd_body())
        else:
            self.odd_head(stream, data)

    def end(self, stream, data):
        if self.fault == "partial":
            stream.sendall(data[:len(data) // 2])
        if self.fault == "reset":
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.fault == "half-close":
            stream.shutdown(socket.SHUT_WR)
            self.outlast(stream)
        raise Gone

    @staticmethod
    def outlast(stream):
        """Hears the client until it gives up, and says nothing: what it said first may lie there unread."""
        while stream.recv(65536):
            pass

    def refuse(self, stream):
        error = ERRORS.get(self.fault)
        body = json.dumps({"error": error, "error_description": "no, <b>never</b> | x=1\n\x1b[31m"}) if error else "<html>no</html>"
        stream.sendall(f"HTTP/1.1 {WORDS.get(self.fault, '400 Bad Request')}\r\nLocation: https://localhost:{self.port}/elsewhere\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
        raise Gone

    def odd_head(self, stream, data):
        """In place of the status line, or ahead of the header."""
        fault = self.fault
        if fault == "garbage":
            stream.sendall(peers.GARBAGE + b"\r\n\r\n")
            raise Gone
        if fault == "longline":
            stream.sendall(data[:12].rstrip() + b"x" * peers.MEBIBYTE + b": x\r\n" + data)
        elif fault == "flood":
            stream.sendall((b"HTTP/1.1 100 Continue\r\n\r\n" if self.step == "status" else b"X-Filler: yes\r\n") * peers.MANY + data)
        elif fault == "binary":
            stream.sendall(data[:-2] + b" \x80\xff\x1b[2J|<script>\r\n" if self.step == "status" else b"X-Odd: \x80\xff\x1b[2J|<script>\r\n" + data)
        else:  # literal
            stream.sendall(b"Content-Type: application/json\r\nContent-Length: 2147483648\r\n\r\n")
            for _ in range(1 << 15):
                stream.sendall(b" " * 65536)
            raise Gone

    def odd_body(self):
        """Of the announced length, as far as that goes."""
        length = len(BODY % self.token)
        return {"garbage": (peers.GARBAGE + b"?" * length)[:length],
                "binary": (b'{"access_token": "\\u0000\x80", "token_type": "Bearer"}' + b" " * length)[:length],
                "nested": b"[" * length,
                "other-type": (b'{"access_token": "x", "token_type": "mac"}' + b" " * length)[:length],
                "no-token": (b'{"token_type": "Bearer", "expires_in": 1e999}' + b" " * length)[:length]}[self.fault]

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


def start(setting, mode, step, fault, secret):
    protocol = "imap" if mode.plugin == "check_imap_marker" else "smtp"
    server = peers.serve(protocol, peers.Store([case.SOUGHT] if protocol == "imap" else []), {"auth": "XOAUTH2"})
    if step.at == "connect":
        endpoint = peers.serve("smtp", None, {}, "connect", fault)
    else:
        name = fault.removeprefix("cert-") if fault.startswith("cert-") else "server"
        endpoint = Endpoint(setting.pair(name), secret.token, step.at, fault)
    return [endpoint, server], ["--hostname=127.0.0.1", f"--port={server.port}", "--tls=none", "--allow-plaintext-auth",
                                "--username=probe@dest.example", f"--oauth2-token-url=https://localhost:{endpoint.port}/token?x=1",
                                "--oauth2-client-id=probe", f"--oauth2-client-secret-file={secret.path}", setting.authority()]


case.STARTS["token"] = start
