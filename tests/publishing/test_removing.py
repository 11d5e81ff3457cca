"""`manage.py delete_workspace`, and what the clock does for an owner who asked in admin: nothing is left behind."""

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from integrations import closing
from integrations.models import AuditEntry, SandboxPost, Workspace
from openpost.models import KeptAnswer
from posts import lifecycle, removing
from posts.lifecycle import Claim
from posts.models import Autosave, Media, Post
from publishing.export import TABLES
from publishing.tasks import remove_workspaces_task
from tests import builders

from .fullhouse import fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace(settings: Any, tmp_path: Any) -> Workspace:
    settings.MEDIA_ROOT = tmp_path
    made = builders.workspace(name="Ours")
    fill(made)
    return made


def counts(workspace: Workspace) -> dict[str, int]:
    rows: Any = {table.name: table.model._default_manager.filter(**{table.path: workspace.id}) for table in TABLES}
    rows["autosaves"] = Autosave.objects.filter(workspace=workspace.id)
    rows["kept_answers"] = KeptAnswer.objects.filter(tenant_id=workspace.id)
    return {name: one.count() for name, one in rows.items()}


def files(folder: str) -> list[str]:
    return default_storage.listdir(folder)[1] if default_storage.exists(folder) else []


def delete(workspace: Workspace, name: str = "Ours") -> str:
    said = io.StringIO()
    call_command("delete_workspace", str(workspace.id), name=name, stdout=said)
    return said.getvalue()


def test_nothing_of_it_is_left_but_the_audit_log(workspace: Workspace) -> None:
    other = builders.workspace(name="Somebody else's")
    fill(other)
    before = counts(other)
    assert all(counts(workspace).values()), "there is something of everything"

    said = delete(workspace)

    left = counts(workspace)
    assert left.pop("audit_log") > 0
    assert set(left.values()) == {0}
    assert AuditEntry.objects.filter(workspace=workspace.id, action="workspace.deleted").count() == 1
    assert not default_storage.exists(str(workspace.id))
    assert files("sandbox") == [f"{other.id}.png"]
    assert "Ours is deleted." in said
    assert counts(other) == before
    assert len(files(str(other.id))) == 2


def test_the_pictures_of_its_accounts_go_with_it(
    workspace: Workspace, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert len(files("avatars")) == 1
    with django_capture_on_commit_callbacks(execute=True):
        delete(workspace)
    assert files("avatars") == []


def test_its_name_must_be_typed(workspace: Workspace) -> None:
    with pytest.raises(CommandError, match="Type the workspace's name"):
        delete(workspace, name="ours")
    workspace.refresh_from_db()
    assert workspace.closing_since is None


def test_nobody_is_in_it_from_the_moment_it_is_closed(workspace: Workspace) -> None:
    client = builders.client(workspace)
    assert client.get("/v1/posts").status_code == 200

    closing.close(workspace=workspace, typed="Ours", now=timezone.now())

    assert client.get("/v1/posts").status_code == 401
    assert workspace.memberships.count() == 0
    assert workspace.api_keys.count() == 0


def test_what_is_being_sent_is_waited_for(workspace: Workspace) -> None:
    sending = builders.publishing(workspace, content="on its way")

    with pytest.raises(CommandError, match="1 posts are being sent"):
        delete(workspace)

    assert list(Post.objects.filter(workspace=workspace)) == [sending], "nothing else of it goes out any more"
    assert Media.objects.filter(workspace=workspace).exists()
    for target in sending.targets.all():
        claim = Claim(target.id, sending.id, target.attempts, predecessor_died=False)
        assert lifecycle.live(claim, remote_id="1", urls=["https://e.com/1"], now=timezone.now())
    assert "Ours is deleted." in delete(workspace)


def test_it_goes_on_after_a_crash_at_any_step(workspace: Workspace) -> None:
    closing.close(workspace=workspace, typed="Ours", now=timezone.now())
    steps = 0
    while Workspace.objects.filter(id=workspace.id).exists():
        next(removing.steps(workspace))  # and no further: the process is gone
        steps += 1

    assert steps > 5
    left = counts(workspace)
    assert left.pop("audit_log") > 0
    assert set(left.values()) == {0}
    assert files(str(workspace.id)) == []


def test_the_clock_removes_what_was_closed_and_nothing_else(workspace: Workspace) -> None:
    other = builders.workspace()
    closing.close(workspace=workspace, typed="Ours", now=timezone.now())

    remove_workspaces_task()

    assert list(Workspace.objects.all()) == [other]
    assert SandboxPost.objects.count() == 0
    with pytest.raises(RuntimeError, match="was not closed"):
        next(removing.steps(other))
