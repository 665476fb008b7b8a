# SPDX-License-Identifier: GPL-3.0-or-later
"""tokenserver.py DIR ADDRESS:PORT... - an OAuth2 token endpoint over HTTPS for the lab in DIR. It issues what the lab's
Dovecot takes to clients that prove themselves: by the secret in secret/client-secret, by a refresh token of
secret/refresh-token-*, by an assertion that the key of secret/service-account.json has signed.

A test says by the query of the URL what is to go wrong; without one all is well. key=NAME: the test's own, for what is
remembered between requests, and in the log.

    lifetime=SECONDS    of the token, as told and as signed (default 3600)
    stale=COUNT         the first so many tokens of this key have expired, though expires_in says otherwise
    error=CODE          an OAuth2 error; text=WORDS its description, with %(secret)s what the client sent
    status=NUMBER       of HTTP, with error= or alone
    answer=html|empty|garbage|array|no-token|mac|control|big|drip|cut|silent|redirect
    slow=SECONDS        before the answer
    rotate=yes          each refresh token serves once, a new one comes with the reply; rotate=dead: the new one is no good
    expires=text|none   expires_in as a string, or not at all

Every request is a line of log/token-requests.log: KEY GRANT CLIENT USER OUTCOME."""
import base64
import hmac
import http.server
import json
import os
import secrets
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
SCOPE = "https://mail.google.com/"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
directory = sys.argv[1]
lock = threading.Lock()
counts = {}    # key -> tokens issued
rotated = {}   # key -> {refresh token: user}


class Refused(Exception):
    def __init__(self, code, text="", status=400):
        super().__init__(code)
        self.code, self.text, self.status = code, text, status


def secret(name):
    with open(os.path.join(directory, "secret", name), encoding="utf-8") as file:
        return file.read().strip()


def setting(name):
    with open(os.path.join(directory, "env"), encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file)["LAB_" + name]


def same(left, right):
    return hmac.compare_digest(left.encode(), right.encode())


def client(form):
    """Which user's application asks: "app:USER", with the secret, or "public", without one."""
    name = form.get("client_id", "")
    if name == "public" and "client_secret" not in form:
        return None
    if not name.startswith("app:") or not same(form.get("client_secret", ""), secret("client-secret")):
        raise Refused("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)
    return name[4:]


def by_refresh_token(form, query):
    client(form)
    token = form.get("refresh_token", "")
    originals = {secret("refresh-token-" + name): setting(name.upper()) for name in ("sender", "user")}
    with lock:
        known = rotated.setdefault(query["key"], dict(originals)) if query.get("rotate") == "yes" else originals
        if token not in known:
            raise Refused("invalid_grant", "Token has been expired or revoked.")
        user = known[token]
        if "rotate" not in query:
            return user, None
        if query["rotate"] == "yes":
            del known[token]
        renewed = "renewed-" + secrets.token_hex(12)
        known[renewed] = user
        return user, renewed


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def signature_holds(signed, signature):
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", os.path.join(directory, "run", "service-account.pub"),
                               "-signature", file.name], input=signed, capture_output=True, check=False)
    return done.returncode == 0


def by_assertion(form, address):
    account = json.loads(secret("service-account.json"))
    try:
        head, body, signature = form["assertion"].split(".")
        header, claims = json.loads(decoded(head)), json.loads(decoded(body))
    except (KeyError, ValueError):
        raise Refused("invalid_request", "no JWT") from None
    if header != {"alg": "RS256", "typ": "JWT", "kid": account["private_key_id"]} or "=" in form["assertion"] or \
            not signature_holds(f"{head}.{body}".encode(), decoded(signature)):
        raise Refused("invalid_grant", "Invalid JWT Signature.")
    now = time.time()
    if claims["aud"] != address or not now - 300 < claims["iat"] <= now + 5 or not 0 < claims["exp"] - claims["iat"] <= 3600:
        raise Refused("invalid_grant", "Invalid JWT: Token must be a short-lived token and in a reasonable timeframe.")
    if claims["iss"] != account["client_email"] or claims["sub"] not in (setting("SENDER"), setting("USER")):
        raise Refused("invalid_grant", "Invalid email or User ID")
    if claims["scope"] != SCOPE:
        raise Refused("unauthorized_client", "Client is unauthorized to retrieve access tokens using this method, or client "
                      "not authorized for any of the scopes requested.", 401)
    return claims["sub"]


def serve(form, query, address):
    """The user, and a refresh token or None."""
    grant = form.get("grant_type")
    if "error" in query:
        sent = form.get("client_secret") or form.get("refresh_token") or form.get("assertion")
        raise Refused(query["error"], query.get("text", "the test wants it so") % {"secret": sent}, int(query.get("status", 400)))
    if grant == "refresh_token":
        return by_refresh_token(form, query)
    if grant == "client_credentials":
        user = client(form)
        if user is None:
            raise Refused("unauthorized_client", "a public client proves nothing")
        if form.get("scope") == "wrong":
            raise Refused("invalid_scope", "AADSTS70011: The provided value for scope is not valid.")
        return user, None
    if grant == JWT_BEARER:
        return by_assertion(form, address), None
    raise Refused("unsupported_grant_type")


def issue(user, renewed, query):
    lifetime = int(query.get("lifetime", 3600))
    with lock:
        issued = counts[query["key"]] = counts.get(query["key"], 0) + 1
    stale = issued <= int(query.get("stale", 0))
    token = subprocess.run([os.path.join(HERE, "..", "token"), directory, user, str(-60 if stale else lifetime)],
                           check=True, capture_output=True, text=True).stdout.strip()
    reply = {"access_token": token, "token_type": "Bearer", "expires_in": lifetime}
    if query.get("expires") == "text":
        reply["expires_in"] = str(lifetime)
    elif query.get("expires") == "none":
        del reply["expires_in"]
    if renewed:
        reply["refresh_token"] = renewed if query["rotate"] == "yes" else "dead-" + renewed
    if query.get("answer") == "no-token":
        del reply["access_token"]
    elif query.get("answer") == "mac":
        reply["token_type"] = "mac"
    elif query.get("answer") == "control":
        reply["access_token"] = "a\r\nQUIT\x01" + token
    return reply


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def odd(self, how):
        """True where that was the answer."""
        if how == "html":
            self.answer(200, b"<html><body>Sign in | time=999s</body></html>", "text/html")
        elif how == "empty":
            self.answer(200, b"")
        elif how == "garbage":
            self.answer(200, b'{"access_token": "abc\xff\x00')
        elif how == "array":
            self.answer(200, b'["access_token"]')
        elif how == "big":
            self.answer(200, b'{"access_token":"' + b"A" * 5000000 + b'"}')
        elif how == "redirect":
            self.answer(302, b"", Location="https://elsewhere.example/token")
        elif how == "silent":
            time.sleep(30)
        elif how == "cut":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"access_token":"abc')
        elif how == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
            for _ in range(30):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(1)
        else:
            return False
        self.close_connection = True
        return True

    def do_POST(self):
        address = f"https://{self.headers['Host']}{self.path}"
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        query.setdefault("key", "-")
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body, strict_parsing=True))
        time.sleep(float(query.get("slow", 0)))
        reply, outcome, user = None, "odd", "-"
        if query.get("answer") in (None, "no-token", "mac", "control") and ("status" not in query or "error" in query):
            try:
                user, renewed = serve(form, query, address)
                reply, outcome = (200, issue(user, renewed, query)), "issued"
            except Refused as refused:
                reply, outcome = (refused.status, {"error": refused.code, "error_description": refused.text}), refused.code
        # before the answer: who has it may look here at once
        with lock, open(os.path.join(directory, "log", "token-requests.log"), "a", encoding="utf-8") as log:
            log.write(f"{query['key']} {form.get('grant_type')} {form.get('client_id', '-')} {user} {outcome}\n")
        if reply:
            self.answer(reply[0], json.dumps(reply[1]).encode())
        elif not self.odd(query.get("answer")):
            self.answer(int(query["status"]), b"out of order", "text/plain")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def get_request(self):
        plain, peer = super().get_request()
        # the handshake belongs to the connection's thread: a silent client holds nobody up
        return tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), peer

    def handle_error(self, request, client_address):
        pass # a client that hangs up has seen enough


tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(os.path.join(directory, "ca", "server.pem"), os.path.join(directory, "ca", "server.key"))
for place in sys.argv[2:]:
    host, _, port = place.rpartition(":")
    server = Server((host, int(port)), Handler)
    threading.Thread(target=server.serve_forever).start()
