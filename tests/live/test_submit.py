# SPDX-License-Identifier: GPL-3.0-or-later
"""check_smtp_submit against Postfix with Dovecot's SASL."""
import re
import socket

from harness import Fake, expect, lab, message, run, smtp_login, smtp_server, start_and_end_s, submit, trust, unique


def test_starttls_and_auth():
    result = expect(submit(), "OK", None, "accepted by", "250 2.0.0")
    for name in ("connect", "dns", "tcp", "greeting", "ehlo", "starttls", "tls", "auth", "mail", "rcpt", "data", "accept",
                 "submit", "total", "cert_days"):
        assert name in result.metrics, f"{name} is missing\n{result}"
    steps = sum(result.metrics[name] for name in ("dns", "tcp", "starttls", "tls"))
    assert abs(result.metrics["connect"] - steps) < 0.00001
    assert result.metrics["total"] >= result.metrics["connect"] + result.metrics["submit"]
    assert re.fullmatch(r"[a-z0-9]+", result.json["message"]["marker"])
    assert [stage["name"] for stage in result.json["stages"]].index("auth") > 0


def test_line_one():
    result = expect(submit(output=None), "OK", None, "accepted by")
    assert result.line.startswith("SMTP SUBMIT OK - ")
    assert result.metrics["auth"] > 0
    assert re.search(r" connect=\d+\.\d{6}s;2( |$)", result.line), result
    assert re.search(r" auth=\d+\.\d{6}s;1( |$)", result.line), result
    assert re.search(r" cert_days=\d+(\.\d+)?;14:;7:( |$)", result.line), result


def test_implicit_tls():
    result = expect(submit("--tls=implicit", port="SUBMISSIONS_PORT"), "OK")
    assert "starttls" not in result.metrics and "tls" in result.metrics


def test_mechanisms():
    for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5", "scram-sha-256"):
        result = submit(f"--auth={mechanism}", "-v", output=None)
        expect(result, "OK")
        assert f"AUTH {mechanism.upper()}" in result.long, result


def test_default_mechanism_is_scram():
    assert "AUTH SCRAM-SHA-256" in submit(output=None).long


def test_bearer_tokens():
    token = [f"--username={lab['SENDER']}", f"--oauth2-token-file={lab['SENDER_TOKEN_FILE']}"]
    result = submit(*token, login=False, output=None)
    expect(result, "OK")
    assert "AUTH OAUTHBEARER" in result.long
    expect(submit(*token, "--auth=XOAUTH2", login=False), "OK")


def test_bearer_token_refused():
    for name in ("SENDER_EXPIRED_TOKEN_FILE", "FORGED_TOKEN_FILE"):
        for mechanism in ("XOAUTH2", "OAUTHBEARER"):
            result = submit(f"--username={lab['SENDER']}", f"--oauth2-token-file={lab[name]}", f"--auth={mechanism}",
                            login=False)
            expect(result, "CRITICAL", "auth_token", stage="auth")
            assert result.fault["code"] == 535, result


def test_external_by_client_certificate():
    result = run("check_smtp_submit", *smtp_server("SMTP_EXTERNAL_PORT"), *trust(), *message(), "--auth=EXTERNAL",
                 f"--client-cert={lab['CLIENT_CERT']}", f"--client-key={lab['CLIENT_KEY']}", "--stop-after=auth")
    expect(result, "OK")
    assert "auth" in result.metrics


def test_wrong_password():
    result = run("check_smtp_submit", *smtp_server(), *trust(), *message(),
                 *smtp_login(password="WRONG_PASSWORD_FILE"))
    expect(result, "CRITICAL", "auth_credentials", "535 5.7.8", stage="auth")
    assert result.fault["code"] == 535 and result.fault["enhanced"] == "5.7.8"
    assert "connect" in result.metrics and "submit" not in result.metrics


def test_auth_not_offered():
    expect(submit(port="SMTP_NOAUTH_PORT"), "CRITICAL", "auth_unavailable", "AUTH")


def test_auth_named_is_not_offered():
    expect(submit("--auth=CRAM-MD5", port="SMTP_PLAINONLY_PORT"), "CRITICAL", "auth_unavailable", "CRAM-MD5", "PLAIN")


def test_auth_needed_but_no_credentials():
    result = submit(login=False)
    expect(result, "CRITICAL")
    assert result.fault["class"] in ("auth_required", "relay_denied"), result


def test_no_credentials_in_clear():
    expect(submit("--tls=none", port="SMTP_CLEAR_PORT"), "UNKNOWN", "usage", "--allow-plaintext-auth")
    expect(submit("--tls=opportunistic", port="SMTP_CLEAR_PORT"), "CRITICAL", "auth_unavailable", "not encrypted")
    expect(submit("--tls=none", "--allow-plaintext-auth", port="SMTP_CLEAR_PORT"), "OK", None, "not encrypted")


def test_starttls_not_offered():
    expect(submit(port="SMTP_NOSTARTTLS_PORT"), "CRITICAL", "tls_refused", "STARTTLS")
    result = submit("--tls=opportunistic", "--stop-after=connect", port="SMTP_NOSTARTTLS_PORT", login=False)
    expect(result, "OK", None, "opportunistic", "NOT encrypted")


def test_certificates():
    for port, words in (("SMTP_EXPIRED_PORT", ("expired", "2021-01-01")), ("SMTP_SELFSIGNED_PORT", ("self-signed",)),
                        ("SMTP_UNTRUSTED_PORT", ("unknown CA",)), ("SMTP_WRONGNAME_PORT", (lab["SMTP_HOST"],))):
        result = expect(submit(port=port), "CRITICAL", "tls_certificate", *words)
        assert "cert_days" in result.metrics, f"the certificate's days are known even so\n{result}"
        result = expect(submit("--insecure", port=port, *(["-c", "cert_days=~:", "-w", "cert_days=~:"])), "OK", None,
                        "--insecure")


def test_certificate_of_a_name_when_connecting_by_address():
    address = ["--hostname=127.0.0.1", f"--port={lab['SMTP_NAMEONLY_PORT']}", *trust(), *message(), *smtp_login()]
    expect(run("check_smtp_submit", *address), "CRITICAL", "tls_certificate", "127.0.0.1")
    expect(run("check_smtp_submit", *address, f"--tls-name={lab['SMTP_HOST']}"), "OK")


def test_connect_to_keeps_the_name():
    result = run("check_smtp_submit", f"--hostname={lab['SMTP_HOST']}", f"--connect-to=127.0.0.1:{lab['SUBMISSION_PORT']}",
                 *trust(), *message(), *smtp_login(), "--stop-after=auth")
    expect(result, "OK")


def test_tls_minimum():
    expect(submit("--tls-min=1.3", port="SMTP_TLS12_PORT"), "CRITICAL", "tls_handshake")
    expect(submit("--tls-min=1.2", port="SMTP_TLS12_PORT"), "OK")


def test_client_certificate_is_sent():
    expect(submit(f"--client-cert={lab['CLIENT_CERT']}", f"--client-key={lab['CLIENT_KEY']}",
                  port="SMTP_CLIENTCERT_PORT", login=False), "OK")
    expect(submit(port="SMTP_CLIENTCERT_PORT", login=False), "CRITICAL", "relay_denied")


def test_implicit_tls_on_a_starttls_port():
    expect(submit("--tls=implicit"), "CRITICAL", "tls_handshake")


def test_recipient_unknown():
    arguments = [*smtp_server("MX_PORT", "MX_HOST"), *trust(), "--tls=starttls", *message()]
    result = run("check_smtp_submit", *arguments[:-1], f"--to={lab['UNKNOWN_ADDRESS']}")
    expect(result, "CRITICAL", "recipient_unknown", "550 5.1.1", lab["UNKNOWN_ADDRESS"], stage="rcpt")


def test_one_of_two_recipients_refused():
    result = run("check_smtp_submit", *smtp_server("MX_PORT", "MX_HOST"), *trust(), *message(),
                 f"--to={lab['UNKNOWN_ADDRESS']}")
    expect(result, "CRITICAL", "recipient_unknown", lab["UNKNOWN_ADDRESS"])
    assert "submit" in result.metrics, "the message goes to the other one"


def test_relay_denied():
    result = run("check_smtp_submit", *smtp_server("MX_PORT", "MX_HOST"), *trust(), f"--from={lab['SENDER']}",
                 "--to=somebody@elsewhere.example")
    expect(result, "CRITICAL", "relay_denied", "554 5.7.1", stage="rcpt")


def test_mailbox_full():
    result = run("check_smtp_submit", *smtp_server("MX_PORT", "MX_HOST"), *trust(), f"--from={lab['SENDER']}",
                 f"--to={lab['FULL_USER']}")
    expect(result, "CRITICAL", "mailbox_full")


def test_message_too_big(tmp="/tmp"):
    result = submit("--header=X-Padding: " + "x" * 900, "--header=X-More: " + "y" * 900, port="SMTP_SMALL_PORT")
    expect(result, "CRITICAL", "message_too_big")


def test_busy_at_the_greeting():
    result = run("check_smtp_submit", *smtp_server("BUSY_PORT", "MX_HOST"), *trust(), *message())
    expect(result, "CRITICAL", "server_unavailable", "421", stage="greeting")


def test_sender_refused():
    result = submit(f"--mail-from={lab['FORBIDDEN_FROM']}")
    expect(result, "CRITICAL", "sender_rejected")


def test_greylisted_and_retried():
    def grey(*more):
        return run("check_smtp_submit", *smtp_server("GREY_PORT", "MX_HOST"), *trust(), f"--from={lab['SENDER']}",
                   f"--to={lab['GREY_ADDRESS']}", *more)
    expect(grey(f"--mail-from={unique()}@sender.example"), "WARNING", "greylisted", "450")
    assert grey(f"--mail-from={unique()}@sender.example", "--greylist=critical").code == 2
    assert grey(f"--mail-from={unique()}@sender.example", "--greylist=ok").code == 0
    result = expect(grey(f"--mail-from={unique()}@sender.example", "--retry=20", "--timeout=25"), "OK")
    assert result.metrics["total"] >= float(lab["GREY_DELAY"])


def test_stop_after():
    for step, last in (("connect", "ehlo"), ("tls", "tls"), ("auth", "auth"), ("mail", "mail"), ("rcpt", "rcpt")):
        result = expect(submit(f"--stop-after={step}"), "OK", None, "nothing was sent")
        assert last in result.metrics and "accept" not in result.metrics, result


def test_pipelining():
    result = expect(submit("--pipelining"), "OK")
    assert "mail" not in result.metrics and "submit" in result.metrics and "accept" in result.metrics


def test_mx():
    def mx(domain, *more):
        return run("check_smtp_submit", f"--mx={lab[domain]}", f"--port={lab['MX_PORT']}", *trust(), *message(), *more)
    expect(mx("DOMAIN"), "OK", None, lab["MX_HOST"])
    expect(mx("FALLBACK_DOMAIN"), "WARNING", "mx_fallback")
    expect(mx("NULLMX_DOMAIN"), "CRITICAL", None, "null MX")
    expect(mx("NOMX_DOMAIN", "--tls=opportunistic", "--insecure"), "OK")
    expect(mx("ALLDEAD_DOMAIN"), "CRITICAL", "connect")
    expect(mx("NOTHING_DOMAIN"), "CRITICAL", "dns")


def test_sendmail():
    result = run("check_smtp_submit", f"--sendmail={lab['SENDMAIL']}", *message())
    expect(result, "OK", None, "handed over")
    expect(run("check_smtp_submit", "--sendmail=/nonexistent/sendmail", *message()), "UNKNOWN", "config")
    expect(run("check_smtp_submit", "--sendmail=/bin/false", *message()), "CRITICAL")


def test_name_does_not_resolve():
    expect(run("check_smtp_submit", "--hostname=nothing.dest.example", *trust(), *message()), "CRITICAL", "dns",
           "nothing.dest.example", stage="dns")


def test_silent_resolver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        result = run("check_smtp_submit", *smtp_server(), f"--resolver=127.0.0.1:{silent.getsockname()[1]}", *message(),
                     "--timeout=2")
    expect(result, "CRITICAL", "dns", "no answer", stage="dns")
    assert 1.9 < result.seconds < 2 + start_and_end_s(), result


def test_resolver_in_trouble():
    for name in ("SILENT_DOMAIN", "REFUSED_DOMAIN", "SERVFAIL_DOMAIN"):
        result = run("check_smtp_submit", f"--mx={lab[name]}", *trust(), *message(), "--timeout=3")
        expect(result, "CRITICAL", "dns", lab[name])
        assert result.seconds < 3 + start_and_end_s(), result


def test_port_closed():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    expect(run("check_smtp_submit", "--hostname=127.0.0.1", f"--port={port}", *message()), "CRITICAL", "connect", "refused",
           str(port), stage="tcp")


def fake(*more, port, timeout="2"):
    return run("check_smtp_submit", "--hostname=127.0.0.1", f"--port={port}", "--tls=none", *message(),
               f"--timeout={timeout}", *more)


def test_silence_at_every_step():
    for step in ("accept", "greeting", "ehlo", "mail", "rcpt", "data", "body"):
        with Fake("--serve", "smtp", "--fault", f"{step}:silence") as port:
            result = expect(fake(port=port, timeout="1"), "CRITICAL", "timeout")
            assert result.seconds < 1 + start_and_end_s(), result


def test_cut_at_every_step():
    for step in ("greeting", "ehlo", "mail", "rcpt", "data", "body"):
        for fault in ("close", "reset"):
            with Fake("--serve", "smtp", "--fault", f"{step}:{fault}") as port:
                result = expect(fake(port=port), "CRITICAL", "connect")
                assert result.seconds < 0.5 + start_and_end_s(), result


def test_uncertain_after_the_final_dot():
    with Fake("--serve", "smtp", "--fault", "body:close") as port:
        expect(fake(port=port), "CRITICAL", "connect", "may")


def test_state_of_a_time_out():
    with Fake("--serve", "smtp", "--fault", "mail:silence") as port:
        assert fake(port=port, timeout="1:unknown").code == 3
        assert fake(port=port, timeout="1:warning").code == 1


def test_hostile_banner():
    banners = (b"220 a | time=999s <script>alert(1)</script>", b"220 \x1b[31mred\x1b]0;title\x07",
               b"220 " + b"x" * 10000, b"220 \xff\xfe\x00z", b"554 no | time=999s;1 <b>\x1b[2J", b"554 " + b"y" * 10000)
    for banner in banners:
        script = 'send "' + "".join(f"\\x{byte:02x}" for byte in banner + b"\r\n") + '"\nclose\n'
        with Fake(script=script) as port:
            run("check_smtp_submit", "--hostname=127.0.0.1", f"--port={port}", "--tls=none", *message(), "--timeout=2",
                output=None)


def test_transcript_has_no_secret():
    for mechanism in ("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-256"):
        result = expect(submit(f"--auth={mechanism}", "-vvv", output=None), "OK")
        assert "EHLO" in result.long and "MAIL FROM" in result.long, result
        assert "redacted" in result.long, result


def test_thresholds():
    assert submit("-w", "accept=0.000001").code == 1
    expect(submit("-c", "accept=0.000001"), "CRITICAL", "threshold", "accept")
    assert submit("-c", "0.000001").code == 2
    assert submit("-w", "total=@0:10").code == 1
    expect(submit("-w", "nonsense=1"), "UNKNOWN", "usage", "nonsense")
    expect(submit("-w", "20:10"), "UNKNOWN", "usage")
