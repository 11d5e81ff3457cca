"""`manage.py sweep_media`, and the check that files are shared."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from integrations.avatars import kept as avatars
from integrations.models import Integration, SandboxPost
from posts.media import checks, sweeping
from posts.media.receiving import Incoming
from posts.models import Media
from tests import builders

from .conftest import left
from .sending import media

pytestmark = pytest.mark.django_db


def age(path: Path, hours: float) -> None:
    then = (timezone.now() - timedelta(hours=hours)).timestamp()
    os.utime(path, (then, then))


def test_it_removes_what_no_row_speaks_of_for_a_day(folder: Path) -> None:
    workspace = builders.workspace()
    used, unused, young = media(workspace), media(workspace), media(workspace)
    Media.objects.filter(id__in=[unused.id, young.id]).delete()
    for one in (used, unused):
        age(Path(one.file.path), 25)
    age(Path(young.file.path), 23)

    assert sweeping.sweep(now=timezone.now()) == 1

    assert left(folder) == sorted([f"{used.id}.jpg", f"{young.id}.jpg"])


def test_it_removes_what_uploads_left_that_were_killed(folder: Path) -> None:
    killed, on_its_way = Incoming(), Incoming()
    age(killed.path, 25)

    assert sweeping.sweep(now=timezone.now()) == 1
    assert left(folder) == [on_its_way.path.name]
    on_its_way.remove()


def test_it_removes_pictures_that_are_no_accounts_any_more(settings: Settings) -> None:
    account = builders.account(builders.workspace())
    stays, goes, young = (avatars.put(content, of=account.id) for content in (b"stays", b"goes", b"young"))
    Integration.objects.filter(id=account.id).update(avatar=stays)
    for name, hours in ((stays, 25), (goes, 25), (young, 23)):
        age(Path(settings.MEDIA_ROOT) / name, hours)

    assert sweeping.sweep(now=timezone.now()) == 1

    assert [default_storage.exists(name) for name in (stays, goes, young)] == [True, False, True]


def test_it_removes_what_the_sandbox_network_has_beside_no_post(settings: Settings) -> None:
    workspace = builders.workspace()
    stays, goes, young = (f"sandbox/{name}.png" for name in ("stays", "goes", "young"))
    for name, days in ((stays, 31), (goes, 31), (young, 29)):
        path = Path(settings.MEDIA_ROOT) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        age(path, days * 24)
    SandboxPost.objects.create(integration=builders.account(workspace), key="k", text="", media=[{"file": stays}])

    assert sweeping.sweep(now=timezone.now()) == 1

    assert [default_storage.exists(name) for name in (stays, goes, young)] == [True, False, True]


def test_it_leaves_alone_what_is_not_its_own(folder: Path, settings: Settings) -> None:
    for name in ("notes.txt", "other/notes.txt"):
        path = Path(settings.MEDIA_ROOT) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        age(path, 99)

    assert sweeping.sweep(now=timezone.now()) == 0


def test_it_asks_the_database_in_batches(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    workspaces = [builders.workspace(), builders.workspace()]
    made = [media(workspace) for workspace in workspaces for _ in range(3)]
    Media.objects.exclude(id=made[0].id).delete()
    for one in made:
        age(Path(one.file.path), 25)

    assert sweeping.sweep(now=timezone.now()) == 5
    assert left(folder) == [f"{made[0].id}.jpg"]


def test_the_command_says_how_many() -> None:
    out = StringIO()

    call_command("sweep_media", stdout=out)

    assert out.getvalue() == "Files removed: 0.\n"


def test_it_warns_when_files_may_not_be_shared(settings: Settings) -> None:
    settings.MEDIA_ROOT_IS_SHARED = False
    assert [found.id for found in checks.files_must_be_shared(None)] == ["posts.W001"]

    settings.MEDIA_ROOT_IS_SHARED = True
    assert checks.files_must_be_shared(None) == []
    settings.MEDIA_ROOT_IS_SHARED = False
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "posts.media.s3.S3"}}
    assert checks.files_must_be_shared(None) == []
