# SPDX-License-Identifier: GPL-3.0-or-later
"""Zabbix: the templates go in through the API, the plugins run by agent 2 and as external checks, values come back, a
failing probe raises the trigger, one that stops is missed."""
import os
import re
import subprocess
import uuid

import harness
import scratch
import zabbix
from test_pages import Page

USER = zabbix.USER
STATE, SUMMARY, TOTAL = "mailproof.state", "mailproof.summary", "mailproof.total"


def shipped(name):
    return scratch.installed("pkgdatadir", "zabbix", name)


def executable(directory, name, text):
    return scratch.put(os.path.join(directory, name), text, USER, 0o755)


def configure(directory):
    """The services' files, /etc/mailproof being directory."""
    password, wrong = scratch.secret(directory, user=USER), scratch.secret(directory, "WRONG_PASSWORD_FILE", user=USER)
    seeds = []
    for label, user in (("one", "USER2"), ("two", "USER3")):
        seeds.append(scratch.config(os.path.join(directory, f"{label}.mailbox"), [
            f"--label={label}", f"--to={harness.lab[user]}", *harness.imap_server("IMAP_PORT"),
            f"--username={harness.lab[user]}", f"--password-file={password}", f"--ca-file={harness.lab['CA_FILE']}"], USER))
    options = {
        "good": scratch.round_trip_options(password),
        "bad": scratch.round_trip_options(wrong),
        "relay": scratch.submit_options(password),
        "seeds": [*harness.trust(), *harness.smtp_server(prefix="smtp-"), f"--smtp-username={harness.lab['SENDER']}",
                  f"--smtp-password-file={password}", f"--from={harness.lab['SENDER']}",
                  *(f"--mailbox={seed}" for seed in seeds)],
    }
    for name, more in options.items():
        scratch.config(os.path.join(directory, name + ".conf"), [*more, "--timeout=12s"], USER)
    # within the 3 s that a server gives an external check unless told otherwise
    state = scratch.own_folder(os.path.join(directory, "state"), USER)
    scratch.config(os.path.join(directory, "deferred.conf"), [
        *scratch.round_trip_options(password, state=state), "--deferred", "--timeout=2.5s"], USER)


def services(api, port, templates):
    """A host for each service: by agent 2, two as external checks, one whose agent is not there."""
    def add(name, check, template, config, port=port):
        macros = {"{$MAILPROOF.CHECK}": check, "{$MAILPROOF.CONFIG}": config, "{$MAILPROOF.INTERVAL}": "3s",
                  "{$MAILPROOF.NODATA}": "30s"}
        return api("host.create", host=name, groups=[{"groupid": group}], templates=[{"templateid": template}],
                   interfaces=[{"type": 1, "main": 1, "useip": 1, "ip": "127.0.0.1", "dns": "", "port": str(port)}],
                   macros=[{"macro": macro, "value": value} for macro, value in macros.items()])["hostids"][0]

    group = api("hostgroup.create", name="mail")["groupids"][0]
    agent, external = templates["mailproof by Zabbix agent 2"], templates["mailproof by external check"]
    return {"good": add("good", "mail_roundtrip", agent, "good"), "bad": add("bad", "mail_roundtrip", agent, "bad"),
            "seeds": add("seeds", "mail_roundtrip", agent, "seeds"), "relay": add("relay", "smtp_submit", external, "relay"),
            "later": add("later", "mail_roundtrip", external, "deferred"),
            "silent": add("silent", "mail_roundtrip", agent, "good", port=scratch.free_port())}


def import_templates(api):
    rules = {name: {"createMissing": True, "updateExisting": True} for name in (
        "discoveryRules", "graphs", "groups", "items", "templates", "templateDashboards", "triggers", "valueMaps")}
    for name in ("mailproof-agent2.yaml", "mailproof-external.yaml"):
        for _ in range(2):  # once more changes nothing, and is no conflict
            assert api("configuration.import", format="yaml", source=scratch.read(shipped(name)), rules=rules) is True
    found = api("template.get", search={"host": "mailproof"}, output=["host"], selectDashboards="count",
                selectItems="count", selectDiscoveries="count", selectTriggers="count")
    for template in found:
        assert (template["dashboards"], template["discoveries"]) == ("1", "2"), template
        assert int(template["items"]) > 20 and int(template["triggers"]) == 6, template
    assert len(found) == 2, found
    return {template["host"]: template["templateid"] for template in found}


def check_values(api, hosts):
    def value(host, key):
        return scratch.eventually(lambda: api.item(hosts[host], key), 40, f"{key} of {host}")

    for host, state in (("good", "0"), ("bad", "2"), ("relay", "0"), ("seeds", "0")):
        assert value(host, STATE) == state, (host, value(host, SUMMARY))
    assert "landed in INBOX" in value("good", SUMMARY) and 0 < float(value("good", TOTAL)) < 60
    assert 0 < float(value("relay", "mailproof.submit")) < 60 and float(value("good", "mailproof.cert_days")) > 300
    assert value("good", "mailproof.fault.class") == "none"
    assert value("bad", "mailproof.fault.class") == "auth_credentials"
    assert "password" in value("bad", "mailproof.fault.advice")
    assert value("seeds", "mailproof.placed") == "100"
    scratch.eventually(lambda: "landed in" in value("later", SUMMARY), 40, "the round trip that no run waits for")

    # discovered: steps of both sides, mailboxes
    for host, key in (("good", "mailproof.stage[smtp,auth]"), ("good", "mailproof.stage[imap,login]"),
                      ("relay", "mailproof.stage[smtp,accept]"), ("seeds", "mailproof.mailbox.total[one]")):
        assert 0 < float(value(host, key)) < 60, (host, key)
    assert value("seeds", "mailproof.mailbox.placed[two]") == "inbox"
    unsupported = api("item.get", hostids=[hosts[name] for name in ("good", "bad", "relay", "seeds")], filter={"state": 1}, output=["key_", "error"])
    assert not unsupported, unsupported


@harness.long
def test_templates_values_triggers():
    directory = scratch.folder("zabbix", USER)
    configure(directory)
    scripts = scratch.own_folder(os.path.join(directory, "scripts"), USER)
    script = executable(scripts, "mailproof", scratch.adapted(shipped("mailproof"), directory))
    commands = scratch.put(os.path.join(directory, "mailproof.conf"),
                           scratch.read(shipped("mailproof.conf")).replace(
                               scratch.variable("pkgdatadir") + "/zabbix/mailproof", script), USER)
    with zabbix.system(directory, commands, scripts) as (api, port):
        hosts = services(api, port, import_templates(api))
        check_values(api, hosts)

        told = scratch.eventually(lambda: api.problems(hosts["bad"]), 40, "the trigger")
        assert [name[:46] for name in told] == ["mail does not work: AUTHENTICATE refused: NO ["], told
        assert not any(api.problems(hosts[name]) for name in ("good", "relay", "seeds"))
        scratch.eventually(lambda: api.problems(hosts["silent"]) == {"mailproof: no result for 30s"}, 90,
                           "the check that does not run", interval=1)

        # the mail works again, the trigger lets go
        password = os.path.join(directory, "password_file")
        scratch.config(os.path.join(directory, "bad.conf"), [*scratch.round_trip_options(password), "--timeout=12s"], USER)
        scratch.eventually(lambda: not api.problems(hosts["bad"]), 60, "the end of the problem", interval=1)


def test_script_takes_two_words_and_nothing_else():
    for words in ((), ("mail_roundtrip",), ("mail_roundtrip", ""), ("../../bin/sh", "x"), ("mail_roundtrip", "../x"),
                  ("mail_roundtrip", "x;id"), ("mail_roundtrip", "$(id)"), ("mail_roundtrip", "a b")):
        process = subprocess.run([shipped("mailproof"), *words], capture_output=True, text=True, check=False)
        assert process.returncode == 3 and process.stdout.startswith("mailproof: wanted: CHECK NAME"), (words, process)


def test_templates_are_twins():
    agent, external = (scratch.read(shipped(f"mailproof-{kind}.yaml")) for kind in ("agent2", "external"))
    ids = [re.findall(r"uuid: '(\w+)'", text) for text in (agent, external)]
    assert len(ids[0]) == len(ids[1]) == agent.count("uuid:") > 40
    assert all(uuid.UUID(one).version == 4 for one in ids[0] + ids[1])
    assert len(set(ids[0]) | set(ids[1])) == 2 * len(ids[0]) - 1, "only the group is common"
    assert "ZABBIX_PASSIVE" in agent and "EXTERNAL" not in agent
    assert "type: EXTERNAL" in external and "ZABBIX_PASSIVE" not in external and "agent 2" not in external.split("\n", 3)[3]


def test_page():
    page = Page("zabbix", ["/etc/zabbix", "/etc/zabbix/zabbix_agent2.d/plugins.d"],
                "systemctl() { [ \"$*\" = 'restart zabbix-agent2' ]; }", USER)
    main, script = page.root + "/etc/zabbix/zabbix_agent2.conf", page.root + "/usr/share/mailproof/zabbix/mailproof"
    scratch.put(main, scratch.read("/etc/zabbix/zabbix_agent2.conf").replace("/etc/zabbix/", page.root + "/etc/zabbix/"))
    executable(os.path.dirname(script), "mailproof", scratch.adapted(shipped("mailproof"), page.root + "/etc/mailproof"))
    commands = page.root + "/usr/share/mailproof/zabbix/mailproof.conf"
    scratch.put(commands, scratch.read(shipped("mailproof.conf")).replace(shipped("mailproof").removeprefix(scratch.root),
                                                                           script))
    *steps, see = page.steps()
    page.follow(steps)
    see = see.replace("zabbix_agent2 -t", f"zabbix_agent2 -c {main} -t")
    assert "\nTimeout=30\n" in scratch.read(main)
    code, said = page.run(see)
    assert code == 0 and '"state_text":"OK"' in said and "landed in INBOX" in said, said
