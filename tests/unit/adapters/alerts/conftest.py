"""A mail server, a web server and a certificate on loopback, all real; names that lead there without a name server."""

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pitwall.domain.records.alerts import Alert

LOOPBACK = "127.0.0.1"


class _Answering(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture
def alert() -> Alert:
    return Alert("gate_refused", "order-pre_race\nversion 3", "latency: 61 ms, at most 50", cause="latency")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    """Key and certificate of 127.0.0.1 and hook.test, signed by themselves."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hook.test")])
    names = x509.SubjectAlternativeName([x509.DNSName("hook.test"), x509.IPAddress(ip_address(LOOPBACK))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def trusted(certificate, monkeypatch) -> ssl.SSLContext:
    """The servers' side of TLS; clients trust the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class MailServer(_Answering):
    """Speaks as much SMTP as a client needs, and remembers what it heard."""

    def __init__(self, tls: ssl.SSLContext | None, login: int) -> None:
        super().__init__((LOOPBACK, 0), _Conversation)
        self.tls, self.login, self.heard, self.port = tls, login, [], self.server_address[1]

    @property
    def mails(self) -> list[str]:
        """All mails that were taken."""
        return [text for word, text, _ in self.heard if word == "TEXT"]


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        encrypted = False
        self.say("220 here")
        while line := self.rfile.readline().decode():
            word = line.split()[0].upper()
            self.server.heard.append((word, line, encrypted))
            if word == "EHLO":
                self.say("250-here" + ("\r\n250-STARTTLS" if self.server.tls and not encrypted else ""))
                self.say("250 AUTH PLAIN")
            elif word == "STARTTLS":
                assert self.server.tls
                self.say("220 go on")
                self.connection = self.server.tls.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile, encrypted = self.connection.makefile("rb"), self.connection.makefile("wb"), True
            elif word == "AUTH":
                self.say(f"{self.server.login} s3cret is what you said")
            elif word == "DATA":
                self.say("354 go on")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += self.rfile.readline()
                self.server.heard.append(("TEXT", text.decode(), encrypted))
                self.say("250 taken")
            else:
                self.say("221 bye" if word == "QUIT" else "250 fine")
                if word == "QUIT":
                    return

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
        self.wfile.flush()


@pytest.fixture
def run() -> Iterator[Any]:
    """Run servers until the test is over."""
    running = []

    def start(server: socketserver.BaseServer) -> Any:
        running.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def mail_server(run) -> Iterator[Any]:
    """Start a mail server: with TLS or without, and with its answer to a login."""

    def start(tls: ssl.SSLContext | None, login: int = 235) -> MailServer:
        return run(MailServer(tls, login))

    yield start


class HookServer(_Answering):
    """Answers every POST with a status, and remembers it."""

    def __init__(self, status: int, location: str, tls: ssl.SSLContext | None) -> None:
        super().__init__((LOOPBACK, 0), _Hook)
        self.status, self.location, self.got, self.port = status, location, [], self.server_address[1]
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)


class _Hook(http.server.BaseHTTPRequestHandler):
    server: HookServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers["Host"], json.loads(body)))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def hook_server(run) -> Iterator[Any]:
    """Start a web server."""

    def start(status: int = 204, location: str = "", tls: ssl.SSLContext | None = None) -> HookServer:
        return run(HookServer(status, location, tls))

    yield start


@pytest.fixture
def names(monkeypatch) -> list[str]:
    """Let names lead to addresses without a name server; each look-up of a name takes the next list of its addresses."""
    real, asked = socket.getaddrinfo, []
    known = {
        "hook.test": [[LOOPBACK]],
        "both.test": [["93.184.216.34", LOOPBACK]],
        "six.test": [["2606:4700::1111", "fd00::1"]],
        "metadata.test": [["169.254.169.254"]],
        "rebind.test": [["93.184.216.34"], [LOOPBACK]],
    }

    def resolve(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host not in known:
            return real(host, port, *rest, **more)
        asked.append(host)
        answers = known[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [entry for text in found for entry in real(text, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked
