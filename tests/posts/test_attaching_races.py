"""A file that is attached while somebody deletes it, and posts that take each other's files: with real connections."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from integrations.models import Workspace
from openpost.api.errors import ApiError
from posts import actions
from posts.media import actions as media_actions
from posts.models import Attachment, Media, Post
from posts.words import ThreadPart, Words
from tests import builders
from tests.publishing.overlap import Answer, Two, apart

pytestmark = pytest.mark.django_db(transaction=True)

Attach = Callable[[Workspace, Media], object]


@pytest.fixture
def two() -> Iterator[Two]:
    with ExitStack() as stack:
        yield Two(stack.enter_context(apart()), stack.enter_context(apart()))


def create(workspace: Workspace, media: Media) -> object:
    words = Words(content="Hello", platforms=["twitter"], media_ids=[media.id])
    return actions.create(workspace=workspace, words=words)


def edit(workspace: Workspace, media: Media) -> object:
    return actions.edit(post=workspace.posts.get(), words=Words(thread=[ThreadPart("Two", [media.id])]))


def codes(*answers: Answer) -> list[str]:
    return [answer.told.faults[0].code if isinstance(answer.told, ApiError) else "" for answer in answers]


@pytest.mark.parametrize("attach", [create, edit])
@pytest.mark.parametrize("deletes_first", [False, True])
def test_it_is_attached_or_deleted_and_never_both(two: Two, attach: Attach, deletes_first: bool) -> None:
    workspace = builders.workspace()
    builders.post(workspace)
    media = builders.media(workspace)

    def delete() -> object:
        return media_actions.delete(media=media)

    callers = (
        (delete, lambda: attach(workspace, media)) if deletes_first else (lambda: attach(workspace, media), delete)
    )
    first, second, _ = two.held(*callers, nth=1)

    assert codes(first, second) == ["", "media_not_found" if deletes_first else "media_in_use"]
    assert Media.objects.exists() == Attachment.objects.exists() == (not deletes_first)


def test_it_duplicates_what_is_there(two: Two) -> None:
    """A published post keeps no file: its copy has it, or it has gone from both."""
    workspace = builders.workspace()
    media = builders.media(workspace)
    post = builders.published(workspace, media=[media])

    first, second, _ = two.held(lambda: media_actions.delete(media=media), lambda: actions.duplicate(post=post), nth=1)

    assert codes(first, second) == ["", ""]
    assert (Post.objects.count(), Attachment.objects.count()) == (2, 0)


def test_posts_that_take_each_others_files_do_not_wait_for_each_other_for_ever(two: Two) -> None:
    workspace = builders.workspace()
    one, other = builders.media(workspace), builders.media(workspace)
    posts = [builders.post(workspace, media=[one]), builders.post(workspace, media=[other])]

    for turn in range(20):
        wanted = [one.id, other.id] if turn % 2 else [other.id, one.id]
        answers = two.together(
            lambda ids=wanted: actions.edit(post=posts[0], words=Words(media_ids=ids)),  # type: ignore[misc]
            lambda ids=wanted[::-1]: actions.edit(post=posts[1], words=Words(media_ids=ids)),  # type: ignore[misc]
        )
        assert codes(*answers) == ["", ""]

    assert Attachment.objects.count() == 4


def test_groups_that_share_files_do_not_wait_for_each_other_for_ever(two: Two) -> None:
    workspace = builders.workspace()
    media = [builders.media(workspace).id for _ in range(4)]

    def group(ids: list[uuid.UUID]) -> object:
        said = [Words(content="Hello", platforms=["twitter"], media_ids=[one]) for one in ids]
        return actions.create_group(workspace=workspace, group_id=uuid.uuid4(), posts=said)

    for _ in range(20):
        assert codes(*two.together(lambda: group(media), lambda: group(media[::-1]))) == ["", ""]

    assert Attachment.objects.count() == 160
