"""The receivers in docs/webhooks.md, run as they stand there, and sent real events."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from integrations.models import WebhookDelivery, WebhookEndpoint
from integrations.webhooks import endpoints
from tests import builders

from .driver import published, run, subscribe
from .receiver import Receiver

PROJECT = Path(__file__).resolve().parents[3]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (PROJECT / "docs" / "webhooks.md").read_text(), re.DOTALL)

pytestmark = pytest.mark.django_db


def block(language: str, having: str) -> str:
    (found,) = [text for name, text in BLOCKS if name == language and having in text]
    return str(found)


@contextmanager
def running(command: list[str], secret: str, port: int) -> Iterator[subprocess.Popen[str]]:
    environ = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        give_up = time.monotonic() + 20
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < give_up
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


NODE = pytest.param("js", "createServer", "node", marks=pytest.mark.skipif(not shutil.which("node"), reason="no Node"))


@pytest.mark.parametrize(("language", "having", "program"), [("python", "HTTPServer", sys.executable), NODE])
def test_a_receiver_of_the_docs_takes_what_is_ours_and_nothing_else(
    language: str, having: str, program: str, tmp_path: Path
) -> None:
    file, port = tmp_path / f"receiver.{language}", free_port()
    file.write_text(block(language, having))
    room = builders.workspace()
    _, secret = endpoints.create(workspace=room, url=f"http://127.0.0.1:{port}/", events=["post.published"])
    with running([program, str(file)], secret, port) as process:
        published(room)
        run()
        delivery = WebhookDelivery.objects.select_related("event").get()
        assert (delivery.status, delivery.answer_status) == ("delivered", 200)
        assert process.stdout
        assert process.stdout.readline().startswith(f"{delivery.event.public_id} post.published")
        WebhookEndpoint.objects.update(secrets=["whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA=="])
        published(room)
        run()
    assert list(WebhookDelivery.objects.filter(status="pending").values_list("answer_status", flat=True)) == [401]


def test_the_plain_signature_of_the_docs_is_right(receiver: Receiver, tmp_path: Path) -> None:
    room = builders.workspace()
    subscribe(room, receiver, events=["post.published"])
    published(room)
    run()
    (came,) = receiver.received
    signature = came.headers["x-openpost-signature"]
    names: dict[str, Any] = {}
    exec(block("python", "def is_ours"), names)  # noqa: S102  # what the docs say
    assert names["is_ours"](came.body, signature, receiver.secret)
    assert not names["is_ours"](came.body + b" ", signature, receiver.secret)

    (tmp_path / "body").write_bytes(came.body)
    for secret, said in ((receiver.secret, "ours\n"), ("whsec_another", "")):
        environ = {**os.environ, "WEBHOOK_SECRET": secret, "SIGNATURE": signature}
        done = subprocess.run(
            ["sh", "-c", block("sh", "openssl")], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        assert (done.stdout, done.stderr) == (said, "")
