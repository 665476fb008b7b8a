# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens that are fetched: from the lab's token endpoint, for Postfix and Dovecot, which check their signatures."""
import concurrent.futures
import glob
import json
import os
import re
import stat
import subprocess
import tempfile

from harness import (alone, expect, imap_server, lab, make_read_only, message, run, secrets, small_file_system, smtp_server,
                     start_and_end_s, submit, trust, unique)


class State(tempfile.TemporaryDirectory):
    """A state directory of the test's own; what it keeps is as secret as what it was made of."""

    def option(self):
        return f"--state-dir={self.name}"

    def files(self):
        return [path for path in glob.glob(os.path.join(self.name, "token-*")) if not path.endswith(".lock")]

    def kept(self):
        path, = self.files()
        with open(path, encoding="ascii") as file:
            return json.load(file)

    def keep(self, **changes):
        path, = self.files()
        content = {**self.kept(), **changes}
        with open(path, "w", encoding="ascii") as file:
            json.dump(content, file)


def url(**query):
    return f"{lab['TOKEN_URL']}?" + "&".join(f"{name}={value}" for name, value in query.items())


def client(user="SENDER", at=None, prefix="", secret="CLIENT_SECRET_FILE"):
    return [f"--{prefix}oauth2-token-url={at or lab['TOKEN_URL']}", f"--{prefix}oauth2-client-id=app:{lab[user]}",
            f"--{prefix}oauth2-client-secret-file={lab[secret]}"]


def public(user="SENDER", at=None, prefix="", token=None):
    return [f"--{prefix}oauth2-token-url={at or lab['TOKEN_URL']}", f"--{prefix}oauth2-client-id=public",
            f"--{prefix}oauth2-refresh-token-file={token or lab[user + '_REFRESH_TOKEN_FILE']}"]


def account(file="SERVICE_ACCOUNT_FILE", prefix=""):
    return [f"--{prefix}oauth2-service-account={lab.get(file, file)}"]


def send(state, *more, user="SENDER", **options):
    return submit(f"--username={lab.get(user, user)}", state.option(), "--stop-after=auth", *more, login=False, **options)


def receive(state, *more, protocol="imap", **options):
    return run("check_imap_marker", *imap_server("IMAPS_PORT" if protocol == "imap" else "POP3S_PORT"), *trust(), "--tls=implicit",
               f"--protocol={protocol}", f"--username={lab['USER']}", state.option(), "--expect=0:", *more, **options)


def requests(key):
    """What the endpoint was asked for under this key, a list of its log's words."""
    with open(lab["TOKEN_LOG"], encoding="utf-8") as file:
        return [line.split()[1:] for line in file if line.startswith(key + " ")]


def test_every_grant_everywhere():
    for way in (client, public, lambda user: account()):
        state = State()
        with state:
            result = expect(send(state, *way("SENDER")), "OK")
            assert "token" in [stage["name"] for stage in result.json["stages"]], result
            assert "token" not in result.metrics and result.metrics["auth"] < 1, result
            for protocol in ("imap", "pop3"):
                result = expect(receive(state, *way("USER"), protocol=protocol), "OK")
                assert "token" not in result.metrics and result.metrics["login"] < 1, result


def test_round_trip_with_two_clients():
    state = State()
    with state:
        arguments = [*smtp_server(prefix="smtp-"), *imap_server(prefix="imap-"), *trust(), *message(), "--imap-tls=implicit",
                     f"--smtp-username={lab['SENDER']}", f"--imap-username={lab['USER']}", state.option(), "--wait=20"]
        result = run("check_mail_roundtrip", *arguments, *client("SENDER", prefix="smtp-"), *public("USER", prefix="imap-"))
        expect(result, "OK", None, "landed")
        assert len(state.files()) == 2
        expect(run("check_mail_roundtrip", *arguments, *account()), "OK", None, "landed")
        assert len(state.files()) == 4


def test_both_sides_share_what_is_kept():
    key, state = unique(), State()
    with state:
        expect(run("check_mail_roundtrip", *smtp_server(prefix="smtp-"), *imap_server(prefix="imap-"), *trust(), *message(),
                   "--imap-tls=implicit", f"--username={lab['SENDER']}", state.option(), "--wait=1",
                   *public("SENDER", url(key=key))), "WARNING", "late")
    assert len(requests(key)) == 1, requests(key)


def test_mechanisms():
    for mechanism in ("XOAUTH2", "OAUTHBEARER"):
        state = State()
        with state:
            result = send(state, *client(), f"--auth={mechanism}", "-v", output=None)
            expect(result, "OK")
            assert f"AUTH {mechanism}" in result.long and "OAuth2 token of smtp: fetched in" in result.long, result


def test_kept_until_shortly_before_it_expires():
    key, state = unique(), State()
    with state:
        for _ in range(3):
            expect(send(state, *client(at=url(key=key))), "OK")
        assert len(requests(key)) == 1
        result = send(state, *client(at=url(key=key)), output=None)
        assert "OAuth2 token of smtp: kept by an earlier run, good for another" in result.long, result
        kept = state.kept()
        # 30 of 3600 seconds left: a new one
        state.keep(fetched=kept["fetched"] - 3570, expires=kept["expires"] - 3570)
        expect(send(state, *client(at=url(key=key))), "OK")
        assert len(requests(key)) == 2
        # a clock that was ahead when it was fetched
        state.keep(fetched=kept["fetched"] + 86400, expires=kept["expires"] + 86400)
        expect(send(state, *client(at=url(key=key))), "OK")
        assert len(requests(key)) == 3
        # another secret, another scope, another user: none of theirs
        expect(send(state, *client(at=url(key=key), secret="WRONG_CLIENT_SECRET_FILE")), "CRITICAL", "auth_token")
        expect(send(state, *client(at=url(key=key)), "--oauth2-scope=other"), "OK")
        assert len(requests(key)) == 5


def test_lifetimes_as_text_short_and_unknown():
    for wish, count in ({"expires": "text"}, 1), ({"expires": "none"}, 3), ({"lifetime": 20}, 1):
        key, state = unique(), State()
        with state:
            for _ in range(3):
                expect(send(state, *client(at=url(key=key, **wish))), "OK")
        assert len(requests(key)) == count, wish


def test_modes():
    state = State()
    with state:
        expect(send(state, *client()), "OK")
        for path in glob.glob(os.path.join(state.name, "*")):
            assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, path
        fresh = os.path.join(state.name, "made")
        expect(submit(f"--username={lab['SENDER']}", f"--state-dir={fresh}", "--stop-after=auth", *client(), login=False), "OK")
        assert stat.S_IMODE(os.stat(fresh).st_mode) == 0o700


def test_a_run_at_a_time_asks():
    key, state = unique(), State()
    with state, concurrent.futures.ThreadPoolExecutor(10) as pool:
        results = list(pool.map(lambda _: send(state, *client(at=url(key=key, slow=0.5)), "--timeout=30"), range(10)))
        for result in results:
            expect(result, "OK")
    assert len(requests(key)) == 1, requests(key)


def test_a_lock_that_is_never_given_back():
    key, state = unique(), State()
    with state:
        expect(send(state, *client(at=url(key=key))), "OK")
        path, = state.files()
        os.unlink(path)
        with subprocess.Popen(["flock", path + ".lock", "sleep", "30"]) as holder:
            result = send(state, *client(at=url(key=key)), "--timeout=12", output=None)
            holder.kill()
            subprocess.run(["pkill", "-P", str(holder.pid)], check=False)
        expect(result, "OK")
        assert "another run holds" in result.long and 5.9 < result.seconds < 12, result


def test_a_refused_token_is_renewed_once():
    for take in ("submit", "imap", "pop3"):
        key, state = unique(), State()
        with state:
            def attempt():
                if take == "submit":
                    return send(state, *client("USER", url(key=key, stale=count)), user="USER", output=None)
                return receive(state, *client("USER", url(key=key, stale=count)), protocol=take, output=None)
            # the first one was refused though it was new: no reason to ask for another
            count = 1
            result = expect(attempt(), "CRITICAL")
            assert len(requests(key)) == 1 and "OAuth2" in result.text + result.long, result
            # it is kept all the same; the next run lets it be renewed
            result = expect(attempt(), "OK")
            assert len(requests(key)) == 2 and "the one kept before was refused" in result.long, result
            expect(attempt(), "OK")
            assert len(requests(key)) == 2
        # what is new is no better
        key, state = unique(), State()
        count = 9
        with state:
            for number in (1, 2, 3):
                expect(attempt(), "CRITICAL")
                assert len(requests(key)) == number


def test_rotation():
    key, state = unique(), State()
    at = url(key=key, rotate="yes")
    with state:
        expect(send(state, *public(at=at)), "OK")
        for turn in (2, 3):
            renewed = state.kept()["refresh_token"]
            secrets.append(renewed.encode())
            state.keep(expires=0)
            expect(send(state, *public(at=at)), "OK")
            assert len(requests(key)) == turn and state.kept()["refresh_token"] != renewed
        # without what was kept, only the user's file is left, and that has been replaced
        os.unlink(*state.files())
        result = send(state, *public(at=at))
        expect(result, "CRITICAL", "auth_token", "invalid_grant", stage="auth")
        assert "sign in again" in result.fault["advice"], result


def test_rotation_to_one_that_is_no_good():
    key, state = unique(), State()
    at = url(key=key, rotate="dead")
    with state:
        expect(send(state, *public(at=at)), "OK")
        assert state.kept()["refresh_token"].startswith("dead-")
        state.keep(expires=0)
        expect(send(state, *public(at=at)), "OK")
        assert [request[-1] for request in requests(key)] == ["issued", "invalid_grant", "issued"]


def test_refusals_are_told_apart():
    state = State()
    with state:
        for arguments, word, advice in (
                (client(secret="WRONG_CLIENT_SECRET_FILE"), "invalid_client", "secret"),
                ([*client(), "--oauth2-scope=wrong"], "invalid_scope", "--oauth2-scope"),
                (public("WRONG"), "invalid_grant", "sign in again"),
                (account("FOREIGN_ACCOUNT_FILE"), "Invalid JWT Signature", "make a new key"),
                ([*account(), "--oauth2-scope=https://www.example/"], "unauthorized_client", "delegation"),
                (client(at=url(error="unauthorized_client")), "unauthorized_client", "grant"),
                (client(at=url(error="invalid_grant")), "invalid_grant", ""),
                (client(at=url(error="temporarily_unavailable", status=503)), "temporarily_unavailable", "out of order")):
            result = expect(send(state, *arguments), "CRITICAL", "auth_token", word, lab["TOKEN_HOST"], stage="auth")
            assert advice in result.fault["advice"], result
        assert not state.files()
        result = receive(state, *public("WRONG"))
        expect(result, "CRITICAL", "auth_token", "invalid_grant", stage="login")
        result = send(state, *account(), user="nobody@sender.example")
        expect(result, "CRITICAL", "auth_token", "invalid_grant")
        assert "user of the domain" in result.fault["advice"], result


def test_answers_that_are_none():
    state = State()
    with state:
        for query, word in (("status=503", "HTTP 503"), ("status=429", "HTTP 429"), ("status=404", "HTTP 404"),
                            ("answer=redirect", "HTTP 302"), ("answer=html", "without JSON"), ("answer=empty", "without JSON"),
                            ("answer=garbage", "without JSON"), ("answer=array", "without JSON"),
                            ("answer=no-token", "without an access_token"), ("answer=mac", "\"mac\""),
                            ("answer=control", "no token may have"), ("answer=big", "more than"),
                            ("answer=cut", "no HTTP answer")):
            result = send(state, *client(at=f"{lab['TOKEN_URL']}?{query}"))
            expect(result, "CRITICAL", "auth_token", word, lab["TOKEN_HOST"], stage="auth")
            assert "time=999s" not in result.out
        for query in ("answer=silent", "answer=drip", "slow=30"):
            result = send(state, *client(at=f"{lab['TOKEN_URL']}?{query}"), "--timeout=1.5")
            expect(result, "CRITICAL", "auth_token", "within 1.5 s", stage="auth")
            assert result.seconds < 1.5 + start_and_end_s(), result
        assert not state.files()


def test_endpoints_that_cannot_be_reached():
    state, port = State(), lab["TOKEN_PORT"]
    with state:
        for place, word in (("https://nowhere.example/token", "dns: nowhere.example does not exist"),
                            ("https://127.0.0.1:1/token", "tcp: connection refused by 127.0.0.1 port 1"),
                            (f"https://nomx.example:{port}/token", "tls: certificate"),
                            (f"https://{lab['SMTP_HOST']}:{lab['SUBMISSION_PORT']}/", "tls: 127.0.0.1")):
            result = send(state, *client(at=place))
            expect(result, "CRITICAL", "auth_token", "no OAuth2 token from", word, stage="auth")
        # --insecure is about the mail server: a secret goes to nobody unknown
        result = send(state, "--insecure", *client(at=f"https://nomx.example:{port}/token"))
        expect(result, "CRITICAL", "auth_token", "tls: certificate")
        # and the mail side's own trust counts for both
        arguments = [*smtp_server(), f"--resolver={lab['RESOLVER']}", *message(), f"--username={lab['SENDER']}", state.option(),
                     "--stop-after=auth", *client()]
        expect(run("check_smtp_submit", *arguments), "CRITICAL", "auth_token", "tls: certificate")
        expect(run("check_smtp_submit", *arguments, f"--ca-path={lab['CA_PATH']}"), "OK")


def test_descriptions_with_secrets_in_them():
    state = State()
    with state:
        for way in (client, public):
            result = send(state, *way(at=url(error="invalid_client", text="you%20sent%20%25(secret)s%20%7C%20time=999s")), "-vvv",
                          output=None)
            expect(result, "CRITICAL", None, "invalid_client: you sent *** / time=999s")


def test_secrets_are_nowhere_to_be_seen():
    state = State()
    with state:
        for way in (client, public, lambda: account()):
            for _ in range(2):
                result = send(state, *way(), "-vvv", output=None)
                expect(result, "OK")
                assert not re.search(r"eyJ[A-Za-z0-9_-]{20}", result.out), result
        tokens = []
        for path in state.files():
            with open(path, encoding="ascii") as file:
                tokens.append(json.load(file)["access_token"])
        assert len(tokens) == 3
        assert all(token not in send(state, *client(), "-vvv", output=None).out for token in tokens)


def test_state_directories_that_cannot_be_used():
    with State() as directory:
        os.chmod(directory, 0o777)
        link = os.path.join(directory, "link")
        os.symlink(directory, link)
        for place, word in ((directory, "is writable by group or others"), (link, "is a symbolic link"),
                            ("/proc/mailproof", "cannot make the state directory"), ("/dev/null", "Not a directory")):
            result = submit(f"--username={lab['SENDER']}", f"--state-dir={place}", "--stop-after=auth", *client(), login=False,
                            output=None)
            expect(result, "OK")
            assert "is not kept" in result.long and word in result.long, result
        assert os.listdir(directory) == ["link"]
        # worse where the endpoint then takes no other refresh token than the one that is lost
        result = submit(f"--username={lab['SENDER']}", "--state-dir=/dev/null", "--stop-after=auth",
                        *public(at=url(key=unique(), rotate="yes")), login=False, output=None)
        expect(result, "OK")
        assert "is lost: sign in again" in result.long, result


@alone
def test_a_full_or_read_only_state_directory():
    with small_file_system() as place:
        arguments = [f"--username={lab['SENDER']}", f"--state-dir={place}", "--stop-after=auth", *client()]
        result = expect(submit(*arguments, login=False, output=None), "OK")
        assert "is not kept" in result.long, result
        assert sorted(name for name in os.listdir(place) if not name.endswith(".lock")) == ["ballast"]
        make_read_only(place)
        result = expect(submit(*arguments, login=False, output=None), "OK")
        assert "is not kept" in result.long and "Read-only" in result.long, result


def test_no_token_is_fetched_for_nothing():
    key, state = unique(), State()
    with state:
        expect(submit(f"--username={lab['SENDER']}", state.option(), "--stop-after=tls", *client(at=url(key=key)), login=False),
               "OK")
        expect(submit("--username=x", "--oauth2-token-url=http://127.0.0.1/", login=False), "UNKNOWN", "usage",
               "--oauth2-token-url", "https://")
    assert not requests(key)
