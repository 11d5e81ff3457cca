"""A file that is sent again under the same `Idempotency-Key` is kept once."""

import json
from pathlib import Path
from typing import Any

import pytest

from posts.media import actions
from posts.models import Media
from tests import builders
from tests.builders import ApiClient
from tests.openpost.web import Web, answer

from . import pictures
from .conftest import left
from .sending import BOUNDARY, MULTIPART, file, part
from .test_from_url import files, web

pytestmark = pytest.mark.django_db
__all__ = ["web"]


def send(client: ApiClient, *parts: bytes, key: str = "once") -> Any:
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    return client.generic("POST", "/v1/media", body, MULTIPART, headers={"Idempotency-Key": key})


def test_it_keeps_a_file_once_that_is_sent_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = builders.client(builders.workspace())
    first = send(client, file(pictures.jpeg()), part("alt_text", b"x"))
    monkeypatch.setattr(actions, "store", None)  # nothing is cleaned or stored again

    again = send(client, file(pictures.jpeg()), part("alt_text", b"x"))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"
    assert left(folder) == [f"{Media.objects.get().id}.jpg"]


@pytest.mark.parametrize(
    "parts",
    [(file(pictures.png()),), (file(pictures.jpeg(), "other.jpg"),), (file(pictures.jpeg()), part("alt_text", b"y"))],
    ids=["another file", "another name", "another text"],
)
def test_it_refuses_the_same_key_for_another_file(parts: tuple[bytes, ...], folder: Path) -> None:
    client = builders.client(builders.workspace())
    send(client, file(pictures.jpeg()))

    error = builders.error(send(client, *parts), 409)

    assert error["code"] == "idempotency_key_reused"
    assert len(left(folder)) == 1


def test_a_file_that_was_refused_leaves_the_key_free(folder: Path) -> None:
    client = builders.client(builders.workspace())

    builders.error(send(client, file(b"<svg/>")), 415)
    assert send(client, file(pictures.jpeg())).status_code == 201


def test_it_keeps_nothing_when_another_was_quicker(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two with the same key, both past the first look: the second finds the first's answer when it would write."""
    client, real = builders.client(builders.workspace()), actions.store

    def slow(**kwargs: Any) -> Media:
        monkeypatch.setattr(actions, "store", real)
        assert send(client, file(pictures.jpeg())).status_code == 201
        return real(**kwargs)

    monkeypatch.setattr(actions, "store", slow)

    assert send(client, file(pictures.jpeg()))["Idempotency-Replayed"] == "true"
    assert left(folder) == [f"{Media.objects.get().id}.jpg"]


def test_it_fetches_an_address_once(web: Web, folder: Path) -> None:
    client = builders.client(builders.workspace())
    web.at["/a.jpg"] = answer(pictures.jpeg())
    body = json.dumps({"url": f"{web.url}/a.jpg"})

    first, again = (client.post("/v1/media/from-url", body, headers={"Idempotency-Key": "k"}) for _ in range(2))

    assert first.json() == again.json()
    assert len(web.seen) == 1
    assert len(files(folder)) == 1
