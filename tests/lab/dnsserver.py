#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small authoritative DNS server for tests: one zone from JSON, UDP and TCP on one port of the loopback.

usage: dnsserver.py [--port N] [--lifetime SECONDS] [--lax-cname] ZONE.json|-

Prints the port, then serves until it is killed or its lifetime ends. The zone is what the SPF test suite writes, as JSON:

  {"example.com": [{"TXT": "v=spf1 mx -all"}, {"MX": [10, "mail.example.com"]}, "AD"],
   "slow.example.com": [{"A": "192.0.2.1"}, "TIMEOUT"]}

Records: A, AAAA, MX, PTR, CNAME, NS, TXT (a text, or a list of strings; [] is a record without any), SPF (type 99, and
stands for TXT where the name has none; {"TXT": "NONE"} prevents that). Characters up to U+00FF are bytes. Words:
  TIMEOUT    no answer for types of this name that have no record      AD         with the AD bit, if the query has it or DO
  SERVFAIL   that answer; REFUSED, FORMERR, NOTIMP likewise            TRUNCATE   over UDP nothing but the TC bit
  GARBAGE    an answer that cannot be parsed                           NOTCP      TRUNCATE, and TCP is closed without answer
  {"TYPE": "TIMEOUT"}, {"TYPE": "SERVFAIL"} ... the same for one type of the name alone
Names that stand above others exist without data. "*" as the first label serves whatever is below and not named.
CNAMEs are followed within the zone, as a resolver does (RA is set), up to a loop; with --lax-cname only the first is
given, without RA."""
import argparse
import ipaddress
import json
import os
import socketserver
import struct
import sys
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SPF": 99}
RCODES = {"FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}
WORDS = {"TIMEOUT", "AD", "TRUNCATE", "NOTCP", "GARBAGE", *RCODES}
QR, AA, TC, RD, RA, AD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020
UDP_MAX, LINKS_MAX = 512, 16


def to_bytes(text):
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8")


def labels_of(name):
    return [label for label in to_bytes(name).lower().rstrip(b".").split(b".") if label]


def wire_name(labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def wire_strings(value):
    strings = [value] if isinstance(value, str) else value
    data = b""
    for string in map(to_bytes, strings):
        pieces = [string[i:i + 255] for i in range(0, len(string), 255)] or [b""]
        data += b"".join(bytes([len(piece)]) + piece for piece in pieces)
    return data


def wire_data(kind, value):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if kind in ("CNAME", "PTR", "NS"):
        return wire_name(labels_of(value))
    if kind == "MX":
        return struct.pack(">H", int(value[0])) + wire_name(labels_of(value[1]))
    return wire_strings(value)


class Node:
    """One name: records by type, and how its questions are to go wrong."""

    def __init__(self, entries):
        self.records, self.words, self.by_type, no_txt = {}, set(), {}, False
        for entry in entries:
            if isinstance(entry, str):
                self.words.add(entry)
                continue
            (kind, value), = entry.items()
            if value == "NONE":
                no_txt = no_txt or kind == "TXT"
            elif isinstance(value, str) and value in WORDS:
                self.by_type.setdefault(TYPES[kind], set()).add(value)
            else:
                self.records.setdefault(TYPES[kind], []).append(wire_data(kind, value))
        if TYPES["SPF"] in self.records and not no_txt:
            self.records.setdefault(TYPES["TXT"], self.records[TYPES["SPF"]])

    def words_for(self, kind):
        words = self.words | self.by_type.get(kind, set())
        if kind in self.records or TYPES["CNAME"] in self.records:
            words = words - ({"TIMEOUT"} - self.by_type.get(kind, set()))
        return words


class Zone:
    def __init__(self, data, follow):
        self.follow = follow
        self.nodes = {tuple(labels_of(name)): Node(entries or []) for name, entries in data.items()}
        self.above = {name[i:] for name in self.nodes for i in range(len(name) + 1)}

    def find(self, name):
        if name in self.nodes:
            return self.nodes[name]
        if name in self.above:
            return Node([])
        for i in range(1, len(name)):
            if (b"*",) + name[i:] in self.nodes:
                return self.nodes[(b"*",) + name[i:]]
        return None

    def answer(self, name, kind):
        """(rcode, [(owner, type, data)], words)"""
        answers, words, seen = [], set(), set()
        while True:
            node = self.find(name)
            if node is None:
                return RCODES["NXDOMAIN"], answers, words
            words |= node.words_for(kind)
            for word in words & set(RCODES):
                return RCODES[word], answers, words
            found = node.records.get(kind, [])
            answers += [(name, kind, data) for data in found]
            alias = node.records.get(TYPES["CNAME"])
            if found or not alias:
                return 0, answers, words
            answers.append((name, TYPES["CNAME"], alias[0]))
            seen.add(name)
            name = tuple(read_name(alias[0], 0)[0])
            if not self.follow or name in seen or len(seen) == LINKS_MAX:
                return 0, answers, words


def read_name(message, at):
    labels = []
    while message[at]:
        if message[at] > 63:
            raise ValueError("compressed")
        labels.append(message[at + 1:at + 1 + message[at]].lower())
        at += 1 + message[at]
    return labels, at + 1


def edns_of(query, at):
    """(largest UDP answer, DO) of an OPT record behind the question; (512, False) without one."""
    if struct.unpack_from(">H", query, 10)[0] and query[at:at + 3] == b"\0\0\x29":
        size, flags = struct.unpack_from(">HxxH", query, at + 3)
        return max(size, UDP_MAX), bool(flags & 0x8000), True
    return UDP_MAX, False, False


def respond(zone, query, over_tcp):
    """The bytes of the answer, or None for silence."""
    identity, flags, questions = struct.unpack_from(">HHH", query)
    if flags & QR or questions != 1:
        return None
    labels, at = read_name(query, 12)
    kind = struct.unpack_from(">H", query, at)[0]
    question = query[12:at + 4]
    largest, wants_dnssec, has_edns = edns_of(query, at + 4)
    rcode, answers, words = zone.answer(tuple(labels), kind)
    if "TIMEOUT" in words:
        return None
    reply = QR | flags & RD | rcode | (RA if zone.follow else AA)
    if "AD" in words and (flags & AD or wants_dnssec):
        reply |= AD
    body = b""
    for owner, answer_kind, data in answers:
        name = b"\xc0\x0c" if owner == tuple(labels) else wire_name(owner)
        body += name + struct.pack(">HHIH", answer_kind, 1, 60, len(data)) + data
    extra = b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0) if has_edns else b""
    if "GARBAGE" in words:
        body, answers = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, 0xffff), answers[:1] or [None]
    whole = len(question) + len(body) + len(extra) + 12
    if not over_tcp and (whole > largest or words & {"TRUNCATE", "NOTCP"}):
        reply, body, answers = reply | TC, b"", []
    if over_tcp and "NOTCP" in words:
        return None
    return struct.pack(">HHHHHH", identity, reply, 1, len(answers), 0, 1 if has_edns else 0) + question + body + extra


class Udp(socketserver.BaseRequestHandler):
    def handle(self):
        query, sock = self.request
        try:
            reply = respond(self.server.zone, query, False)
        except (ValueError, IndexError, struct.error):
            return
        if reply is not None:
            sock.sendto(reply, self.client_address)


class Tcp(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self):
        try:
            while True:
                size = self.rfile.read(2)
                if len(size) < 2:
                    return
                reply = respond(self.server.zone, self.rfile.read(struct.unpack(">H", size)[0]), True)
                if reply is None:
                    return
                self.wfile.write(struct.pack(">H", len(reply)) + reply)
        except (ValueError, IndexError, struct.error, OSError):
            return


class UdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True
    max_packet_size = 65535


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def open_servers(port, udp_handler=Udp, tcp_handler=Tcp):
    """Both on one port; where any will do, one that is free for both."""
    for _ in range(50):
        udp = UdpServer(("127.0.0.1", port), udp_handler)
        try:
            return udp, TcpServer(udp.server_address, tcp_handler)
        except OSError:
            udp.server_close()
            if port:
                raise
    raise SystemExit("no free port")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--lifetime", type=float, default=600)
    parser.add_argument("--lax-cname", action="store_true")
    parser.add_argument("zone")
    options = parser.parse_args()
    with sys.stdin if options.zone == "-" else open(options.zone, encoding="utf-8") as file:
        zone = Zone(json.load(file), not options.lax_cname)
    servers = open_servers(options.port)
    for server in servers:
        server.zone = zone
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print(servers[0].server_address[1], flush=True)
    stop = threading.Timer(options.lifetime, os._exit, [0])
    stop.start()
    stop.join()


if __name__ == "__main__":
    main()
