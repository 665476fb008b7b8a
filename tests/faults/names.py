# SPDX-License-Identifier: GPL-3.0-or-later
"""A DNS server that answers as tests/lab/dnsserver.py does, but for the one question of a case, and what leads a plugin to
it. Faults that begin with "tcp-" are committed there; over UDP such an answer is truncated."""
import os
import socket
import socketserver
import struct
import sys
import threading
import time

import case
import peers
import victim

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lab"))
import dnsserver  # noqa: E402

ZONE = {
    "mail.test": [{"A": "127.0.0.1"}],
    "mx.test": [{"MX": [10, "mail.test"]}],
    "align.test": [{"TXT": "v=spf1 a:host.align.test -all"}],
    "host.align.test": [{"A": "192.0.2.1"}],
    "key._domainkey.align.test": [{"TXT": "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu"
                                          "KUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ=="}],
    "_dmarc.align.test": [{"TXT": "v=DMARC1; p=reject"}],
}
# a signature that is well-formed and wrong: its key has to be asked for
MESSAGE = (b"Received: from host.align.test (host.align.test [192.0.2.1]) by mx.test; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
           b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=align.test; s=key; h=from; "
           b"bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n b=" + b"A" * 86 + b"==\r\n"
           b"From: probe@align.test\r\nTo: probe@dest.example\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n"
           b"Message-ID: <1@align.test>\r\nSubject: the sought one\r\n\r\n")
TC, MANY, LINKS = 0x0200, 100, 40  # the kernel keeps so many datagrams for a reader that is late
LOOP = b"\xc0\x0c"  # a name that points to the question's


def record(owner, kind, data):
    return owner + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


class Reply:
    """A good answer in its parts, to be spoilt."""

    def __init__(self, query, whole):
        self.identity, self.flags, self.questions, self.answers, self.authorities, self.extras = struct.unpack_from(">6H", whole)
        _, at = dnsserver.read_name(query, 12)
        self.kind = struct.unpack_from(">H", query, at)[0]
        self.question, self.rest = whole[12:at + 4], whole[at + 4:]

    def bytes(self):
        return struct.pack(">6H", self.identity, self.flags, self.questions, self.answers, self.authorities, self.extras) \
            + self.question + self.rest

    def only(self, *records):
        self.answers, self.extras, self.rest = len(records), 0, b"".join(records)


def spoil(fault, reply):
    """Datagrams in place of the good one."""
    if fault in ("servfail", "refused", "formerr", "notimp", "nxdomain", "nodata"):
        reply.only()
        reply.flags |= dnsserver.RCODES.get(fault.upper(), 0)
    elif fault == "wrong-id":
        reply.identity ^= 0x5555
    elif fault == "wrong-question":
        reply.question = b"\x05other\x04test\0" + reply.question[-4:]
    elif fault == "short":
        return [reply.bytes()[:11]]
    elif fault == "counts":
        reply.answers = 0xffff
    elif fault == "data-length":
        reply.only(LOOP + struct.pack(">HHIH", reply.kind, 1, 60, 0xffff) + b"\x7f\0\0\1")
    elif fault == "pointer-loop":
        at = 12 + len(reply.question)
        reply.only(struct.pack(">H", 0xc000 | at) + struct.pack(">HHIH", reply.kind, 1, 60, 4) + b"\x7f\0\0\1")
    elif fault == "label-type":
        reply.only(record(b"\x81a\0", reply.kind, b"\x7f\0\0\1"))
    elif fault == "alias-loop":
        reply.only(record(LOOP, dnsserver.TYPES["CNAME"], LOOP))
    elif fault == "alias-chain":
        names = [b"\x04c%03d\x04test\0" % number for number in range(LINKS)]
        reply.only(*(record(owner, dnsserver.TYPES["CNAME"], alias) for owner, alias in zip([LOOP] + names, names)))
    elif fault == "garbage":
        return [os.urandom(2) + bytes(range(256))]
    elif fault == "twice":
        return [reply.bytes()] * 2
    elif fault == "flood":
        good = reply.bytes()
        reply.identity ^= 0x5555
        return [reply.bytes()] * MANY + [good]
    return [reply.bytes()]


class Dns:
    """step: (name, type) whose question is answered with the fault; without one it is well, but for .alter(answer)."""

    def __init__(self, zone, step=None, fault=None):
        self.zone = dnsserver.Zone(zone, True)
        self.step, self.fault, self.committed = step, fault, False
        self.alter = bytes
        self.udp, self.tcp = dnsserver.open_servers(0, Udp, Tcp)
        self.port = self.udp.server_address[1]
        for server in (self.udp, self.tcp):
            server.peer = self
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def respond(self, query, stream):
        self.committed = self.committed or self.step is None
        return self.alter(dnsserver.respond(self.zone, query, stream))

    def is_meant(self, query):
        labels, at = dnsserver.read_name(query, 12)
        return self.step == (b".".join(labels).decode("latin-1"), struct.unpack_from(">H", query, at)[0])

    def close(self):
        for server in (self.udp, self.tcp):
            server.shutdown()
            server.server_close()


class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        query, sock = self.request
        peer = self.server.peer
        whole = peer.respond(query, False)
        if not peer.is_meant(query):
            sock.sendto(whole, self.client_address)
            return
        if peer.fault.startswith("tcp-"):
            reply = Reply(query, whole)
            reply.flags |= TC
            reply.only()
            sock.sendto(reply.bytes(), self.client_address)
            return
        peer.committed = True
        if peer.fault in victim.SIGNALS:
            victim.strike(peer.fault)
        if peer.fault in ("silence", "sigterm"):
            return
        if peer.fault == "other-port":
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.sendto(whole, self.client_address)
            return
        for datagram in spoil(peer.fault, Reply(query, whole)):
            sock.sendto(datagram, self.client_address)


class Tcp(dnsserver.Tcp):
    def handle(self):
        peer = self.server.peer
        try:
            query = self.rfile.read(struct.unpack(">H", self.rfile.read(2))[0])
            good = peer.respond(query, True)
            framed = struct.pack(">H", len(good)) + good
            if not peer.is_meant(query):
                self.wfile.write(framed)
                return
            peer.committed = True
            if peer.fault.startswith("tcp-"):
                getattr(self, peer.fault.replace("-", "_"))(query, framed)
                return
            for message in spoil(peer.fault, Reply(query, good)):  # asked once more this way
                self.wfile.write(struct.pack(">H", len(message)) + message)
        except (OSError, struct.error):  # the client has gone
            pass

    def tcp_good(self, _, framed):
        self.wfile.write(framed)

    def tcp_silence(self, *_):
        self.request.recv(1)  # until the client gives up

    def tcp_cut(self, *_):
        pass

    def tcp_reset(self, *_):
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def tcp_partial(self, _, framed):
        self.wfile.write(framed[:len(framed) // 2])

    def tcp_drip(self, _, framed):
        for byte in framed:
            self.wfile.write(bytes([byte]))
            time.sleep(1)

    def tcp_garbage(self, *_):
        self.wfile.write(b"\x01\0" + bytes(range(256)))

    def tcp_huge(self, query, framed):
        """As much as a message can hold: the answer, and thousands of records of another type behind it."""
        reply = Reply(query, framed[2:])
        filler = record(LOOP, 65280, b"x")
        count = (65535 - len(framed)) // len(filler)
        reply.rest, reply.extras = reply.rest[:len(reply.rest) - 11 * reply.extras], 0
        reply.rest += filler * count
        reply.answers += count
        self.wfile.write(struct.pack(">H", len(reply.bytes())) + reply.bytes())


def start(_setting, mode, step, fault, secret):
    name, _, kind = (step.at or "").partition(" ")
    dns = Dns(ZONE, (name, dnsserver.TYPES[kind]) if step.at else None, fault)
    arguments = [f"--resolver=127.0.0.1:{dns.port}"]
    if mode.plugin == "check_dmarc_align":
        path = secret.path + ".eml"
        with open(path, "wb") as file:
            file.write(MESSAGE)
        return [dns], arguments + ([f"--message={path}"] if "message" in mode.name else [])
    protocol = "imap" if mode.plugin == "check_imap_marker" else "smtp"
    store = peers.Store([case.SOUGHT] if protocol == "imap" else [])
    server = peers.serve(protocol, store, {"auth": "PLAIN", "password": secret.text})
    started = [dns, server]
    where = "--mx=mx.test" if "mx" in mode.name else "--hostname=mail.test"
    if mode.plugin != "check_mail_roundtrip":
        return started, arguments + [argument for argument in case.endpoint(mode, server.port, "none", secret)
                                     if not argument.startswith("--hostname")] + [where]
    started.append(peers.serve("imap", store, {"auth": "PLAIN", "password": secret.text}))
    smtp = [argument.replace("127.0.0.1", "mail.test") for argument in case.endpoint(mode, server.port, "none", secret, "smtp-")]
    return started, arguments + smtp + case.endpoint(mode, started[-1].port, "none", secret, "imap-")


case.STARTS["dns"] = start
