# SPDX-License-Identifier: GPL-3.0-or-later
"""What is expected of a case: the first rule that fits its mode, step and fault."""
import re
from collections import namedtuple

import tables
from case import demand

OK, WARNING, CRITICAL, UNKNOWN = (0,), (1,), (2,), (3,)
SOON = 1.5  # seconds, on a crowded machine
# states: one of them; classes: a regular expression of the first fault's, "" where there is none; stages: likewise, None: the
# step's own
Rule = namedtuple("Rule", "mode step fault states classes stages")

SMTP, IMAP, POP3 = "submit.*|trip-(?:deferred-)?smtp", ".*imap.*|trip-(?:move|noop|idle|seeds)", ".*pop3.*"
LOST, SLOW = "cut|reset|half-close|partial", "silence|drip"
SMTP_TLS = "submit-starttls|trip-(?:deferred-)?smtp"

# what no resolver takes for an answer, what is none, and what does no harm
UNANSWERED = "silence|other-port|wrong-id|wrong-question|short|garbage|tcp-(?!good|huge).*"
NO_ANSWER = "servfail|refused|formerr|notimp|counts|data-length|pointer-loop|label-type|alias-loop|alias-chain"

RULES = [
    # who is stopped says so; what was said before stands
    Rule("trip-(deferred-)?smtp|trip-pop3", "quit", "sigterm", UNKNOWN, "interrupted", ()),  # the mail is yet to come
    Rule(".*", "quit|logout|quota", "sigterm", OK, "", None),
    Rule("dns-align.*", ".*", "sigterm", UNKNOWN, "interrupted", ()),
    Rule(".*", ".*", "sigterm", UNKNOWN, "interrupted", ()),
    # what a peer that closed causes is ignored
    Rule("dns-align-message-key", "key", "sigpipe", CRITICAL, "dkim", ()),
    Rule(".*", ".*", "sigpipe", OK, "", None),

    # without a token there is no login, whatever keeps it away; odd bytes around it do no harm
    Rule("token-.*", "status|header", "binary|flood", OK, "", None),
    Rule("token-.*", ".*", ".*", CRITICAL, "auth_token", None),
    # without an address there is no mail; IPv4 is enough
    Rule("dns-(submit|mx|imap|trip)", "aaaa", ".*", OK, "", None),
    Rule("dns-(submit|mx|imap|trip)", "a|mx", "twice|flood|tcp-good|tcp-huge", OK, "", None),
    Rule("dns-(submit|mx|imap|trip)", "a|mx", ".*", CRITICAL, "dns", None),
    # our own look-ups: without an answer there is no verdict
    Rule("dns-align-message-key", "key", "twice|flood|tcp-good|tcp-huge|nxdomain|nodata", CRITICAL, "dkim", ()),
    Rule("dns-align-message-policy", "policy", "nxdomain|nodata", CRITICAL, "dmarc", ()),
    Rule("dns-align.*", ".*", "twice|flood|tcp-good|tcp-huge", OK, "", None),
    Rule("dns-align-spf", ".*", "nxdomain|nodata", CRITICAL, "spf", ()),
    Rule("dns-align.*", ".*", UNANSWERED + "|" + NO_ANSWER, UNKNOWN, "lookup", ()),

    Rule(".*", "connect", "silence", CRITICAL, "timeout", None),
    Rule(".*", "connect", "reset", CRITICAL, "connect", None),

    # TLS
    Rule(".*", "tls", "silence|drip", CRITICAL, "timeout", None),
    Rule(".*", "tls", "cut|reset|half-close|partial|garbage|alert", CRITICAL, "tls_handshake", None),
    Rule(".*", "tls", "cert-.*", CRITICAL, "tls_certificate", None),
    Rule(".*", "starttls", "inject", CRITICAL, "protocol", None),
    Rule(".*", "starttls", "4xx|5xx", CRITICAL, "tls_refused", None),

    # POP3 removes at QUIT
    Rule("trip-pop3", "quit", "binary|unasked", OK, "", None),
    Rule("trip-pop3", "quit", ".*", WARNING, "cleanup", "cleanup"),

    # courtesies: the message was accepted, the search is done
    Rule(".*", "quit|logout|quota", ".*", OK, "", None),

    # what may come at any time in IMAP, and what a multi-line reply may hold
    Rule(IMAP, ".*", "unasked", OK, "", None),
    Rule(IMAP, "challenge-.", "flood", CRITICAL, "protocol|timeout", None),
    Rule(IMAP, ".*", "flood", OK, "", None),
    Rule(POP3, "top", "flood", OK, "", None),
    Rule(SMTP, "greeting|starttls", "flood", OK, "", None),

    # an answer too many: the next step gets it, and none is taken for another's
    Rule(SMTP, "body", "unasked", OK, "", None),
    Rule(SMTP_TLS, "greeting|ehlo", "unasked", CRITICAL, "tls_refused", "ehlo"),
    Rule(SMTP, "greeting|ehlo.*", "unasked", CRITICAL, "auth_unavailable", "auth"),
    Rule(SMTP, ".*", "unasked", CRITICAL, "protocol", ()),
    Rule("trip-pop3", "uidl", "unasked", CRITICAL, "protocol", "fetch"),
    Rule(POP3, "greeting|capa.*|uidl|top|dele", "unasked", OK, "", None),
    Rule(POP3, ".*", "unasked", CRITICAL, "protocol", ()),

    # EHLO refused: HELO, which offers nothing; CAPABILITY or CAPA refused: everything is worth a try, but TLS is required
    Rule(SMTP, "greeting", "299", OK, "", None),
    Rule(SMTP, "ehlo.*", "4xx", CRITICAL, "server_unavailable", None),
    Rule(SMTP, "ehlo.*", "5xx", CRITICAL, "policy_rejected", None),
    Rule(SMTP_TLS, "ehlo", "299", CRITICAL, "tls_refused", None),
    Rule(SMTP, "ehlo.*", "299", CRITICAL, "auth_unavailable", "auth"),
    Rule("imap-starttls|trip-(deferred-imap|imap|seeds)", "capability", "4xx|5xx", CRITICAL, "server_unavailable", None),
    Rule("imap-starttls|trip-(deferred-imap|imap|seeds)", "capability", "299|999|000", CRITICAL, "protocol", None),
    Rule("pop3-stls", "capa", "4xx|5xx", CRITICAL, "tls_refused", None),
    Rule(IMAP + "|" + POP3, "cap.*", "4xx|5xx", OK, "", None),
    Rule(IMAP, "capability.*", "299|999|000", OK, "", None),

    # a refusal without a word on why, of what a server may lack
    Rule(IMAP, "list|search|noop", "4xx|5xx", OK, "", None),  # headers are compared here
    Rule(IMAP, "fetch", "4xx|5xx", OK, "", None),  # it is asked again, one message at a time
    Rule("trip-pop3", "uidl", "4xx|5xx", CRITICAL, "protocol", "fetch"),  # a second session cannot tell which it is
    Rule(POP3, "uidl", "4xx|5xx", OK, "", None),

    # cleaning warns, whatever stopped it: the verdict on the mail stands
    Rule("trip-.*", "store|expunge|move|dele", "binary|unasked|flood", OK, "", None),
    Rule("trip-.*", "store|expunge|move|dele", ".*", WARNING, "cleanup", "cleanup"),

    # bytes that are no base64 (which LOGIN does not read), no literal's length
    Rule("submit-implicit", "challenge-.", "binary", OK, "", None),
    Rule(".*", "challenge-.", "binary", CRITICAL, "protocol", None),
    Rule(IMAP, "fetch", "binary", CRITICAL, "protocol", None),

    # who waits connects again, once, and finds the message
    Rule("trip-(imap|noop|idle|seeds)", "fetch|noop|idle|idling|done", LOST, OK, "", None),
    # an IDLE that is refused is done without
    Rule("trip-idle", "idle|done", "4xx|5xx", OK, "", None),
    Rule("trip-idle", "idling", "4xx|5xx|299|999|000", OK, "", None),  # untagged, so that nothing is refused

    # any other step
    Rule(".*", "greeting|cap.*|starttls|ehlo.*", "literal", CRITICAL, "timeout|protocol", None),
    Rule(".*", ".*", SLOW, CRITICAL, "timeout", None),
    Rule(".*", ".*", LOST, CRITICAL, "connect", None),
    Rule(".*", ".*", "4xx", CRITICAL, "server_unavailable", None),  # its words say so: greylisting reads differently
    Rule("submit-(token|bearer)", "auth", "5xx", CRITICAL, "auth_token", None),
    Rule(SMTP, "challenge-.|auth", "5xx", CRITICAL, "auth_credentials", None),
    Rule(SMTP, "mail", "5xx", CRITICAL, "sender_rejected", None),
    Rule(SMTP, "greeting|rcpt", "5xx", CRITICAL, "policy_rejected", None),
    Rule(SMTP, "data|content|body", "5xx", CRITICAL, "content_rejected", None),
    Rule(IMAP, "challenge-.|login", "5xx", CRITICAL, "auth_credentials", None),
    Rule(IMAP, "examine", "5xx", CRITICAL, "policy_rejected", None),
    Rule(POP3, "challenge-.|login|user", "5xx", CRITICAL, "auth_disabled", None),  # SYS/PERM (RFC 3206)
    Rule(".*", ".*", "5xx", CRITICAL, "server_unavailable", None),
    Rule(".*", ".*", "299|999|000|garbage|wrong-tag|longline|literal|flood", CRITICAL, "protocol", None),
    Rule(".*", ".*", "binary", OK, "", None),
]


def find(mode, step, fault):
    for rule in RULES:
        if all(tables.matches(pattern, text) for pattern, text in ((rule.mode, mode.name), (rule.step, step.name), (rule.fault, fault))):
            return rule
    return None


# stage by stage what must still be printed, in the order of the conversation
MEASURED = ("tcp", "greeting", "ehlo", "starttls", "tls", "auth", "login", "mail", "rcpt", "data", "accept")


SUBMITTED = {"submit", "smtp_connect", "smtp_auth"}
BEHIND_THE_SUBMISSION = ("fetch", "noop", "idle", "idling", "done", "store", "expunge", "move", "dele", "logout")


def composites(one, before):
    """What a round trip shows of the steps before."""
    side = "smtp_" if one.mode.side == "smtp" else "imap_"
    shown = {"tcp": side + "connect", "auth": "smtp_auth", "login": "imap_login", "accept": "submit"}
    names = {shown[stage] for stage in before if stage in shown and stage != one.step.stage}
    return names | (SUBMITTED if one.step.name in BEHIND_THE_SUBMISSION or one.mode.name == "trip-deferred-imap" else set())


def expected_metrics(one):
    """Metrics of the steps before the one that fails."""
    if one.mode.side in ("dns", "token") or (one.mode.name, one.fault) == ("trip-seeds", "sigterm"):
        return set()
    if one.mode.name == "trip-seeds":  # the submission's result stands, and the well mailbox's
        return SUBMITTED | {"placed", "found", "total_well", "total"}
    names, known = {"total"}, [step.stage for step in one.mode.steps]
    before = known[:[step.name for step in one.mode.steps].index(one.step.name)]
    if one.mode.plugin == "check_mail_roundtrip":
        return composites(one, before)
    for stage in before:
        if stage in MEASURED and stage != one.step.stage:
            names.add(stage)
    if "--pipelining" in one.mode.arguments:
        names -= {"mail", "rcpt", "data"}
    return names | ({"connect"} if "tcp" in names else set())


def check(one, result):
    rule = one.rule
    problems = []
    state, kind, stage = result.faults[0] if result.faults else ("", "", "")
    if result.code not in rule.states:
        problems.append(f"exit code {result.code}, wanted one of {rule.states}")
    if not re.fullmatch(rule.classes, kind):
        problems.append(f"class {kind!r}, wanted {rule.classes!r}")
    if kind and rule.stages != () and not re.fullmatch(one.step.stage if rule.stages is None else rule.stages, stage):
        problems.append(f"stage {stage!r}, wanted {one.step.stage if rule.stages is None else rule.stages!r}")
    if kind and rule.stages is None and not re.search(one.step.words, result.text):
        problems.append(f"the first line does not name the step ({one.step.words})")
    if missing := expected_metrics(one) - set(result.metrics):
        problems.append(f"metrics of earlier steps are missing: {' '.join(sorted(missing))}")
    if one.fault == "sigterm" and result.after_signal > SOON:
        problems.append(f"it ended {result.after_signal:.2f} s after the signal")
    demand(not problems, "; ".join(problems), result)
