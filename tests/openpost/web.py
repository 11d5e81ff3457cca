"""A web server that does to its visitors what the worst of the internet does, on loopback, with and without TLS."""

import datetime
import ipaddress
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: What a path does with its visitor: all that it says is up to it, the status line included.
Behaviour = Callable[[socket.socket], None]


class Web:
    """`web.at["/path"] = behaviour`; `web.seen` are the request heads that came."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.at: dict[str, Behaviour] = {}
        self.seen: list[str] = []
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        web = self

        class Visit(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    line = context.wrap_socket(self.request, server_side=True) if context else self.request
                    web.serve(line)
                    line.close()
                except OSError:
                    pass  # the visitor left

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Visit)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> "Web":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, line: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head and (came := line.recv(65536)):
            head += came
        self.seen.append(head.decode("latin-1"))
        path = self.seen[-1].split(" ")[1]
        self.at.get(path.partition("?")[0], answer(b"Nothing here.", status=404))(line)


def answer(body: bytes = b"", *, status: int = 200, length: int | None = None, **headers: Any) -> Behaviour:
    """An ordinary answer; `length` is what it says of its size, whatever that is."""
    said = {"Content_Type": "text/plain", "Content_Length": len(body) if length is None else length, **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in said.items() if value is not ...)
    return lambda line: line.sendall(f"HTTP/1.1 {status} So\r\n{head}Connection: close\r\n\r\n".encode() + body)


def redirect(place: str, status: int = 302) -> Behaviour:
    return answer(status=status, Location=place)


def endless(head: bytes, piece: bytes, *, every: float = 0) -> Behaviour:
    """`head`, and then the same piece until the visitor leaves, a pause before each."""

    def behave(line: socket.socket) -> None:
        line.sendall(head)
        pause = threading.Event()
        while True:
            pause.wait(every)
            line.sendall(piece)

    return behave


def certificate(folder: Path, *names: str) -> Path:
    """A file with a key and a certificate for 127.0.0.1 and these names, which signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *map(x509.DNSName, names)],
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
