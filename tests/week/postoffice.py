# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings what the relay took into a real mailbox, at the simulated time: IMAP APPEND sets the date."""
import heapq
import imaplib
import itertools
import threading
import time

from model import Message

BOUNCE = """From: Mail Delivery System <MAILER-DAEMON@dest.example>
To: {user}
Subject: Undelivered Mail Returned to Sender
Date: {date}
Message-ID: <bounce-{number}@dest.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b{number}"

--b{number}
Content-Type: text/plain

The message could not be delivered.

--b{number}
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.dest.example

Final-Recipient: rfc822; {user}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b{number}
Content-Type: text/rfc822-headers

{headers}
--b{number}--
"""


class Delivery:
    """One way of a message: seconds after it was accepted; None: never."""

    def __init__(self, delay, kind="inbox"):
        self.delay, self.kind = delay, kind  # "inbox", "junk", "bounce"


class PostOffice:
    """The mailbox of one user. Times are the mail system's."""

    def __init__(self, lab, user, secret):
        self.user = user
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()
        self.under_way = []  # heap of (due, number, marker, kind, raw)
        self.arrived = []  # Message, in the order of arrival
        self.imap = imaplib.IMAP4("127.0.0.1", int(lab["IMAP_PORT"]))
        self.imap.login(user, secret)

    def post(self, now, marker, raw, deliveries):
        with self.lock:
            for delivery in deliveries:
                entry = (now + delivery.delay, next(self.numbers), marker, delivery.kind, raw)
                if delivery.delay > 0:
                    heapq.heappush(self.under_way, entry)
                else:
                    self.put(*entry)

    def advance(self, now):
        """Delivers all that is due."""
        with self.lock:
            while self.under_way and self.under_way[0][0] <= now:
                self.put(*heapq.heappop(self.under_way))

    def put(self, due, number, marker, kind, raw):
        date = time.gmtime(due)
        if kind == "bounce":
            headers = raw.split(b"\r\n\r\n", 1)[0].decode()
            text = BOUNCE.format(user=self.user, number=number, headers=headers, date=time.strftime("%a, %d %b %Y %H:%M:%S +0000", date))
            raw = "\r\n".join(text.splitlines()).encode() + b"\r\n"
        folder = "Junk" if kind == "junk" else "INBOX"
        stamp = time.strftime('"%d-%b-%Y %H:%M:%S +0000"', date)
        status, answer = self.imap.append(folder, None, stamp, raw)
        assert status == "OK", answer
        self.arrived.append(Message(marker, int(due), kind == "bounce", kind == "junk"))

    def close(self):
        self.imap.logout()
