"""POST /v1/media."""

import os
import subprocess
import sys
import uuid
from contextlib import ExitStack
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from posts.media import actions, receiving, types
from posts.media.receiving import Places
from posts.media.types import MIB, Unusable
from posts.models import Media
from tests import builders

from . import films, pictures
from .conftest import left
from .pictures import SECRET, SIZE
from .sending import BOUNDARY, MULTIPART, body, fetched, file, part, send

pytestmark = pytest.mark.django_db


def made(response: Any) -> dict[str, Any]:
    assert response.status_code == 201, response.content
    assert set(response.json()) == {"media"}
    media: dict[str, Any] = response.json()["media"]
    return media


def test_it_keeps_an_image_and_tells_what_it_is(folder: Path) -> None:
    workspace = builders.workspace()

    media = made(send(builders.client(workspace), file(pictures.jpeg(6)), part("alt_text", "Wir am Meer 🏖".encode())))

    kept = Media.objects.get(workspace=workspace)
    stored = Path(kept.file.path).read_bytes()
    assert media == {
        "id": str(kept.id),
        "name": "holiday.jpg",
        "file_url": media["file_url"],
        "kind": "image",
        "file_type": "image/jpeg",
        "file_size": len(stored),
        "width": SIZE[1],
        "height": SIZE[0],
        "duration": None,
        "alt_text": "Wir am Meer 🏖",
        "created_at": builders.iso(kept.created_at),
        "updated_at": builders.iso(kept.updated_at),
        "warnings": [],
    }
    assert SECRET not in stored
    assert body(fetched(media["file_url"])) == stored
    assert left(folder) == [f"{kept.id}.jpg"]
    assert kept.file.name == f"{workspace.id}/{kept.id}.jpg"


@pytest.mark.parametrize(
    ("data", "kind", "file_type", "suffix"),
    [
        (pictures.jpeg(), "image", "image/jpeg", ".jpg"),
        (pictures.png(), "image", "image/png", ".png"),
        (pictures.webp(), "image", "image/webp", ".webp"),
        (pictures.gif(), "gif", "image/gif", ".gif"),
        (pictures.heic(), "image", "image/jpeg", ".jpg"),
        (films.video(), "video", "video/mp4", ".mp4"),
        (films.video(brand=b"qt  "), "video", "video/quicktime", ".mov"),
    ],
    ids=["jpeg", "png", "webp", "gif", "heic", "mp4", "mov"],
)
def test_it_reads_the_type_from_the_bytes(data: bytes, kind: str, file_type: str, suffix: str, folder: Path) -> None:
    lie = file(data, "page.html", kind="text/html")

    media = made(send(builders.client(builders.workspace()), lie))

    assert (media["kind"], media["file_type"]) == (kind, file_type)
    assert media["file_url"].endswith(suffix)
    assert left(folder) == [f"{media['id']}{suffix}"]
    assert Media.objects.get().medium().type == file_type


def test_it_tells_how_long_a_video_is() -> None:
    media = made(send(builders.client(builders.workspace()), file(films.video(), "clip.mp4")))

    assert (media["width"], media["height"], media["duration"]) == (640, 360, 2)
    medium = Media.objects.get().medium()
    assert (medium.frame_rate, medium.video_codec, medium.audio_codec) == (30, "h264", "aac")


NOT_TAKEN = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n" + b"x" * 100,
    "zip": b"PK\x03\x04" + b"x" * 100,
    "text": b"Hello",
    "one byte": b"\xff",
    "bmp": b"BM" + b"x" * 100,
    "tiff": b"II*\0" + b"x" * 100,
    "avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"x" * 100,
    "avif that says mif1": b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif" + b"x" * 100,
    "m4a": b"\0\0\0\x18ftypM4A \0\0\0\0M4A " + b"x" * 100,
    "3gp": b"\0\0\0\x18ftyp3gp5\0\0\0\x003gp5" + b"x" * 100,
    "webm": b"\x1a\x45\xdf\xa3" + b"x" * 100,
    "avi": b"RIFF\0\0\0\0AVI " + b"x" * 100,
    "gif of no version": b"GIF90a" + b"x" * 100,
    "space before a gif": b" GIF89a" + b"x" * 100,
    "exe": b"MZ" + b"x" * 100,
}


@pytest.mark.parametrize("what", NOT_TAKEN)
def test_it_refuses_what_it_does_not_take_and_names_what_it_takes(what: str, folder: Path) -> None:
    answer = send(builders.client(builders.workspace()), file(NOT_TAKEN[what], "a.jpg", kind="image/jpeg"))

    error = builders.error(answer, 415)
    assert (error["code"], error["field"]) == ("unsupported_media_type", "/file")
    assert types.TAKEN in error["error"]
    assert left(folder) == []


def test_it_refuses_a_damaged_file_and_keeps_nothing(folder: Path) -> None:
    error = builders.error(send(builders.client(builders.workspace()), file(pictures.jpeg()[:500])))

    assert error["code"] == "file_broken"
    assert left(folder) == []
    assert not Media.objects.exists()


def test_it_serves_what_is_a_page_too_as_the_image_that_it_is() -> None:
    polyglot = pictures.gif(1).replace(b"<script>", b"<script>alert(1)</script>")

    media = made(send(builders.client(builders.workspace()), file(polyglot, "x.html")))

    answer = fetched(media["file_url"])
    assert b"<script>" not in body(answer)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/gif", "nosniff")


# Size ---------------------------------------------------------------------------------------------------------------


def test_it_takes_an_image_of_30_mb_and_no_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Padding behind the end, which is dropped, makes it as large as is wanted."""
    client, image = builders.client(builders.workspace()), pictures.jpeg()
    largest = image + bytes(30 * MIB - len(image))

    assert made(send(client, file(largest)))["file_size"] < len(image)
    error = builders.error(send(client, file(largest + b"x")), 413)
    assert (error["code"], error["error"]) == ("file_too_large", "An image may have at most 30 MB.")
    assert len(left(folder)) == 1


def test_it_takes_a_video_larger_than_an_image_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    client, large = builders.client(builders.workspace()), films.video(film=bytes(31 * MIB))
    assert made(send(client, file(large)))["file_size"] == len(large)

    monkeypatch.setattr(types, "MOST_VIDEO_BYTES", len(large) - 1)
    assert builders.error(send(client, file(large)), 413)["code"] == "file_too_large"


class Endless:
    """A body that goes on, and counts how much of it was wanted."""

    def __init__(self, begin: bytes) -> None:
        self.begin, self.given = begin, 0

    def read(self, size: int = -1) -> bytes:
        piece = (self.begin + bytes(max(size, 0)))[: max(size, 0)] if size > 0 else b""
        self.begin = self.begin[len(piece) :]
        self.given += len(piece)
        return piece

    readline = read


def streamed(client: Client, stream: Any, length: int) -> Any:
    """POST /v1/media with a body that comes from a stream, and says that it has so many bytes."""
    said = {"wsgi.input": stream, "CONTENT_TYPE": MULTIPART, "CONTENT_LENGTH": str(length)}
    return client.generic("POST", "/v1/media", **said)


@pytest.mark.parametrize(
    ("begin", "code", "most"),
    [
        (pictures.jpeg(), "file_too_large", 31 * MIB),
        (b"<html>" + bytes(99), "unsupported_media_type", MIB),
    ],
    ids=["too large", "not taken"],
)
def test_it_stops_as_soon_as_it_knows(begin: bytes, code: str, most: int, folder: Path) -> None:
    stream = Endless(file(begin)[:-2])
    client = builders.client(builders.workspace())

    answer = streamed(client, stream, 900 * MIB)

    assert answer.json()["code"] == code
    assert stream.given < most
    assert left(folder) == []


def test_it_refuses_a_body_that_says_it_is_too_large_without_reading_it(folder: Path) -> None:
    stream = Endless(file(films.video())[:-2])
    client = builders.client(builders.workspace())

    answer = streamed(client, stream, 1026 * MIB)

    assert builders.error(answer, 413)["code"] == "file_too_large"
    assert stream.given == 0


# Forms that are wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((), "field_required"),
        ((part("alt_text", b"x"),), "field_required"),
        ((part("file", b"text"),), "field_required"),
        ((file(b"x", ""),), "field_required"),
        ((file(b""),), "file_empty"),
        ((file(pictures.png()), file(pictures.png())), "too_many_files"),
        ((part("picture", pictures.png(), filename="x.png"),), "unknown_field"),
        ((file(pictures.png()), part("alt_text", b"x" * 2001)), "invalid_value"),
        ((file(pictures.png()), part("alt_text", b"a\0b")), "invalid_value"),
        ((file(pictures.png()), part("alt_text", b"\xff\xfe")), "invalid_text"),
        ((file(pictures.png()), *(part(f"f{number}", b"x") for number in range(1100))), "invalid_multipart"),
    ],
    ids=[
        "nothing",
        "no file",
        "a text",
        "no name",
        "empty",
        "two",
        "another field",
        "long",
        "NUL",
        "not UTF-8",
        "many",
    ],
)
def test_it_refuses_a_form_that_is_wrong(parts: tuple[bytes, ...], code: str, folder: Path) -> None:
    error = builders.error(send(builders.client(builders.workspace()), *parts))

    assert error["code"] == code
    assert left(folder) == []
    assert not Media.objects.exists()


def test_it_refuses_fields_that_are_too_large(folder: Path) -> None:
    parts = file(pictures.png()), part("alt_text", b"x" * 6_000_000)

    assert builders.error(send(builders.client(builders.workspace()), *parts), 413)["code"] == "body_too_large"
    assert left(folder) == []


@pytest.mark.parametrize("cut", [0, 1, 30, 200, 400])
def test_it_refuses_an_upload_that_breaks_off(cut: int, folder: Path) -> None:
    """The connection ended before the body did: what has come is no file."""
    whole = file(pictures.jpeg())
    client = builders.client(builders.workspace())

    stream = BytesIO(whole[: len(whole) - cut])

    answer = streamed(client, stream, len(whole) + 100)

    assert builders.error(answer)["code"] == "upload_broken_off"
    assert left(folder) == []


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\x7f"]
)
def test_it_refuses_a_form_without_a_boundary(content_type: str) -> None:
    answer = builders.client(builders.workspace()).generic("POST", "/v1/media", b"xxx", content_type)

    assert builders.error(answer)["code"] == "invalid_multipart"


@pytest.mark.parametrize("content_type", ["application/json", "image/jpeg", "application/x-www-form-urlencoded", "x"])
def test_it_tells_what_is_no_form_how_to_be_one(content_type: str) -> None:
    answer = builders.client(builders.workspace()).generic("POST", "/v1/media", b'{"file": 1}', content_type)

    error = builders.error(answer, 415)
    assert error["code"] == "unsupported_media_type"
    assert "multipart/form-data" in error["error"]


def test_it_wants_to_know_how_long_a_body_is() -> None:
    client = builders.client(builders.workspace())

    answer = client.generic("POST", "/v1/media", b"", MULTIPART, headers={"Transfer-Encoding": "chunked"})

    assert builders.error(answer, 411)["code"] == "length_required"


def test_it_takes_a_form_nowhere_else() -> None:
    client = builders.client(builders.workspace())

    for path in ("/v1/media/from-url", "/v1/posts", "/v1/posts/validate"):
        builders.error(client.generic("POST", path, file(pictures.png()), MULTIPART), 415)


def test_it_names_fields_that_it_does_not_know() -> None:
    media = made(send(builders.client(builders.workspace()), file(pictures.png()), part("caption", b"x")))

    assert [warning["field"] for warning in media["warnings"]] == ["/caption"]


def test_it_wants_a_key_before_it_reads(folder: Path) -> None:
    stream = Endless(file(films.video()))

    answer = streamed(Client(), stream, 900 * MIB)

    assert answer.status_code == 401
    assert stream.given == 0


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Sommer 🏖.jpg", "Sommer 🏖.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\\\Users\\\\x.jpg", "x.jpg"),
        ("a" * 300, "a" * 255),
    ],
)
def test_it_keeps_the_name_for_people_only(sent: str, kept: str, folder: Path) -> None:
    media = made(send(builders.client(builders.workspace()), file(pictures.png(), sent)))

    assert media["name"] == kept
    assert left(folder) == [f"{media['id']}.png"]
    assert uuid.UUID(media["id"])


def test_it_turns_uploads_away_when_its_places_are_taken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "_places", cache(lambda: Places(2)))
    workspace = builders.workspace()
    client = builders.client(workspace)
    with receiving.slot(builders.workspace()), receiving.slot(builders.workspace()):
        answer = send(client, file(pictures.png()))
        assert builders.error(answer, 503)["code"] == "too_many_uploads"
        assert answer["Retry-After"] == "5"

    made(send(client, file(pictures.png())))


@pytest.mark.parametrize(("most", "share"), [(1, 1), (2, 1), (3, 1), (4, 2), (9, 4)])
def test_it_gives_a_workspace_half_of_the_places(most: int, share: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "_places", cache(lambda: Places(most)))
    greedy, other = builders.workspace(), builders.workspace()
    with ExitStack() as held:
        for _ in range(share):
            held.enter_context(receiving.slot(greedy))
        answer = send(builders.client(greedy), file(pictures.png()))
        assert builders.error(answer, 429)["code"] == "too_many_uploads"
        assert answer["Retry-After"] == "5"
        if most > 1:
            made(send(builders.client(other), file(pictures.png())))

    made(send(builders.client(greedy), file(pictures.png())))


def test_it_keeps_no_more_than_a_workspace_may(settings: Settings, folder: Path) -> None:
    settings.MEDIA_QUOTA_MB = 1
    workspace = builders.workspace()
    client, video = builders.client(workspace), file(films.video(film=b"x" * 600_000), "clip.mp4")
    first = made(send(client, video))

    body = builders.error(send(client, video), 409)

    assert (body["code"], body["field"]) == ("storage_full", "/file")
    assert "1 MB together, and 0.6 MB are taken" in body["error"]
    assert left(folder) == [f"{first['id']}.mp4"]
    made(send(builders.client(builders.workspace()), video))
    assert client.delete(f"/v1/media/{first['id']}").status_code == 204
    made(send(client, video))


def test_it_asks_for_room_once_more_when_the_file_is_written_down(settings: Settings, folder: Path) -> None:
    """Two that come together both found room."""
    settings.MEDIA_QUOTA_MB = 1
    workspace = builders.workspace()
    stored = []
    for _ in range(2):
        with receiving.received(SimpleUploadedFile("clip.mp4", films.video(film=b"x" * 600_000))) as incoming:
            stored.append(actions.store(workspace=workspace, incoming=incoming))
    actions.record(stored[0])

    with pytest.raises(Unusable) as refused:
        actions.record(stored[1])

    assert refused.value.code == "storage_full"
    assert list(Media.objects.values_list("id", flat=True)) == [stored[0].id]


def test_it_loads_no_decoder_in_the_web_process() -> None:
    """What reads images is large and fed by strangers: it lives in processes of its own."""
    code = (
        "import django, sys; django.setup(); from django.urls import resolve; resolve('/v1/media');"
        "print(sorted(set(sys.modules) & {'PIL', 'pillow_heif', 'boto3', 'storages'}))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "openpost.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "[]"


def test_it_takes_a_boundary_of_any_kind() -> None:
    image = BytesIO()
    Image.new("RGB", (3, 3)).save(image, "PNG")
    tricky = image.getvalue() + f"\r\n--{BOUNDARY[:-1]}\r\n--".encode()  # nearly the boundary, inside the file

    assert made(send(builders.client(builders.workspace()), file(tricky)))["width"] == 3
