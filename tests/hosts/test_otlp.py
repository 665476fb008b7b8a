# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenTelemetry: what a collector gets is read strictly by the protocol's own definitions, is a tree in which every span
lies within its parent, and nothing that the collector does changes the verdict."""
import json
import os
import time

import harness
import scratch
from collector import Collector, strict
from test_pages import Page

INTERNAL, CLIENT = 1, 3
STATUS_UNSET, STATUS_ERROR = 0, 2


def endpoint(port):
    return f"--otlp-endpoint=http://127.0.0.1:{port}"


def value(any_value):
    return getattr(any_value, any_value.WhichOneof("value"))


def attributes(thing):
    return {attribute.key: value(attribute.value) for attribute in thing.attributes}


class Trace:
    """A request that a collector got, by default the only one, as a checked tree."""

    def __init__(self, collector, request=None):
        path, headers, body = collector.only() if request is None else collector.requests[request]
        assert path == "/v1/traces" and headers["Content-Type"] == "application/json", (path, headers)
        for secret in harness.secrets:
            assert secret not in body, "a secret in the trace"
        check_json(json.loads(body))
        resources = strict(body).resource_spans
        assert len(resources) == 1 and len(resources[0].scope_spans) == 1
        resource = attributes(resources[0].resource)
        assert resource["service.name"] == "mailproof" and resource["service.version"] and resource["host.name"]
        self.spans = list(resources[0].scope_spans[0].spans)
        self.root = self.spans[0]
        self.check_tree()

    def check_tree(self):
        by_id = {span.span_id: span for span in self.spans}
        assert len(by_id) == len(self.spans), "an id twice"
        assert not self.root.parent_span_id and self.root.kind == INTERNAL
        assert abs(self.root.start_time_unix_nano / 1e9 - time.time()) < 60
        for span in self.spans:
            assert len(span.trace_id) == 16 and len(span.span_id) == 8 and any(span.trace_id) and any(span.span_id)
            assert span.trace_id == self.root.trace_id and span.name
            assert span.start_time_unix_nano <= span.end_time_unix_nano, span
            if span is not self.root:
                parent = by_id[span.parent_span_id]
                assert parent.start_time_unix_nano <= span.start_time_unix_nano, (parent, span)
                assert span.end_time_unix_nano <= parent.end_time_unix_nano, (parent, span)

    def children(self, parent):
        return [span for span in self.spans if span.parent_span_id == parent.span_id]

    def only(self, name):
        found = [span for span in self.spans if span.name == name]
        assert len(found) == 1, (name, [span.name for span in self.spans])
        return found[0]


def check_json(node):
    """What protobuf's parser would let pass: 64-bit numbers are texts, enums numbers, no nulls, keys in lowerCamelCase."""
    if isinstance(node, list):
        for one in node:
            check_json(one)
    if not isinstance(node, dict):
        return
    for key, member in node.items():
        assert member is not None and "_" not in key, (key, member)
        if key.endswith("UnixNano") or key == "intValue":
            assert isinstance(member, str) and member.lstrip("-").isdigit(), (key, member)
        if key in ("kind", "code"):
            assert isinstance(member, int), (key, member)
        if key.endswith("Id"):
            assert len(member) == (32 if key == "traceId" else 16) and member == member.lower(), (key, member)
        check_json(member)


def trip(collector, *more, **options):
    return harness.round_trip(endpoint(collector.port), *more, imap_port="IMAP_PORT", **options)


def test_round_trip_is_one_trace():
    with Collector() as collector:
        result = harness.expect(trip(collector, "--service=relay", "--require=none"), "OK")
        trace = Trace(collector)
    lab, root = harness.lab, attributes(trace.root)
    assert trace.root.name == "check_mail_roundtrip" and trace.root.status.code == STATUS_UNSET
    assert root["mailproof.state"] == "OK" and root["mailproof.service"] == "relay"
    assert root["mailproof.summary"] == result.text
    assert [span.name for span in trace.children(trace.root)] == ["smtp", "imap", "queue"]

    for side, server, port in (("smtp", "SMTP_HOST", "SUBMISSION_PORT"), ("imap", "IMAP_HOST", "IMAP_PORT")):
        span = trace.only(side)
        found = attributes(span)
        assert span.kind == CLIENT and found["network.protocol.name"] == side and found["network.transport"] == "tcp"
        assert found["server.address"] == lab[server] and found["server.port"] == int(lab[port])
        assert found["network.peer.address"] == "127.0.0.1"
        assert found["tls.protocol.name"] == "tls" and found["tls.protocol.version"] in ("1.2", "1.3"), found
        stages = {f"{side} {stage['name']}": stage["seconds"] for stage in result.json["stages"] if stage["side"] == side}
        steps = {step.name: (step.end_time_unix_nano - step.start_time_unix_nano) / 1e9 for step in trace.children(span)}
        assert set(stages) == set(steps) and f"{side} tls" in steps, (stages, steps)
        assert all(abs(stages[name] - steps[name]) < 0.001 for name in stages), (stages, steps)

    queue = trace.only("queue")
    length = (queue.end_time_unix_nano - queue.start_time_unix_nano) / 1e9
    assert abs(length - result.metrics["delivery"]) < 0.001, (length, result.metrics)
    hops = [attributes(hop) for hop in trace.children(queue)]
    assert [hop["mailproof.hop.by"] for hop in hops] == [hop["by"] for hop in result.json["message"]["hops"]], hops
    assert len(hops) >= 3 and [hop["mailproof.hop.index"] for hop in hops] == list(range(len(hops)))


def test_failed_step_is_marked():
    with Collector() as collector:
        result = harness.submit("--password-file=" + harness.lab["WRONG_PASSWORD_FILE"], endpoint(collector.port), login=False,
                                *["--username=" + harness.lab["SENDER"]])
        harness.expect(result, "CRITICAL", "auth_credentials", stage="auth")
        trace = Trace(collector)
    for span in (trace.root, trace.only("smtp"), trace.only("smtp auth")):
        assert span.status.code == STATUS_ERROR and attributes(span)["error.type"] == "auth_credentials", span
        assert "535" in span.status.message, span
    assert attributes(trace.only("smtp auth"))["mailproof.reply.code"] == 535
    assert attributes(trace.only("smtp auth"))["mailproof.reply.enhanced_code"] == "5.7.8"
    assert trace.only("smtp tls").status.code == STATUS_UNSET


def test_a_quoted_password_stays_here():
    password = harness.read_password()
    with harness.Fake("--serve", "smtp", "--auth", "PLAIN", "--fault", f"mail:550 5.7.1 you gave {password} before") as port, Collector() as collector:
        result = harness.run("check_smtp_submit", "--hostname=127.0.0.1", f"--port={port}", "--tls=none", "--allow-plaintext-auth",
                             "--username=u", "--password-file=" + harness.lab["PASSWORD_FILE"], *harness.message(), endpoint(collector.port))
        harness.expect(result, "CRITICAL", "policy_rejected", "you gave *** before")
        trace = Trace(collector)
    assert "you gave *** before" in trace.root.status.message and "you gave *** before" in trace.only("smtp mail").status.message


def test_what_could_not_be_connected():
    with Collector() as collector:
        closed = scratch.free_port()
        result = harness.run("check_smtp_submit", f"--hostname={harness.lab['SMTP_HOST']}", f"--port={closed}",
                             *harness.trust(), *harness.message(), endpoint(collector.port))
        harness.expect(result, "CRITICAL", "connect")
        trace = Trace(collector)
    assert attributes(trace.only("smtp tcp"))["error.type"] == "connect"


def test_every_plugin_sends_one():
    text = harness.unique("otlp")
    harness.deliver(harness.lab["USER"], f"From: {harness.lab['SENDER']}\nSubject: {text}\n\nbody\n")
    with Collector() as collector:
        harness.expect(harness.look(endpoint(collector.port), f"--subject={text}"), "OK")
        trace = Trace(collector)
        assert trace.root.name == "check_imap_marker" and trace.only("imap login") and trace.only("imap search")
    with Collector() as collector:
        harness.expect(harness.run("check_dmarc_align", "--client-ip=" + harness.lab["SENDER_IP"], "--require=spf",
                                   "--mail-from=" + harness.lab["SENDER"], "--resolver=" + harness.lab["RESOLVER"],
                                   endpoint(collector.port)), "OK")
        assert [span.name for span in Trace(collector).spans] == ["check_dmarc_align"]
    with Collector() as collector:
        harness.expect(harness.run("check_smtp_submit", "--from=nonsense", endpoint(collector.port)), "UNKNOWN")
        assert Trace(collector).root.status.code == STATUS_ERROR


def test_seed_list_names_its_mailboxes():
    lab, directory = harness.lab, scratch.folder("otlp", "root")
    seeds = [scratch.config(os.path.join(directory, label), [
        f"--label={label}", f"--to={lab[user]}", *harness.imap_server("IMAP_PORT"), f"--username={lab[user]}",
        f"--password-file={lab['PASSWORD_FILE']}", f"--ca-file={lab['CA_FILE']}"], "root")
        for label, user in (("one", "USER2"), ("two", "USER3"))]
    with Collector() as collector:
        result = harness.run("check_mail_roundtrip", *harness.trust(), *harness.smtp_server(prefix="smtp-"),
                             *harness.smtp_login(prefix="smtp-"), f"--from={lab['SENDER']}",
                             *(f"--mailbox={seed}" for seed in seeds), endpoint(collector.port))
        harness.expect(result, "OK")
        trace = Trace(collector)
    for name in ("imap", "queue"):
        labels = [attributes(span)["mailproof.mailbox"] for span in trace.spans if span.name == name]
        assert sorted(labels) == ["one", "two"], (name, labels)


def error(result):
    trace = result.json["trace"]
    assert trace["sent"] == ("error" not in trace) and len(trace["trace_id"]) == 32, result
    return trace.get("error", "")


def test_collector_never_changes_the_verdict():
    partial = b'{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too\\r\\nmany | <b>"}}'
    cases = {"refused": ({"status": 503}, "503"), "redirect": ({"status": 302}, "302"), "lies": ({"body": b"\x00\xff{"}, None),
             "huge": ({"body": b"x" * 3_000_000}, "more than"), "partial": ({"body": partial}, "rejected spans: too")}
    for name, (behaviour, word) in cases.items():
        with Collector(**behaviour) as collector:
            result = harness.expect(harness.submit(endpoint(collector.port), "--stop-after=auth"), "OK")
            assert (error(result) == "") if word is None else word in error(result), (name, result)
    closed = scratch.free_port()
    result = harness.expect(harness.submit(endpoint(closed), "--stop-after=auth"), "OK")
    assert "connection refused" in error(result), result
    assert "trace" not in result.text
    nagios = harness.submit(endpoint(closed), "--stop-after=auth", output=None)
    assert nagios.code == 0 and "the trace was not sent" in nagios.long, nagios


@harness.alone
def test_slow_collector_costs_two_seconds_and_no_more_than_is_left():
    with Collector(delay=30) as collector:
        result = harness.expect(harness.submit(endpoint(collector.port), "--stop-after=auth"), "OK")
        assert 2 <= result.seconds < 4 and "did not answer the request" in error(result), result
        with harness.Fake("--lifetime", "20", script="silence\n") as port:
            late = harness.run("check_smtp_submit", "--hostname=127.0.0.1", f"--port={port}", *harness.message(),
                               "--timeout=2s", endpoint(collector.port))
        assert late.code == 2 and late.seconds < 3.5 and late.fault["class"] == "timeout", late
        # the trace got there, though the answer to it did not: the step that hung is as long as it hung
        greeting = Trace(collector, request=1).only("smtp greeting")
        assert 1.5e9 < greeting.end_time_unix_nano - greeting.start_time_unix_nano < 3e9, greeting


def test_endpoint_is_a_base_or_whole():
    for path in ("/", "/v1/traces", "/v1/traces/"):
        with Collector() as collector:
            harness.expect(harness.submit(endpoint(collector.port) + path, "--stop-after=tls"), "OK")
            Trace(collector)
    with Collector() as collector:
        harness.expect(harness.submit(endpoint(collector.port) + "/otlp?tenant=a", "--stop-after=tls"), "OK")
        assert collector.only()[0] == "/otlp/v1/traces?tenant=a"


def test_https_collector_is_verified():
    lab = harness.lab
    with Collector(certificate=(lab["CERT_SERVER"], lab["KEY_SERVER"])) as collector:
        at = f"--otlp-endpoint=https://{lab['SMTP_HOST']}:{collector.port}"
        result = harness.expect(harness.submit(at, "--stop-after=tls"), "OK")
        assert not collector.requests and "certificate" in error(result), result
        harness.expect(harness.submit(at, f"--otlp-ca-file={lab['CA_FILE']}", "--stop-after=tls"), "OK")
        Trace(collector)


def test_nothing_is_sent_to_what_is_no_url():
    for url in ("localhost:4318", "http://user:hunter2@localhost:4318", "grpc://localhost:4317", "http://", "http://a b/"):
        result = harness.run("check_smtp_submit", f"--otlp-endpoint={url}", "--hostname=127.0.0.1", *harness.message())
        harness.expect(result, "UNKNOWN", "usage", "--otlp-endpoint")
        assert "hunter2" not in result.out


def test_page():
    with Collector() as collector:
        page = Page("opentelemetry", [])
        *steps, last = [step.replace("localhost:4318", f"127.0.0.1:{collector.port}") for step in page.steps()]
        page.follow(steps)
        code, said = page.run(last)
        assert code == 0 and said.startswith("MAIL ROUNDTRIP OK - landed in INBOX"), said
        trace = Trace(collector)
    assert f"trace {trace.root.trace_id.hex()} was sent" in said, said
    assert attributes(trace.root)["mailproof.service"] == "roundtrip" and trace.only("queue")
    # the page's tables name what there is
    text = page.text
    for span in trace.spans:
        for key in attributes(span):
            assert f"`{key}`" in text or f"`{key.removeprefix('mailproof.hop')}`" in text, key
