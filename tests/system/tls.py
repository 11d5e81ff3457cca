"""TLS before a server that speaks none, with a certificate of its own making, as hosts of Redis have it."""

import asyncio
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PIECE = 64 * 1024


class TlsFront:
    """`with TlsFront(url, folder) as front`: `front.url` is the same Redis by TLS, `front.certificate` its file."""

    def __init__(self, url: str, folder: Path) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname, parts.port)
        self._login = parts.netloc.rpartition("@")[0]
        self.certificate, key = _own_certificate(folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        threading.Thread(target=self._loop.run_forever, name="tls", daemon=True).start()
        begun = asyncio.start_server(self._carry, "127.0.0.1", 0, ssl=self._context)
        server = asyncio.run_coroutine_threadsafe(begun, self._loop).result()
        self.url = f"rediss://{self._login}@127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _carry(self, read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(*self._server)
        await asyncio.gather(_pass_on(read, to_server), _pass_on(from_server, write))


async def _pass_on(read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await read.read(PIECE):
            write.write(data)
            await write.drain()
    write.close()


def _own_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that no authority knows, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "redis of a small plan")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for file, content in (("redis.crt", made.public_bytes(serialization.Encoding.PEM)), ("redis.key", private)):
        (folder / file).write_bytes(content)
    return folder / "redis.crt", folder / "redis.key"
