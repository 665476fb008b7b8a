# SPDX-License-Identifier: GPL-3.0-or-later
"""footer.py SOURCE HOST PORT RECIPIENT - a mailing list: one SMTP conversation on stdin and stdout (Postfix' spawn);
what it takes it gives on to RECIPIENT by HOST:PORT, from the address SOURCE, with a footer under the text."""

import smtplib
import sys
import time

FOOTER = b"_______________________________________________\r\nLab mailing list, unsubscribe at any time\r\n"


def altered(message):
    """The footer at the end of the first text part, or of the body where there are no parts."""
    head, _, body = message.partition(b"\r\n\r\n")
    end = len(body)
    if b"multipart/" in head.lower():
        boundary = body.find(b"\r\n--", body.find(b"\r\n\r\n"))
        if boundary >= 0:
            end = boundary + 2
    received = "Received: from lab by list.example (lab list) with ESMTP; %s\r\n" % time.strftime(
        "%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
    return received.encode() + head + b"\r\n\r\n" + body[:end] + FOOTER + body[end:]


def give_on(sender, message):
    source, host, port, recipient = sys.argv[1:5]
    with smtplib.SMTP(host, int(port), "out.hop.example", source_address=(source, 0)) as client:
        client.sendmail(sender, [recipient], altered(message))


def main():
    lines = sys.stdin.buffer
    sender = ""

    def say(text):
        sys.stdout.write(text + "\r\n")
        sys.stdout.flush()

    say("220 list.example ESMTP")
    while line := lines.readline():
        verb = line.strip().upper()
        if verb.startswith(b"MAIL FROM:"):
            sender = line.split(b"<", 1)[1].split(b">", 1)[0].decode()
        if verb == b"DATA":
            say("354 go on")
            data = []
            while (line := lines.readline()) not in (b".\r\n", b""):
                data.append(line[1:] if line.startswith(b".") else line)
            try:
                give_on(sender, b"".join(data))
                say("250 2.0.0 given on")
            except (OSError, smtplib.SMTPException) as error:
                say("451 4.4.0 " + " ".join(str(error).split()))
        elif verb == b"QUIT":
            return say("221 bye")
        else:
            say("250 ok")


main()
