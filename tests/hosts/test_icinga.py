# SPDX-License-Identifier: GPL-3.0-or-later
"""Icinga 2, one node: every option is an argument, the configuration is accepted, a first result with its perfdata."""
import os
import re
import subprocess

import harness
import icinga
import scratch

CHECKS = ["smtp_submit", "imap_marker", "mail_roundtrip", "dmarc_align"]
LEFT_OUT = {"help", "version", "output", "history"}


def one_node(name):
    directory = scratch.folder(name)
    return directory, icinga.Node("node", icinga.Authority(directory), directory)


def configurations(directory):
    password = scratch.secret(directory)
    mailbox = [*harness.trust(), *harness.imap_server("IMAP_PORT"), f"--username={harness.lab['USER']}",
               f"--password-file={password}", "--match-header=X-Mailproof-Marker:m"]
    return {"smtp_submit": scratch.submit_options(password), "mail_roundtrip": scratch.round_trip_options(password),
            "imap_marker": mailbox,
            "dmarc_align": [*mailbox, f"--authserv-id={harness.lab['AUTHSERV_ID']}", "--verify=none"]}


def test_every_option_is_an_argument_with_a_description():
    text = icinga.installed_commands()
    for check in CHECKS:
        command = re.search(rf'^object CheckCommand "{check}" {{\n(.*?)^}}', text, re.M | re.S).group(1)
        assert 'import "ipv4-or-ipv6"' in command, check
        arguments = dict(re.findall(r'^    "--([a-z0-9-]+)" = {\n(.*?)^    }', command, re.M | re.S))
        options = set(re.findall(r'^option "([a-z0-9-]+)"', scratch.read(
            os.path.join(scratch.build, "plugins", "check_" + check, "options.ggo.full")), re.M))
        assert set(arguments) == options - LEFT_OUT, (check, set(arguments) ^ options)
        for name, body in arguments.items():
            assert re.search(r'description = ".{5,}"', body), (check, name)
            assert f"${check}_{name.replace('-', '_')}$" in body, (check, name)


def test_configuration_is_accepted():
    _, node = one_node("accepted")
    node.put("conf.d/services.conf", icinga.example("services.conf"))
    node.put("conf.d/host.conf", 'object Host "mail" {\n  check_command = "dummy"\n' + "".join(
        f'  vars.{check}["a"] = {{ {check}_config = "/etc/mailproof/a.conf" }}\n' for check in CHECKS) + "}\n")
    said = node.validate()
    assert "warning" not in said and "Instantiated 4 Services." in said, said


def test_first_results_with_exact_perfdata():
    directory, node = one_node("first")
    host = 'object Host "mail" {\n  check_command = "dummy"\n'
    direct = {}
    for check, options in configurations(directory).items():
        path = scratch.config(os.path.join(directory, check + ".conf"), options)
        host += f'  vars.{check}["lab"] = {{ {check}_config = "{path}" }}\n'
        if check in ("smtp_submit", "mail_roundtrip"):
            direct[check] = harness.run("check_" + check, f"--config={path}", output=None)
    node.put("conf.d/services.conf", icinga.example("services.conf"))
    node.put("conf.d/host.conf", host + "}\n")
    with node.running():
        for check, service in (("mail_roundtrip", "mail round trip lab"), ("smtp_submit", "smtp submit lab")):
            result = node.wait_for("mail", service, "OK", r"^[A-Z ]+ OK - ")
            assert len(result["performance_data"]) > 5, result
            # the same labels, units and limits in the same order as on the terminal: only the measured values differ
            wanted = [re.sub(r"=[\d.]+", "=", item) for item in direct[check].line.partition(" | ")[2].split()]
            assert [re.sub(r"=[\d.]+", "=", item) for item in result["performance_data"]] == wanted, result
            assert all(re.match(r"[a-z_]+=\d+\.\d{6}s|cert_days=\d", item) for item in result["performance_data"]), result
            assert "|" not in result["output"], result
        node.wait_for("mail", "mailbox lab", "OK", "^IMAP MARKER OK - ")
        result = node.wait_for("mail", "mail authentication lab", "OK", "^DMARC ALIGN OK - ")
        assert any(item.startswith("dmarc_pass=1") for item in result["performance_data"]), result


def test_deferred_round_trip():
    """No run waits: the first knows nothing, a later one says what became of its message. Looked for each minute."""
    directory, node = one_node("deferred")
    state = scratch.folder("state")
    os.chmod(state, 0o700)
    path = scratch.config(os.path.join(directory, "roundtrip.conf"), [
        *scratch.round_trip_options(scratch.secret(directory), state=state), f"--service={harness.unique()}"])
    services = scratch.read(scratch.installed("pkgdatadir", "icinga2", "services.conf"))
    node.put("conf.d/services.conf", services)
    node.put("conf.d/host.conf", f"""
object Host "mail" {{
  check_command = "dummy"
  vars.mail_roundtrip["lab"] = {{
    mail_roundtrip_config = "{path}"
    mail_roundtrip_deferred = true
  }}
}}
""")
    with node.running():
        assert node.service("mail", "mail round trip lab")["check_interval"] == 60
        def again():
            node.ask("/v1/actions/reschedule-check", {"type": "Service", "filter": 'host.name=="mail"', "force": True})
            result = node.result("mail", "mail round trip lab")
            return result and "landed in " in result["output"] and result
        result = scratch.eventually(again, 60, "the verdict", 2)
        assert result["state"] == 0 and any(item == "in_flight=0" for item in result["performance_data"]), result


def test_options_by_variables():
    """No configuration file: values with blanks, repeated options, flags; the address of the host where none is named."""
    directory, node = one_node("variables")
    password, lab = scratch.secret(directory), harness.lab
    node.put("conf.d/a.conf", f"""
object Host "relay" {{
  check_command = "dummy"
  address = "{lab["SMTP_HOST"]}"
}}
template Service "submit" {{
  check_command = "smtp_submit"
  check_interval = 3s
  vars.smtp_submit_port = {lab["SUBMISSION_PORT"]}
  vars.smtp_submit_resolver = "{lab["RESOLVER"]}"
  vars.smtp_submit_ca_file = "{lab["CA_FILE"]}"
  vars.smtp_submit_username = "{lab["SENDER"]}"
  vars.smtp_submit_password_file = "{password}"
  vars.smtp_submit_from = "{lab["SENDER"]}"
}}
apply Service "two recipients" {{
  import "submit"
  vars.smtp_submit_to = [ "{lab["USER2"]}", "{lab["USER3"]}" ]
  vars.smtp_submit_header = [ "X-Lab-Folder: A b, c", "X-Other: $$x" ]
  vars.smtp_submit_warning = [ "auth=7", "cert_days=5:" ]
  vars.smtp_submit_pipelining = true
  vars.smtp_submit_verbose = true
  assign where host.name == "relay"
}}
apply Service "file" {{
  import "submit"
  vars.smtp_submit_config = "{scratch.config(os.path.join(directory, "file.conf"), scratch.submit_options(password))}"
  assign where host.name == "relay"
}}
""")
    with node.running():
        result = node.wait_for("relay", "two recipients", "OK", "^SMTP SUBMIT OK - ")
        assert "--hostname" in result["command"] and lab["SMTP_HOST"] in result["command"], result
        assert result["command"].count("--to") == 2 and "X-Other: $x" in result["command"], result
        assert "--pipelining" in result["command"] and "--insecure" not in result["command"], result
        assert any(re.match(r"auth=[\d.]+s;7", item) for item in result["performance_data"]), result
        result = node.wait_for("relay", "file", "OK", "^SMTP SUBMIT OK - ")
        assert "--hostname" not in result["command"], result


def test_address_in_place_of_a_name():
    """host.address6 with ipv6 asked for; the certificate is judged by --tls-name."""
    if harness.lab.get("IPV6") != "yes":
        raise harness.Skipped("no IPv6 here")
    directory, node = one_node("address6")
    lab = harness.lab
    node.put("conf.d/a.conf", f"""
object Host "relay" {{
  check_command = "dummy"
  address = "127.0.0.9"
  address6 = "::1"
}}
object Service "tls" {{
  host_name = "relay"
  check_command = "smtp_submit"
  check_interval = 3s
  vars.smtp_submit_port = {lab["SUBMISSION_PORT"]}
  vars.smtp_submit_ca_file = "{lab["CA_FILE"]}"
  vars.smtp_submit_use_ipv6 = true
  vars.smtp_submit_tls_name = "{lab["SMTP_HOST"]}"
  vars.smtp_submit_stop_after = "tls"
}}
""")
    with node.running():
        result = node.wait_for("relay", "tls", "OK", "^SMTP SUBMIT OK - ")
        assert "::1" in result["command"] and "--use-ipv6" in result["command"], result


def test_generator_fails_where_it_cannot_read():
    program = os.path.join(scratch.SOURCE, "contrib/icinga2/commands.awk")
    process = subprocess.run(["awk", "-f", program, "check_x=/nonexistent"], capture_output=True, text=True, check=False)
    assert process.returncode == 1 and "cannot read" in process.stderr, process
