"""`manage.py export_workspace`: everything of one workspace, nothing of another's, no secret, in little memory."""

import io
import json
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Model

from integrations.models import Workspace
from posts.models import Post
from publishing.export import TABLES, export
from tests import builders

from .fullhouse import SECRET, fill

pytestmark = pytest.mark.django_db(transaction=True)

#: What is left out, and why.
LEFT_OUT = {
    "Alert": "what people are told of once, until it is cured",
    "AlertChoice": "what one person wants to be told is theirs alone",
    "Letter": "the mail of it, on its way",
    "Autosave": "what one person has not saved is theirs alone",
    "SandboxFault": "how often a word has already made the sandbox misbehave",
    "SignIn": "a way to a platform and back, ten minutes long",
    "Upload": "what a platform called a file for some days",
}


@pytest.fixture
def workspace(settings: Any, tmp_path: Path) -> Workspace:
    settings.MEDIA_ROOT = tmp_path / "media"
    made = builders.workspace(name="Ours")
    fill(made)
    return made


def rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]


def test_it_holds_everything_and_no_secret(workspace: Workspace, tmp_path: Path) -> None:
    other = builders.workspace(name="Somebody else's")
    fill(other)

    call_command("export_workspace", str(workspace.id), str(tmp_path / "ours.zip"), stderr=io.StringIO())

    with zipfile.ZipFile(tmp_path / "ours.zip") as archive:
        assert archive.testzip() is None
        about = json.loads(archive.read("manifest.json"))
        for table in TABLES:
            ours = table.model._default_manager.filter(**{table.path: workspace.id}).count()
            assert about["counts"][table.name] == len(rows(archive, table.name)) == ours > 0, table.name
        (media,) = rows(archive, "media")
        assert archive.read(f"files/{media['id']}.png") == builders.PNG
        (avatar,) = [account["avatar"] for account in rows(archive, "accounts") if account["avatar"]]
        assert archive.read(avatar.replace("avatars/", "files/")) == b"a picture"
        assert {post["content"] for post in rows(archive, "posts")} == {"live", "a draft", "tomorrow", "refused"}
        assert rows(archive, "members")[0]["user__username"]
        everything = b"".join(archive.read(name) for name in archive.namelist())
    key = workspace.api_keys.get()
    assert str(other.id).encode() not in everything
    for secret in (SECRET, key.key_hash, "1$gAAAA"):
        assert secret.encode() not in everything
    assert [about["counts"]["files"], about["missing_files"]] == [2, []]
    assert (tmp_path / "ours.zip").stat().st_mode & 0o77 == 0, "only who made it reads it"
    assert not (tmp_path / "ours.zip.part").exists()


def test_no_table_of_a_workspace_is_forgotten() -> None:
    """A new model with a way to the workspace is exported, or is left out for a reason."""
    known = {table.model.__name__ for table in TABLES}
    ours: set[type[Model]] = {Workspace}
    while more := {
        model
        for model in apps.get_models()
        if model not in ours
        and any(field.related_model in ours for field in model._meta.get_fields() if field.concrete)
    }:
        ours |= more
    assert {model.__name__ for model in ours} - known == set(LEFT_OUT)


def test_it_names_files_that_are_gone(workspace: Workspace) -> None:
    media = workspace.media.get()
    media.file.delete(save=False)
    to = io.BytesIO()

    export(workspace, to)

    about = json.loads(zipfile.ZipFile(to).read("manifest.json"))
    assert about["missing_files"] == [str(media.id)]


def test_it_can_be_piped(workspace: Workspace) -> None:
    command = [sys.executable, "manage.py", "export_workspace", str(workspace.id), "-"]
    done = subprocess.run(command, env=builders.environment(), capture_output=True, check=True)

    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(done.stdout)).namelist()


def test_it_takes_little_memory_however_much_there_is(workspace: Workspace, tmp_path: Path) -> None:
    large = builders.media(workspace, "video", content=builders.MP4 + bytes(20_000_000))
    many = [Post(workspace=workspace, content="x" * 2000) for _ in range(5000)]
    Post.objects.bulk_create(many, batch_size=1000)
    size = 5000 * 2000 + large.file_size
    del many
    connection.queries_log.clear()

    tracemalloc.start()
    with (tmp_path / "large.zip").open("wb") as to:
        counts = export(workspace, to)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert counts["posts"] == 5004
    assert peak < size / 5, f"{peak / 1e6:.1f} MB for {size / 1e6:.0f} MB"


def test_it_says_that_there_is_no_such_workspace() -> None:
    with pytest.raises(CommandError, match="no such workspace"):
        call_command("export_workspace", "00000000-0000-0000-0000-000000000000", "x.zip")
