# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix as tables: modes with their steps, faults, what makes no sense and why, what is expected.

A case is a mode, a step of it and a fault. Each is either excluded by name, or has an expectation: the first rule that
fits. A case with neither is a gap, and fails the run."""
import re
from collections import namedtuple

FAULTS = ("silence", "drip", "cut", "reset", "half-close", "partial", "4xx", "5xx", "299", "999", "000", "garbage", "wrong-tag",
          "unasked", "longline", "literal", "binary", "flood", "inject", "cert-expired", "cert-wrongname", "cert-untrusted",
          "cert-selfsigned", "alert", "sigterm", "sigpipe")

# at: where the server commits the fault (tests/lab/fake.py, peers.py); stage: the step by the plugins' words;
# words: what a person may read of it in the first line
Step = namedtuple("Step", "name at stage words")
# side: the protocol that has the faults; server: options of that peer; secret: "password" or "token"; faults: that make sense
Mode = namedtuple("Mode", "name plugin side tls server arguments steps secret faults", defaults=(FAULTS,))

CONNECT = Step("connect", "connect", "tcp", "connection|connect")
GREETING = Step("greeting", "greeting", "greeting", "greeting")
TLS = Step("tls", "tls", "tls", "TLS|certificate")


def hello(protocol, turn=1):
    name, at = {"smtp": ("ehlo", "ehlo"), "imap": ("capability", "capability"), "pop3": ("capa", "capa")}[protocol]
    return Step(name if turn == 1 else f"{name}-{turn}", f"{at}@{turn}", "ehlo", "EHLO|HELO|CAPABILITY|CAPA|ehlo|STARTTLS|STLS|AUTH")


def opening(protocol, tls):
    starttls = Step("starttls", "starttls", "starttls", "STARTTLS|STLS|starttls")
    if tls == "implicit":
        return [CONNECT, TLS, GREETING, hello(protocol)]
    if tls == "starttls":
        return [CONNECT, GREETING, hello(protocol), starttls, TLS, hello(protocol, 2)]
    return [CONNECT, GREETING, hello(protocol)]


def login(protocol, challenges):
    stage, at = ("auth", "auth") if protocol == "smtp" else ("login", "login")
    words = "AUTH|LOGIN|PASS|USER|auth|login|SCRAM|CRAM|sign"
    return [Step(f"challenge-{turn}", f"challenge@{turn}", stage, words) for turn in range(1, challenges + 1)] + \
        [Step(at, at, stage, words)]


def smtp_rest():
    return [Step("mail", "mail", "mail", "MAIL|mail"), Step("rcpt", "rcpt", "rcpt", "RCPT|rcpt"),
            Step("data", "data", "data", "DATA|data"), Step("content", "content", "accept", "message|accept|final|DATA"),
            Step("body", "body", "accept", "accept|final|message|DATA"), Step("quit", "quit", "quit", "")]


def imap_rest(*more):
    words = "search|SEARCH|fetch|FETCH|found|match|connection"
    return [Step("examine", "select@1", "select", "EXAMINE|SELECT|select|folder"), Step("list", "list@1", "select", "LIST|select|folder"),
            Step("search", "search@1", "search", words), Step("fetch", "fetch@1", "fetch", words), *more,
            Step("logout", "logout", "quit", "")]


IDLING = [Step("idle", "idle@1", "search", "IDLE|search|connection|arriv"),
          Step("idling", "idling@1", "search", "IDLE|search|connection|arriv|answer"), Step("done", "done@1", "search", "DONE|IDLE|search|connection|arriv")]
FETCHES = Step("fetches", "fetch", "fetch", "FETCH")
QUOTA = Step("quota", "quota", "quit", "")
NOOP = Step("noop", "noop@1", "search", "search|arriv|NOOP|connection|found")
POP3_REST = [Step("stat", "stat", "select", "STAT|select"), Step("uidl", "uidl", "fetch", "UIDL|fetch"),
             Step("top", "top", "search", "TOP|search|found|match"), Step("quit", "quit", "quit", "")]
CLEANUP = "clean|STORE|EXPUNGE|MOVE|DELE|QUIT|remove"
STORE = Step("store", "store", "cleanup", CLEANUP)
EXPUNGE = Step("expunge", "expunge", "cleanup", CLEANUP)
MOVE = Step("move", "move", "cleanup", CLEANUP)
DELE = Step("dele", "dele", "cleanup", CLEANUP)

ADDRESSES = ["--from=probe@sender.example", "--to=probe@dest.example"]
FIND = ["--subject=the sought one"]
TRUSTED = ["--authserv-id=mx.dest.example", "--verify=none"]


def submit(name, tls, auth, challenges, more=(), steps=None, secret="password"):
    return Mode(name, "check_smtp_submit", "smtp", tls, {"auth": auth, "extension": ["PIPELINING"] if "--pipelining" in more else []},
                [*ADDRESSES, *more], opening("smtp", tls) + login("smtp", challenges) + smtp_rest() if steps is None
                else steps, secret)


def marker(name, protocol, tls, auth, challenges, rest, more=(), server=()):
    return Mode(name, "check_imap_marker", protocol, tls, {"auth": auth, **dict(server)}, [f"--protocol={protocol}", *FIND, *more],
                opening(protocol, tls) + login(protocol, challenges) + rest, "password")


def trip(name, side, tls, steps, more=(), server=()):
    return Mode(name, "check_mail_roundtrip", side, tls, {"auth": "PLAIN", **dict(server)}, [*ADDRESSES, "--no-junk", *more], steps, "password")


# look-ups: each is a step, at the name and type that is asked for (names.py)
DNS_FAULTS = ("silence", "other-port", "wrong-id", "wrong-question", "short", "servfail", "refused", "formerr", "notimp", "nxdomain",
              "nodata", "counts", "data-length", "pointer-loop", "label-type", "alias-loop", "alias-chain", "garbage", "twice", "flood",
              "tcp-good", "tcp-silence", "tcp-cut", "tcp-reset", "tcp-partial", "tcp-drip", "tcp-garbage", "tcp-huge",
              "sigterm", "sigpipe")
RESOLVE = "resolve|DNS|MX|address"
A, AAAA = Step("a", "mail.test A", "dns", RESOLVE), Step("aaaa", "mail.test AAAA", "dns", RESOLVE)
MX = Step("mx", "mx.test MX", "dns", RESOLVE)
SPF, HOST = Step("spf", "align.test TXT", "", "SPF"), Step("host", "host.align.test A", "", "SPF")
KEY, POLICY = Step("key", "key._domainkey.align.test TXT", "", "DKIM"), Step("policy", "_dmarc.align.test TXT", "", "DMARC")


def look_up(name, plugin, steps, arguments):
    return Mode(name, plugin, "dns", "none", {}, arguments, steps, "password", DNS_FAULTS)


# the token endpoint: HTTPS (tokens.py)
TOKEN = "OAuth2 token from https://localhost"
TOKEN_STEPS = [Step(name, at, "auth|login", TOKEN) for name, at in
               (("connect", "connect"), ("tls", "tls"), ("status", "status"), ("header", "header"), ("body", "body"))]
TOKEN_FAULTS = (*(fault for fault in FAULTS if fault not in ("unasked", "wrong-tag", "inject")), "invalid-grant", "invalid-client", "429",
                "redirect", "nested", "other-type", "no-token")


def fetch_token(name, plugin, arguments):
    return Mode(name, plugin, "token", "none", {}, arguments, TOKEN_STEPS, "token", TOKEN_FAULTS)


MODES = [
    fetch_token("token-submit", "check_smtp_submit", ADDRESSES),
    fetch_token("token-imap", "check_imap_marker", FIND),
    look_up("dns-submit", "check_smtp_submit", [A, AAAA], ADDRESSES),
    look_up("dns-mx", "check_smtp_submit", [MX, A], ADDRESSES),
    look_up("dns-imap", "check_imap_marker", [A], FIND),
    look_up("dns-trip", "check_mail_roundtrip", [A], [*ADDRESSES, "--no-junk"]),
    look_up("dns-align-spf", "check_dmarc_align", [SPF, HOST],
            ["--client-ip=192.0.2.1", "--mail-from=probe@align.test", "--helo=host.align.test", "--require=spf"]),
    look_up("dns-align-message-key", "check_dmarc_align", [KEY], ["--require=dkim"]),
    look_up("dns-align-message-policy", "check_dmarc_align", [POLICY],
            ["--client-ip=192.0.2.1", "--mail-from=probe@align.test", "--helo=host.align.test"]),
    submit("submit-starttls", "starttls", "SCRAM-SHA-256", 2),
    submit("submit-implicit", "implicit", "LOGIN", 1),
    submit("submit-plain", "none", "PLAIN", 0),
    submit("submit-cram", "none", "CRAM-MD5", 1, steps=login("smtp", 1)),
    submit("submit-scram-sha-1", "none", "SCRAM-SHA-1", 2, steps=login("smtp", 2)),
    submit("submit-token", "none", "XOAUTH2", 0, steps=login("smtp", 0), secret="token"),
    submit("submit-bearer", "none", "OAUTHBEARER", 0, steps=login("smtp", 0), secret="token"),
    submit("submit-pipelined", "none", "PLAIN", 0, ["--pipelining"], smtp_rest()),
    marker("imap-starttls", "imap", "starttls", "SCRAM-SHA-256", 2, imap_rest()),
    marker("imap-implicit", "imap", "implicit", "PLAIN", 0, imap_rest(), ["--max-age=1h"]),
    marker("imap-login", "imap", "none", "", 0, imap_rest(FETCHES)),
    Mode("imap-quota", "check_imap_marker", "imap", "none", {"auth": "PLAIN", "extension": ["QUOTA"]}, FIND, [QUOTA], "password"),
    marker("pop3-stls", "pop3", "starttls", "SCRAM-SHA-256", 2, POP3_REST),
    marker("pop3-user", "pop3", "none", "", 0, [Step("user", "user", "login", "USER|login"), *POP3_REST]),
    trip("trip-smtp", "smtp", "starttls", opening("smtp", "starttls") + login("smtp", 0) + smtp_rest()),
    trip("trip-imap", "imap", "starttls", opening("imap", "starttls") + login("imap", 0) + imap_rest(STORE, EXPUNGE), ["--cleanup=delete"]),
    trip("trip-deferred-smtp", "smtp", "starttls", opening("smtp", "starttls") + login("smtp", 0) + smtp_rest(), ["--deferred"]),
    trip("trip-deferred-imap", "imap", "starttls", opening("imap", "starttls") + login("imap", 0) + imap_rest(), ["--deferred"]),
    trip("trip-move", "imap", "none", [MOVE], ["--cleanup=move:Trash"], {"extension": ["MOVE"]}),
    trip("trip-noop", "imap", "none", [NOOP]),
    trip("trip-idle", "imap", "none", IDLING, ["--wait=10"], {"delay_s": 6.5}),
    Mode("trip-seeds", "check_mail_roundtrip", "imap", "starttls", {"auth": "PLAIN"}, ADDRESSES[:1],
         opening("imap", "starttls") + login("imap", 0) + imap_rest(), "password"),
    Mode("align-imap", "check_dmarc_align", "imap", "none", {"auth": "PLAIN"}, ["--no-junk", *FIND, *TRUSTED], imap_rest(), "password"),
    Mode("align-pop3", "check_dmarc_align", "pop3", "none", {"auth": "PLAIN"}, ["--protocol=pop3", *FIND, *TRUSTED], POP3_REST, "password"),
    trip("trip-pop3", "pop3", "none", login("pop3", 0) + [DELE] + POP3_REST, ["--cleanup=delete"]),
]

# mode, step, fault (regular expressions, whole words), why there is no such case
EXCLUDED = [
    ("align-imap", "list", ".*", "with --no-junk no LIST is sent"),
    (".*", "fetches", "(?!4xx|5xx).*", "that has ended the first one already"),
    ("trip-(deferred-imap|imap|seeds)", "list|search", ".*", "with --no-junk no LIST is sent, and what is new is fetched without a SEARCH"),
    (".*", "connect", "(?!silence|reset).*", "before a connection is accepted no peer can say a word"),
    (".*", "(?!tls).*", "cert-.*|alert", "certificates and alerts belong to the TLS handshake"),
    (".*", "tls", "4xx|5xx|299|999|000|wrong-tag|unasked|longline|literal|binary|flood|inject",
     "in a handshake there are no lines"),
    (".*", "(?!starttls).*", "inject", "bytes behind an answer matter where TLS begins; elsewhere that is \"unasked\""),
    ("submit.*|.*pop3.*|trip-(deferred-)?smtp", ".*", "wrong-tag", "SMTP and POP3 have no tags"),
    ("submit.*|.*pop3.*|trip-(deferred-)?smtp", ".*", "literal", "SMTP and POP3 have no literals"),
    (".*", "greeting|challenge-.|idle|idling", "wrong-tag", "a greeting, a continuation and what nobody asked for bear no tag"),
    (".*pop3.*", "(?!capa|top).*", "flood", "a POP3 reply of one line has no continuation"),
    (".*", "content", "drip|partial|299|999|000|garbage|unasked|longline|binary|flood",
     "within the message the server has nothing to answer: a reply of its own there is \"body\""),
    (".*", "starttls", "unasked", "that is \"inject\""),
    ("token-.*", "tls", "invalid-.*|429|redirect|nested|other-type|no-token", "in a handshake there is no HTTP"),
    ("token-.*", "status", "literal|nested|other-type|no-token", "a status line announces no length and has no JSON"),
    ("token-.*", "header|body", "4xx|5xx|299|999|000|invalid-.*|429|redirect", "the status line says that"),
    ("token-.*", "header", "garbage|nested|other-type|no-token", "the body's, or the status line's"),
    ("token-.*", "body", "longline|literal|flood", "how long a body is, its header says"),
]


def matches(pattern, text):
    return re.fullmatch(pattern, text) is not None


def excluded(mode, step, fault):
    """The reason, or None."""
    for modes, steps, faults, reason in EXCLUDED:
        if matches(modes, mode.name) and matches(steps, step.name) and matches(faults, fault):
            return reason
    return None
