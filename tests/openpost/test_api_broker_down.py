"""A broker that is away costs a request nothing but a moment: PostgreSQL holds the truth."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.utils import timezone

from tests import builders

PROGRAM = """
import json, sys, time
import django
django.setup()
from django.test import Client
path, key = sys.argv[1:]
client = Client(headers={"Authorization": f"Bearer {key}"})
client.get("/v1/posts")
begun = time.monotonic()
answer = client.post(path, b"", "application/json")
print(json.dumps({"status": answer.status_code, "took": time.monotonic() - begun}))
"""


@contextmanager
def closed_port() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
    yield port


@contextmanager
def black_hole() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broker", [closed_port, black_hole])
def test_it_accepts_a_publish_at_once_without_a_broker(broker: object) -> None:
    assert callable(broker)
    workspace = builders.workspace()
    post = builders.post(workspace, platforms=["twitter", "bluesky", "threads", "linkedin"])
    with broker() as port:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, f"/v1/posts/{post.id}/publish", builders.api_key(workspace)],
            env=builders.environment()
            | {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "DJANGO_SETTINGS_MODULE": "openpost.settings"},
            capture_output=True,
            text=True,
            check=True,
        )

    said = json.loads(done.stdout)
    assert said["status"] == 202
    assert said["took"] < 2.5
    assert {target.status for target in post.targets.all()} == {"pending"}
    assert all(target.due_at <= timezone.now() for target in post.targets.all() if target.due_at)
    assert "The broker is away" in done.stderr
