# SPDX-License-Identifier: GPL-3.0-or-later
"""Through a proxy: SOCKS5 with names resolved here or there, HTTP CONNECT, with and without a password."""
import base64
import socket
import tempfile
import threading

from harness import expect, imap_server, lab, message, run, smtp_login, smtp_server, trust

PASSWORD = "proxy-secret-42"


def relay(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Proxy:
    """One of each kind, on a port of its own. .asked: what it was asked to connect to."""

    def __init__(self, kind, login=False, refuse=False):
        self.kind, self.login, self.refuse, self.asked = kind, login, refuse, []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.close()

    def serve(self):
        while True:
            try:
                client = self.server.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.one, args=(client,), daemon=True).start()

    def one(self, client):
        try:
            target = self.socks(client) if self.kind == "socks5" else self.connect(client)
        except (OSError, IndexError):
            target = None
        if target is None:
            client.close()
            return
        self.asked.append(target)
        # names are the lab's own: all lead to loopback
        upstream = socket.create_connection(("127.0.0.1", target[1]))
        client.sendall(b"\x05\x00\x00\x01\0\0\0\0\0\0" if self.kind == "socks5" else b"HTTP/1.1 200 OK\r\n\r\n")
        threading.Thread(target=relay, args=(upstream, client), daemon=True).start()
        relay(client, upstream)

    def socks(self, client):
        methods = client.recv(2)
        offered = client.recv(methods[1])
        if self.login:
            if 2 not in offered:
                client.sendall(b"\x05\xff")
                return None
            client.sendall(b"\x05\x02")
            client.recv(1)
            user = client.recv(client.recv(1)[0])
            good = user == b"probe" and client.recv(client.recv(1)[0]) == PASSWORD.encode()
            client.sendall(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                return None
        else:
            client.sendall(b"\x05\x00")
        kind = client.recv(4)[3]
        host = socket.inet_ntoa(client.recv(4)) if kind == 1 else client.recv(client.recv(1)[0]).decode()
        port = int.from_bytes(client.recv(2), "big")
        if self.refuse:
            client.sendall(b"\x05\x02\x00\x01\0\0\0\0\0\0")
            return None
        return host, port

    def connect(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        wanted = base64.b64encode(f"probe:{PASSWORD}".encode())
        if self.refuse or (self.login and b"Basic " + wanted not in head):
            client.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n" if self.refuse
                           else b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n")
            return None
        host, _, port = head.split()[1].decode().rpartition(":")
        return host, int(port)


def submit(proxy, scheme, *more, **options):
    return run("check_smtp_submit", *smtp_server(), *trust(), *message(), *smtp_login(),
               f"--proxy={scheme}://127.0.0.1:{proxy.port}", "--timeout=5", *more, **options)


def test_each_kind():
    for kind, scheme in (("socks5", "socks5"), ("socks5", "socks5h"), ("http", "http")):
        with Proxy(kind) as proxy:
            expect(submit(proxy, scheme), "OK")
            host = lab["SMTP_HOST"] if scheme != "socks5" else "127.0.0.1"
            assert (host, int(lab["SUBMISSION_PORT"])) in proxy.asked, (scheme, proxy.asked)


def test_mailbox_through_a_proxy():
    with Proxy("http") as proxy:
        expect(run("check_imap_marker", *imap_server(), *trust(), *smtp_login("USER"), "--tls=implicit", "--expect=0:",
                   f"--proxy=http://127.0.0.1:{proxy.port}"), "OK")


def test_password():
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as file:
        file.write(PASSWORD)
        file.flush()
        login = ["--proxy-username=probe", f"--proxy-password-file={file.name}"]
        for kind, scheme in (("socks5", "socks5"), ("http", "http")):
            with Proxy(kind, login=True) as proxy:
                result = expect(submit(proxy, scheme, *login, "-vvv", output=None), "OK")
                assert PASSWORD not in result.out
                assert submit(proxy, scheme).code == 2


def test_refused_and_dead():
    for kind, scheme in (("socks5", "socks5h"), ("http", "http")):
        with Proxy(kind, refuse=True) as proxy:
            expect(submit(proxy, scheme), "CRITICAL", "connect", "proxy")
        expect(submit(proxy, scheme), "CRITICAL", "connect", "proxy")


def test_the_environment_is_ignored():
    result = run("check_smtp_submit", *smtp_server(), *trust(), *message(), *smtp_login(), "--timeout=5", environment={
        name: "http://127.0.0.1:1" for name in ("ALL_PROXY", "all_proxy", "http_proxy", "https_proxy", "smtp_proxy")})
    expect(result, "OK")


def test_user_data_in_the_url_is_refused():
    expect(run("check_smtp_submit", *smtp_server(), *message(), "--proxy=http://user:pass@127.0.0.1:1"), "UNKNOWN", "usage")
