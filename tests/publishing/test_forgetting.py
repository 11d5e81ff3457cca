"""What is older than it is kept goes, batch by batch; what a person may still need stays."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from integrations.models import Workspace
from posts.models import Event, Media, Post, PostTarget
from publishing import forgetting
from publishing.models import Attempt, Step
from publishing.tasks import forget_task
from tests import builders

from .fullhouse import attempt

pytestmark = pytest.mark.django_db

NOW = timezone.now()
OLD, YOUNG = NOW - timedelta(days=40), NOW - timedelta(days=20)


@pytest.fixture
def workspace(settings: Any, tmp_path: Any) -> Workspace:
    settings.MEDIA_ROOT, settings.HISTORY_KEPT_DAYS, settings.UNUSED_MEDIA_KEPT_DAYS = tmp_path, 30, 0
    return builders.workspace()


def history(target: PostTarget) -> None:
    """An old and a young one of each."""
    for at in (OLD, YOUNG):
        attempt(target, ended_at=at)
        Step.objects.create(target=target, number=1, at=at, message="It looked.")
    Event.objects.filter(post=target.post).update(at=OLD)
    Event.objects.create(post=target.post, kind="edited", at=YOUNG, message="Edited.")


def left(target: PostTarget) -> tuple[int, int, int]:
    rows = (Attempt.objects.filter(target=target), Step.objects.filter(target=target))
    return (rows[0].count(), rows[1].count(), Event.objects.filter(post=target.post).count())


def test_old_history_of_what_has_ended_goes(workspace: Workspace) -> None:
    live, failed = (builders.target(make(workspace)) for make in (builders.published, builders.failed))
    history(live)
    history(failed)

    assert forgetting.forget(now=NOW) >= 6

    assert left(live) == left(failed) == (1, 1, 1)
    assert Attempt.objects.filter(ended_at=OLD).count() == 0
    assert forgetting.forget(now=NOW) == 0


def test_what_may_still_be_needed_stays(workspace: Workspace) -> None:
    waiting, sending = builders.due(workspace), builders.target(builders.publishing(workspace))
    unknown = builders.target(builders.failed(workspace))
    PostTarget.objects.filter(id=unknown.id).update(in_doubt=True, error_code="outcome_unknown")
    for target in (waiting, sending, unknown):
        history(target)
    before = [left(target)[:2] for target in (waiting, sending, unknown)]

    forgetting.forget(now=NOW)

    assert [left(target)[:2] for target in (waiting, sending, unknown)] == before == [(2, 2)] * 3


def test_it_works_in_batches_and_looks_only_at_what_is_old(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 10)
    target = builders.target(builders.published(workspace))
    Event.objects.all().delete()
    for at in (OLD, YOUNG):
        for _ in range(35):
            attempt(target, ended_at=at)

    # Four batches of attempts, looked up and removed each; one look at steps, one at events.
    with django_assert_num_queries(10):
        forgetting.forget(now=NOW)

    assert Attempt.objects.count() == 35


def test_nothing_goes_where_everything_is_kept(workspace: Workspace, settings: Any) -> None:
    settings.HISTORY_KEPT_DAYS = 0
    history(builders.target(builders.published(workspace)))
    builders.media(workspace)
    assert forgetting.forget(now=NOW + timedelta(days=9999)) == 0


def test_files_that_stand_in_no_post_go_with_their_bytes(
    workspace: Workspace, settings: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.UNUSED_MEDIA_KEPT_DAYS = 30
    of_deleted, used, young = (builders.media(workspace) for _ in range(3))
    post = builders.post(workspace, media=[of_deleted])
    builders.post(workspace, media=[used])
    Post.objects.filter(id=post.id).delete()
    Media.objects.exclude(id=young.id).update(updated_at=OLD)

    with django_capture_on_commit_callbacks(execute=True):
        forget_task()

    assert set(Media.objects.all()) == {used, young}
    assert not default_storage.exists(str(of_deleted.file.name))
    assert default_storage.exists(str(used.file.name))
