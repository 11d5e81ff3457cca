"""A real S3 server on loopback: SeaweedFS, which checks signatures and their end as Amazon's does.

Name it in a conftest: `from tests.peers.s3 import s3`. One server per test process, started when first wanted.
"""

import json
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from openpost.embedded.leash import die_with_parent

WEED = Path(sys.executable).parent / "weed"
#: Seconds. It takes three on two idle cores.
START = 60
#: SeaweedFS speaks gRPC ten thousand ports above each of its own.
GRPC = 10_000


@dataclass(frozen=True, slots=True)
class S3:
    """The running server, and a client that is not ours."""

    url: str
    key: str
    secret: str

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )

    def new_bucket(self) -> str:
        name = f"tests-{secrets.token_hex(6)}"
        self.client().create_bucket(Bucket=name)
        return name

    def environment(self, bucket: str) -> dict[str, str]:
        """What an operator sets to keep files there."""
        return {
            "S3_BUCKET": bucket,
            "S3_ENDPOINT_URL": self.url,
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY_ID": self.key,
            "S3_SECRET_ACCESS_KEY": self.secret,
            "S3_ADDRESSING_STYLE": "path",
        }


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    folder = tmp_path_factory.mktemp("s3")
    master, volume, filer, gateway = _ports(4)
    server = S3(f"http://127.0.0.1:{gateway}", secrets.token_hex(8), secrets.token_hex(16))
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [_identity(server)]}))
    command = [
        str(WEED), "-alsologtostderr=false", f"-logdir={folder}", "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-dir={folder}", f"-master.port={master}", f"-volume.port={volume}", "-volume.max=300",
        "-master.volumeSizeLimitMB=256", "-filer", f"-filer.port={filer}", "-s3", f"-s3.port={gateway}",
        f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0",
    ]  # fmt: skip
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, preexec_fn=die_with_parent(signal.SIGKILL)
        )
    try:
        _wait(server, process, folder)
        yield server
    finally:
        process.kill()
        process.wait()


def _identity(server: S3) -> dict[str, Any]:
    credentials = [{"accessKey": server.key, "secretKey": server.secret}]
    return {"name": "tests", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List"]}


def _wait(server: S3, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """This will wait until the server keeps what it is given."""
    give_up = time.monotonic() + START
    client = server.client()
    while True:
        try:
            client.put_object(Bucket=server.new_bucket(), Key="ready", Body=b"ready")
        except (BotoCoreError, ClientError) as error:
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError((folder / "output").read_text()[-2000:]) from error
            time.sleep(0.2)
        else:
            return


def _ports(number: int) -> list[int]:
    """Ports that nobody has, those for gRPC included, below those that the system gives to whoever asks for any."""
    found: list[int] = []
    while len(found) < number:
        port = random.randrange(10_000, 20_000)
        if port not in found and _is_free(port) and _is_free(port + GRPC):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
