"""DELETE /v1/media/{id}: gone when nobody needs it, and refused while somebody does, whoever is first."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from openpost.api.errors import ApiError
from posts.media import actions
from posts.models import Attachment, Media, Post, PostStatus
from tests import builders

from .conftest import left
from .sending import fetched, media

pytestmark = pytest.mark.django_db


def attach(post: Post, one: Media, part: int = 0) -> None:
    Attachment.objects.create(post=post, media=one, part=part)


def test_it_removes_the_row_and_then_the_file(
    folder: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    workspace = builders.workspace()
    one = media(workspace)
    url = builders.client(workspace).get(f"/v1/media/{one.id}").json()["data"]["file_url"]

    with django_capture_on_commit_callbacks(execute=True):
        answer = builders.client(workspace).delete(f"/v1/media/{one.id}")
        assert left(folder) != []

    assert (answer.status_code, answer.content) == (204, b"")
    assert left(folder) == []
    assert builders.client(workspace).get(f"/v1/media/{one.id}").status_code == 404
    assert fetched(url).status_code == 404


UNPUBLISHED: dict[str, Callable[..., Post]] = {
    "draft": builders.post,
    "scheduled": lambda workspace: builders.post(workspace, at=builders.soon()),
    "publishing": builders.publishing,
    "failed": builders.failed,
}


@pytest.mark.parametrize("status", UNPUBLISHED)
def test_it_refuses_while_a_post_that_is_not_out_uses_it(status: str, folder: Path) -> None:
    workspace = builders.workspace()
    one, post = media(workspace), UNPUBLISHED[status](workspace)
    assert post.status == status
    attach(post, one, part=2)

    error = builders.error(builders.client(workspace).delete(f"/v1/media/{one.id}"), 409)

    assert (error["code"], error["post_ids"]) == ("media_in_use", [str(post.id)])
    assert len(left(folder)) == 1


def test_it_names_each_post_once_the_oldest_first() -> None:
    workspace = builders.workspace()
    one, posts = media(workspace), [builders.post(workspace) for _ in range(3)]
    for post in posts:
        attach(post, one)
        attach(post, one, part=1)

    error = builders.error(builders.client(workspace).delete(f"/v1/media/{one.id}"), 409)

    assert error["post_ids"] == [str(post.id) for post in posts]


def test_it_lets_go_of_posts_that_are_out() -> None:
    workspace = builders.workspace()
    one, post = media(workspace), builders.published(workspace)
    attach(post, one)

    assert builders.client(workspace).delete(f"/v1/media/{one.id}").status_code == 204
    assert Post.objects.get(id=post.id).status == PostStatus.PUBLISHED


def test_the_row_goes_although_the_file_cannot(
    folder: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    def away(name: str) -> None:
        raise OSError("the store is away")

    workspace = builders.workspace()
    one = media(workspace)
    monkeypatch.setattr(type(default_storage._wrapped), "delete", lambda self, name: away(name))  # type: ignore[attr-defined]

    with django_capture_on_commit_callbacks(execute=True):
        assert builders.client(workspace).delete(f"/v1/media/{one.id}").status_code == 204
    assert not Media.objects.exists()


# Two at once --------------------------------------------------------------------------------------------------------


def at_once(work: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """This will do the work in another connection; what came of it is in the list."""
    came: list[object] = []

    def run() -> None:
        try:
            came.append(work())
        except (ApiError, IntegrityError, Media.DoesNotExist) as error:
            came.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, came


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_being_attached_is_not_deleted() -> None:
    workspace = builders.workspace()
    one, post = media(workspace), builders.post(workspace)

    with transaction.atomic():
        Media.objects.select_for_update(no_key=True).get(id=one.id)  # as posts/attaching.py does
        attach(post, one)
        thread, came = at_once(lambda: actions.delete(media=one))
        thread.join(0.5)
        assert thread.is_alive()  # it waits for us
    thread.join(10)

    assert isinstance(came[0], ApiError)
    assert came[0].status == 409
    assert Media.objects.filter(id=one.id).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lock", [True, False], ids=["with the lock that posts take", "without it"])
def test_a_file_that_is_being_deleted_is_not_attached(lock: bool) -> None:
    workspace = builders.workspace()
    one, post = media(workspace), builders.post(workspace)

    def work() -> Any:
        with transaction.atomic():
            if lock:
                Media.objects.select_for_update(no_key=True).get(id=one.id)
            attach(post, one)

    with transaction.atomic():
        actions.delete(media=one)
        thread, came = at_once(work)
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)

    # PostgreSQL itself refuses whoever forgets the lock.
    assert isinstance(came[0], Media.DoesNotExist if lock else IntegrityError)
    assert not Attachment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_delete_at_once_are_told_so(folder: Path) -> None:
    workspace = builders.workspace()
    one = media(workspace)

    with transaction.atomic():
        actions.delete(media=one)
        thread, came = at_once(lambda: actions.delete(media=one))
        thread.join(0.5)
    thread.join(10)

    assert isinstance(came[0], Media.DoesNotExist)  # which the API answers with 404
    assert left(folder) == []
