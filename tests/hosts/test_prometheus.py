# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus: what the plugins write is clean to promtool; the wrapper never leaves half a file; rules and dashboard are
valid; a real Prometheus, fed by a real node exporter, shows the values and fires the alert."""
import contextlib
import json
import os
import re
import subprocess
import urllib.parse
import urllib.request

import harness
import scratch
from test_pages import Page

PLUGINS = ["check_smtp_submit", "check_imap_marker", "check_mail_roundtrip", "check_dmarc_align"]


def shipped(name):
    return scratch.installed("pkgdatadir", "prometheus", name)


def promtool(*arguments, data=None):
    return subprocess.run(["promtool", *arguments], input=data, text=True, capture_output=True, timeout=60, check=False)


def wrapper(directory, name, plugin, *arguments):
    return subprocess.run([scratch.installed("bindir", "mailproof-textfile"), "-d", directory, name, plugin, *arguments],
                          capture_output=True, text=True, timeout=60, check=False)


def mailbox_options(password):
    return [*harness.trust(), *harness.imap_server("IMAP_PORT"), f"--username={harness.lab['USER']}",
            f"--password-file={password}"]


def runs(directory):
    """Every plugin, well and failing: a name and the command's arguments."""
    password = scratch.secret(directory, user="root")
    wrong = scratch.secret(directory, "WRONG_PASSWORD_FILE", user="root")
    text = harness.unique("prometheus")
    harness.deliver(harness.lab["USER"], f"From: {harness.lab['SENDER']}\nSubject: {text}\n\nbody\n")
    yield "submit", 0, "check_smtp_submit", scratch.submit_options(password)
    yield "submit-refused", 2, "check_smtp_submit", scratch.submit_options(wrong)
    yield "submit-usage", 3, "check_smtp_submit", ["--from=nonsense"]
    yield "marker", 0, "check_imap_marker", [*mailbox_options(password), f"--subject={text}"]
    yield "marker-absent", 2, "check_imap_marker", [*mailbox_options(password), f"--subject={text}none"]
    yield "align", 0, "check_dmarc_align", ["--client-ip=" + harness.lab["SENDER_IP"], "--require=spf",
                                             "--mail-from=" + harness.lab["SENDER"],
                                             "--resolver=" + harness.lab["RESOLVER"]]
    yield "align-usage", 3, "check_dmarc_align", ["--require=nonsense"]
    yield "roundtrip", 0, "check_mail_roundtrip", scratch.round_trip_options(password)
    yield "deferred", 0, "check_mail_roundtrip", [
        *scratch.round_trip_options(password, state=os.path.join(directory, "state")), "--deferred"]
    yield "roundtrip-refused", 2, "check_mail_roundtrip", scratch.round_trip_options(wrong)


def test_every_plugin_is_clean_to_promtool():
    directory = scratch.folder("prometheus", "root")
    families, seen = {}, set()
    for name, state, plugin, options in runs(directory):
        process = subprocess.run([scratch.installed("plugindir", plugin), *options, f"--service={name}",
                                  "--output=openmetrics"], capture_output=True, text=True, timeout=60, check=False)
        assert process.returncode == state and process.stderr == "", (name, process)
        assert f'mailproof_state{{check="{plugin}",service="{name}"}} {state}\n' in process.stdout, process.stdout
        assert process.stdout.endswith("\n# EOF\n"), process.stdout
        verdict = promtool("check", "metrics", data=process.stdout)
        assert verdict.returncode == 0 and not verdict.stdout + verdict.stderr, (name, verdict, process.stdout)
        # the node exporter shows one HELP and one TYPE for all files, or drops a file
        for line in re.findall(r"^# (?:HELP|TYPE) .*", process.stdout, re.M):
            key = tuple(line.split()[1:3])
            assert families.setdefault(key, line) == line, (line, families[key])
        seen.add(plugin)
    assert seen == set(PLUGINS)


def test_rules_hold_their_unit_tests():
    for command in (("check", "rules", shipped("mailproof.rules.yml")),
                    ("test", "rules", shipped("mailproof.rules.test.yml"))):
        result = promtool(*command)
        assert result.returncode == 0 and "SUCCESS" in result.stdout, result
    alerts = re.findall(r"- alert: (\w+)", scratch.read(shipped("mailproof.rules.yml")))
    tests = scratch.read(shipped("mailproof.rules.test.yml"))
    assert alerts and all(f"alertname: {alert}\n        exp_alerts" in tests for alert in alerts), alerts


def expressions():
    """Every query of the dashboard, its variables and macros put in as Grafana would."""
    def walk(node):
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "expr":
                    yield value
                else:
                    yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    dashboard = json.loads(scratch.read(shipped("grafana-dashboard.json")))
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert all(panel["targets"] for panel in panels), "a panel without a query"
    assert len({panel["id"] for panel in panels}) == len(panels)
    variables = [variable["name"] for variable in dashboard["templating"]["list"]]
    for expression in walk(dashboard):
        for name in variables:
            expression = re.sub(rf"\$({name}|{{{name}}})\b", ".*", expression)
        assert "$" not in expression, expression
        yield expression


def test_every_query_of_the_dashboard_parses():
    queries = list(expressions())
    assert len(queries) > 20, queries
    rules = {"groups": [{"name": "dashboard", "rules": [
        {"record": f"dashboard:query:{number}", "expr": query} for number, query in enumerate(queries)]}]}
    path = scratch.put(os.path.join(scratch.folder("prometheus", "root"), "queries.yml"), json.dumps(rules), "root")
    result = promtool("check", "rules", path)
    assert result.returncode == 0 and f"{len(queries)} rules found" in result.stdout, result
    broken = scratch.put(path, json.dumps(rules).replace("mailproof_state{", "mailproof_state{{", 1), "root")
    assert promtool("check", "rules", broken).returncode != 0, "promtool lets anything pass"


def plugin_that(directory, name, script):
    return scratch.put(os.path.join(directory, name), "#!/bin/sh\n" + script, "root", 0o755)


def test_wrapper_writes_all_or_nothing():
    directory, bin_directory = scratch.folder("textfile", "root"), scratch.folder("plugins", "root")
    target = os.path.join(directory, "mailproof_relay.prom")
    whole = "mailproof_state 2\n# EOF\n"
    critical = plugin_that(bin_directory, "critical", f"echo \"# $*\"; printf '{whole!s}'; exit 2\n".replace("\n", "\\n", 2))
    result = wrapper(directory, "relay", critical, "--config=x y")
    assert result.returncode == 0 and result.stderr == "", result
    first = scratch.read(target)
    assert first == "# --service=relay --config=x y --output=openmetrics\n" + whole, first
    assert os.stat(target).st_mode & 0o777 == 0o644

    for name, script in (("half", "echo mailproof_state 0\n"), ("silent", "exit 3\n"), ("killed", "echo a; kill -9 $$\n")):
        result = wrapper(directory, "relay", plugin_that(bin_directory, name, script))
        assert result.returncode == 1 and name in result.stderr, result
    result = wrapper(directory, "relay", os.path.join(bin_directory, "absent"))
    assert result.returncode == 1, result
    assert scratch.read(target) == first and os.listdir(directory) == ["mailproof_relay.prom"], os.listdir(directory)

    assert wrapper(directory, "relay", critical, "--service=own").returncode == 0
    assert scratch.read(target).startswith("# --service=own --output"), "two services"
    for bad in (("../relay", critical), ("", critical), ("a b", critical), ("relay",)):
        assert wrapper(directory, *bad, *([""] if len(bad) == 1 else [])).returncode in (1, 2), bad
    assert wrapper(os.path.join(directory, "absent"), "relay", critical).returncode == 1
    assert os.listdir(directory) == ["mailproof_relay.prom"], os.listdir(directory)


def is_ready(port):
    with contextlib.suppress(OSError):  # an answer of another kind is one of these, too
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=5).status == 200
    return False


@contextlib.contextmanager
def monitoring(directory, textfiles):
    """A node exporter that shows the text files, and a Prometheus that asks it; gives a function that queries its API.
    The rules are the shipped ones, patient for a second in place of minutes."""
    exporter, port = scratch.free_port(), scratch.free_port()
    rules = re.sub(r"for: \d+[mh]", "for: 1s", scratch.read(shipped("mailproof.rules.yml")))
    scratch.put(os.path.join(directory, "mailproof.rules.yml"), rules, "root")
    config = scratch.put(os.path.join(directory, "prometheus.yml"), json.dumps({
        "global": {"scrape_interval": "500ms", "evaluation_interval": "500ms"}, "rule_files": ["mailproof.rules.yml"],
        "scrape_configs": [{"job_name": "node", "static_configs": [{"targets": [f"127.0.0.1:{exporter}"]}]}]}), "root")

    def ask(path, **parameters):
        url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            reply = json.load(answer)
        assert reply["status"] == "success", reply
        return reply["data"]

    with scratch.daemon(os.path.join(directory, "exporter.log"), "prometheus-node-exporter",
                        f"--web.listen-address=127.0.0.1:{exporter}", "--collector.disable-defaults",
                        "--collector.textfile", f"--collector.textfile.directory={textfiles}"), \
            scratch.daemon(os.path.join(directory, "prometheus.log"), "prometheus", f"--config.file={config}",
                           f"--storage.tsdb.path={directory}/data", f"--web.listen-address=127.0.0.1:{port}"):
        scratch.eventually(lambda: is_ready(port) and scratch.listening(exporter), 20, "Prometheus")
        yield ask


def test_prometheus_shows_the_run_and_fires_the_alert():
    directory = scratch.folder("prometheus", "root")
    textfiles = scratch.folder("textfile", "root")
    for name, _, plugin, options in runs(directory):
        if name.endswith("usage"):
            continue
        result = wrapper(textfiles, name, scratch.installed("plugindir", plugin), *options)
        assert result.returncode == 0 and result.stderr == "", result
    with monitoring(directory, textfiles) as ask:
        def firing():
            return {(alert["labels"]["alertname"], alert["labels"].get("service")): alert
                    for alert in ask("alerts")["alerts"] if alert["state"] == "firing"}

        scratch.eventually(lambda: ("MailproofCritical", "roundtrip-refused") in firing(), 30, "the alert")
        alerts = firing()
        told = alerts["MailproofCritical", "roundtrip-refused"]["annotations"]["description"]
        assert "auth_credentials at login (imap)" in told or "auth_credentials at auth (smtp)" in told, told
        assert {service for name, service in alerts if name == "MailproofCritical"} == \
            {"submit-refused", "marker-absent", "roundtrip-refused"}, alerts
        assert not any(name in ("MailproofStale", "MailproofTextfileBroken", "MailproofAbsent") for name, _ in alerts)

        values = {sample["metric"]["service"]: float(sample["value"][1])
                  for sample in ask("query", query="mailproof_state")["result"]}
        assert values == {"submit": 0, "submit-refused": 2, "marker": 0, "marker-absent": 2, "align": 0, "roundtrip": 0,
                          "deferred": 0, "roundtrip-refused": 2}, values
        total = ask("query", query='mailproof_total_seconds{service="roundtrip"}')["result"]
        written = re.search(r"^mailproof_total_seconds\{.*\} (.*)$",
                            scratch.read(os.path.join(textfiles, "mailproof_roundtrip.prom")), re.M)
        assert len(total) == 1 and float(total[0]["value"][1]) == float(written.group(1)), total

        # what a first look at the dashboard shows
        empty = [query for query in expressions() if not ask("query", query=query)["result"]]
        history = ("available", "loss", "in_flight_age", "placed", "mailbox_total", "p95", "quota", "dkim_pass", "dmarc_pass", "age_seconds")
        assert all(any(word in query for word in history) for query in empty), empty

        # the mail works again: the next run takes the alert back
        _, _, plugin, options = next(run for run in runs(directory) if run[0] == "submit")
        assert wrapper(textfiles, "submit-refused", scratch.installed("plugindir", plugin), *options).returncode == 0
        scratch.eventually(lambda: ("MailproofCritical", "submit-refused") not in firing(), 20, "the end of the alert")


def test_page():
    port, exporter = scratch.free_port(), scratch.free_port()
    page = Page("prometheus", ["/var/lib/prometheus", "/etc/systemd/system", "/etc/prometheus"])
    unit = page.root + "/usr/share/mailproof/prometheus/mailproof@.service"
    textfiles = page.root + "/var/lib/prometheus/node-exporter"
    wrapped = scratch.variable("bindir") + "/mailproof-textfile"
    text = scratch.read(unit).replace(scratch.variable("plugindir"), scratch.installed("plugindir"))
    assert f"ExecStart={wrapped} %i " in text, text
    scratch.put(unit, page.here(text).replace(wrapped, f"{scratch.installed('bindir', 'mailproof-textfile')} -d {textfiles}"))
    # what systemd would do with the installed unit
    page.functions = f"""systemctl() {{
    case "$*" in
    daemon-reload | 'enable --now mailproof@roundtrip.timer' | 'restart prometheus') ;;
    'start mailproof@roundtrip.service')
        $(sed -n 's/^ExecStart=//p' '{page.root}/etc/systemd/system/mailproof@.service' |
            sed 's/%i/roundtrip/g; s/${{PLUGIN}}/check_mail_roundtrip/') ;;
    *) return 1 ;;
    esac
}}"""
    config = page.root + "/etc/prometheus/prometheus.yml"
    scratch.put(config, scratch.read("/etc/prometheus/prometheus.yml").replace(":9100", f":{exporter}"), "root")
    *steps, see = page.steps()
    page.follow(steps)
    with scratch.daemon(page.root + "/exporter", "prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{exporter}",
                        "--collector.disable-defaults", "--collector.textfile",
                        f"--collector.textfile.directory={textfiles}"), \
            scratch.daemon(page.root + "/prometheus", "prometheus", f"--config.file={config}",
                           f"--storage.tsdb.path={page.root}/data", f"--web.listen-address=127.0.0.1:{port}"):
        scratch.eventually(lambda: is_ready(port), 30, "Prometheus")

        def green():
            code, said = page.run(see.replace(":9090", f":{port}"))
            return code == 0 and '"service":"roundtrip"' in said and re.search(r'"value":\[[\d.]+,"0"\]', said)
        scratch.eventually(green, 60, "a green service", 0.5)
