"""Files on S3: a real server on loopback, named by the environment as an operator names it."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from integrations import closing
from integrations.avatars import kept as avatars
from openpost import environment
from posts import removing
from posts.media import sweeping
from posts.media.links import link
from posts.models import Media
from tests import builders
from tests.peers.s3 import S3

from . import films, pictures
from .conftest import left
from .sending import fetched, file, media, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def bucket(s3: S3, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket, in which files are kept from now on."""
    name = s3.new_bucket()
    for variable, value in s3.environment(name).items():
        monkeypatch.setenv(variable, value)
    settings.STORAGES = {**settings.STORAGES, "default": environment.s3()}
    return name


def keys(s3: S3, bucket: str) -> list[str]:
    found = s3.client().list_objects_v2(Bucket=bucket).get("Contents", [])
    return [item["Key"] for item in found]


def test_it_keeps_a_file_there_and_none_here(s3: S3, bucket: str, folder: Path) -> None:
    workspace = builders.workspace()

    answer = send(builders.client(workspace), file(pictures.jpeg()))

    assert answer.status_code == 201
    one = Media.objects.get()
    assert keys(s3, bucket) == [f"media/{workspace.id}/{one.id}.jpg"]
    assert left(folder) == []
    kept = s3.client().get_object(Bucket=bucket, Key=keys(s3, bucket)[0])
    assert kept["ContentType"] == "image/jpeg"
    assert len(kept["Body"].read()) == one.file_size


def test_the_picture_of_an_account_is_kept_there_and_shown_from_here(s3: S3, bucket: str) -> None:
    account = builders.account(builders.workspace())
    account.avatar = avatars.put(b"a picture", of=account.id)
    account.save(update_fields=["avatar"])
    assert keys(s3, bucket) == [f"media/{account.avatar}"]
    assert avatars.put(b"a picture", of=account.id) == account.avatar, "the same bytes are kept once"
    unnamed = avatars.put(b"another", of=account.id)
    assert avatars.unnamed() == [unnamed]

    person = builders.signed_in(builders.member(account.workspace))
    assert person.get(avatars.address(account)).content == b"a picture"

    avatars.remove(account.avatar)
    assert person.get(avatars.address(account)).status_code == 404


def test_a_worker_reads_it_piece_by_piece(bucket: str) -> None:
    one = media(builders.workspace(), films.video(film=bytes(20 * 1024 * 1024)), name="clip.mp4")

    with one.file.open("rb") as opened:
        first = opened.read(24)
        size = len(first) + sum(len(piece) for piece in iter(lambda: opened.read(65536), b""))

    assert first[4:8] == b"ftyp"
    assert size == one.file_size


def test_a_link_leads_there_for_a_few_minutes(s3: S3, bucket: str) -> None:
    one = media(builders.workspace(), films.video(), name="clip.mp4")

    answer = fetched(link(one))

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{s3.url}/{bucket}/media/")
    assert "X-Amz-Expires=300" in answer["Location"]
    got = requests.get(answer["Location"], headers={"Range": "bytes=4-7"}, timeout=10)
    assert (got.status_code, got.content) == (206, b"ftyp")
    assert got.headers["Content-Type"] == "video/mp4"
    assert got.headers["Content-Disposition"] == f'inline; filename="{one.id}.mp4"'
    assert requests.get(answer["Location"].replace("clip", "x") + "0", timeout=10).status_code == 403
    assert requests.get(answer["Location"].partition("?")[0], timeout=10).status_code == 403


def test_it_goes_from_there_when_it_is_deleted(s3: S3, bucket: str, django_capture_on_commit_callbacks: Any) -> None:
    workspace = builders.workspace()
    one = media(workspace)

    with django_capture_on_commit_callbacks(execute=True):
        builders.client(workspace).delete(f"/v1/media/{one.id}")

    assert keys(s3, bucket) == []


def test_what_is_there_without_a_row_is_swept(s3: S3, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(Media, "save", away)
    with pytest.raises(OperationalError):
        media(builders.workspace())

    # It may have been written before the database was away: whoever looks later knows.
    assert len(keys(s3, bucket)) == 1
    assert sweeping.sweep(now=timezone.now() + timedelta(hours=25)) == 1
    assert keys(s3, bucket) == []


def test_what_was_left_behind_there_is_swept(s3: S3, bucket: str) -> None:
    workspace = builders.workspace()
    one = media(workspace)
    s3.client().put_object(Bucket=bucket, Key=f"media/{workspace.id}/left-behind.jpg", Body=b"x")
    s3.client().put_object(Bucket=bucket, Key="somebody-elses/file", Body=b"x")
    now = timezone.now()

    assert sweeping.sweep(now=now + timedelta(hours=23)) == 0
    assert sweeping.sweep(now=now + timedelta(hours=25)) == 1
    assert keys(s3, bucket) == [f"media/{workspace.id}/{one.id}.jpg", "somebody-elses/file"]


def test_nothing_is_kept_anywhere_when_the_store_is_away(s3: S3, bucket: str, settings: Settings, folder: Path) -> None:
    workspace = builders.workspace()
    away = {**settings.STORAGES["default"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:1"}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": away}}

    client = builders.client(workspace)
    client.raise_request_exception = False
    answer = send(client, file(pictures.png()))

    assert builders.error(answer, 500)["code"] == "internal_error"
    assert left(folder) == []
    assert not Media.objects.exists()


# The environment ----------------------------------------------------------------------------------------------------


def started(**variables: str) -> "subprocess.CompletedProcess[str]":
    """What a process says that starts with these variables."""
    code = "from openpost import settings; print(settings.STORAGES['default'])"
    env = {**{name: value for name, value in os.environ.items() if not name.startswith("S3_")}, **variables}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)


def test_it_keeps_files_in_a_folder_unless_a_bucket_is_named() -> None:
    assert "FileSystemStorage" in started().stdout


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"S3_ADDRESSING_STYLE": "sideways"}, "S3_ADDRESSING_STYLE must be auto, path or virtual"),
        ({"S3_ACCESS_KEY_ID": "x"}, "both S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY"),
        ({"S3_ENDPOINT_URL": "minio:9000"}, "S3_ENDPOINT_URL must begin with https:// or http://"),
    ],
)
def test_it_does_not_start_with_a_store_that_is_wrong(variables: dict[str, str], said: str) -> None:
    ended = started(S3_BUCKET="files", **variables)

    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_takes_the_keys_of_the_machine_where_none_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_BUCKET", "files")
    found = environment.s3()

    assert found is not None
    assert (found["OPTIONS"]["access_key"], found["OPTIONS"]["endpoint_url"]) == (None, None)
    assert boto3.session  # the library that looks for them


def test_nobody_waits_for_it_without_end(bucket: str) -> None:
    store: Any = storages["default"]
    config = store.client_config

    assert (config.connect_timeout, config.read_timeout, config.signature_version) == (5, 30, "s3v4")
    assert config.retries["total_max_attempts"] == 3


def test_a_workspace_that_is_deleted_leaves_nothing_there(s3: S3, bucket: str) -> None:
    ours, theirs = builders.workspace(name="Ours"), builders.workspace()
    for workspace in (ours, theirs):
        builders.media(workspace)
    storages["default"].save(f"{ours.id}/left-behind.png", ContentFile(b"its row was never written"))
    closing.close(workspace=ours, typed="Ours", now=timezone.now())

    assert [*removing.steps(ours)][-1] == "Ours is deleted."

    assert [key.split("/")[1] for key in keys(s3, bucket)] == [str(theirs.id)]
