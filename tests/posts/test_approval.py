"""In a workspace that wants it, what an editor sends out waits for an admin's yes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.models import AuditEntry, Role, Workspace
from openpost.acting import Actor, Kind, as_actor
from openpost.api.errors import ApiError
from posts import actions, approving
from posts.media import actions as media_actions
from posts.models import Media, Post, PostStatus
from posts.words import Words
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    workspace = builders.workspace()
    Workspace.objects.filter(id=workspace.id).update(needs_approval=True)
    workspace.refresh_from_db()
    return workspace


@contextmanager
def acting(user: User) -> Iterator[str]:
    with as_actor(Actor(Kind.PERSON, str(user.pk), user.username, user=user)):
        yield user.username


class People:
    """An editor and an admin of the workspace, and what they do with posts."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.editor, self.admin = (builders.member(workspace, role) for role in (Role.EDITOR, Role.ADMIN))

    def post(self, user: User, **words: Any) -> Post:
        said = {"content": "Hello", "platforms": ["twitter"], **words}
        with acting(user) as by:
            return fresh(actions.create(workspace=self.workspace, words=Words(**said), by=by))

    def edit(self, user: User, post: Post, **words: Any) -> Post:
        with acting(user) as by:
            return fresh(actions.edit(post=post, words=Words(**words), by=by))

    def do(self, user: User, verb: Any, post: Post, **said: Any) -> Post:
        with acting(user) as by:
            return fresh(verb(post=post, by=by, **said))


@pytest.fixture
def people(workspace: Workspace) -> People:
    return People(workspace)


def fresh(post: Post) -> Post:
    return Post.objects.get(id=post.id)


def waits(post: Post) -> bool:
    """It is a draft that nothing sends, and it says why."""
    assert post.awaits_approval == ("waits_for_approval" in [warning["code"] for warning in post.warnings])
    if post.awaits_approval:
        assert post.status == PostStatus.DRAFT
        assert not post.targets.filter(due_at__isnull=False).exists()
    return post.awaits_approval


def kinds(post: Post) -> list[str]:
    return list(post.events.values_list("kind", flat=True))


def test_what_an_editor_schedules_waits_as_a_draft_with_its_time(people: People) -> None:
    at = builders.soon(days=1)
    post = people.post(people.editor, at=at)
    assert waits(post)
    assert post.scheduled_at == at
    assert post.approval_requested_by == people.editor.username
    assert kinds(post) == ["created", "approval_requested"]


def test_what_is_approved_goes_out_at_its_time(people: People) -> None:
    at = builders.soon(days=1)
    post = people.post(people.editor, at=at)
    post = people.do(people.admin, approving.approve, post, asked_at=post.approval_requested_at)
    assert (post.status, post.scheduled_at, waits(post)) == (PostStatus.SCHEDULED, at, False)
    assert post.approved_by == people.admin.username
    assert builders.target(post).due_at == at
    assert kinds(post) == ["created", "approval_requested", "approved", "scheduled"]
    assert post.events.get(kind="approved").actor == people.admin.username


def test_what_an_editor_publishes_now_goes_out_when_it_is_approved(people: People) -> None:
    post = people.do(people.editor, actions.publish_now, people.post(people.editor))
    assert waits(post)
    assert post.scheduled_at is None
    post = people.do(people.admin, approving.approve, post)
    assert post.status == PostStatus.SCHEDULED
    due_at = builders.target(post).due_at
    assert due_at is not None
    assert due_at <= timezone.now()


def test_what_is_declined_stays_a_draft_and_says_why(people: People) -> None:
    post = people.post(people.editor, at=builders.soon(days=1))
    post = people.do(people.admin, approving.decline, post, reason="Not before the launch.")
    assert (post.status, waits(post), post.approval_requested_at) == (PostStatus.DRAFT, False, None)
    assert post.events.get(kind="declined").message == "Declined: Not before the launch."


@pytest.mark.parametrize("who", ["admin", "superuser", "key", "machine"])
def test_who_may_approve_a_program_and_the_machine_wait_for_nobody(people: People, who: str) -> None:
    actor = {
        "admin": Actor(Kind.PERSON, user=people.admin),
        "superuser": Actor(Kind.PERSON, user=User.objects.create_superuser("root")),
        "key": Actor(Kind.KEY, name="API key"),
        "machine": Actor(Kind.MACHINE),
    }[who]
    with as_actor(actor):
        words = Words(content="Hello", platforms=["twitter"], at=builders.soon(days=1))
        post = actions.create(workspace=people.workspace, words=words, by=who)
    assert (fresh(post).status, fresh(post).approved_by) == (PostStatus.SCHEDULED, who)


def test_a_program_that_holds_a_key_is_not_bound(people: People) -> None:
    body = {"content": "Hello", "platforms": ["twitter"], "schedule_at": builders.iso(builders.soon(days=1))}
    answer = builders.client(people.workspace).post("/v1/posts", body)
    assert answer.json()["data"]["status"] == "scheduled"


def test_a_program_sees_that_a_post_waits(people: People) -> None:
    post = people.post(people.editor, at=builders.soon(days=1))
    seen = builders.client(people.workspace).get(f"/v1/posts/{post.id}").json()["data"]
    assert seen["status"] == "draft"
    assert [warning["code"] for warning in seen["warnings"]] == ["waits_for_approval"]
    told = builders.client(people.workspace).get(f"/v1/posts/{post.id}/events").json()["data"]
    assert "approval_requested" in [entry["kind"] for entry in told]


def test_nothing_waits_where_the_workspace_does_not_want_it() -> None:
    other = People(builders.workspace())
    post = other.post(other.editor, at=builders.soon(days=1))
    assert (post.status, post.approved_at) == (PostStatus.SCHEDULED, None)


# A yes is to the words ----------------------------------------------------------------------------------------------


def approved(people: People) -> Post:
    post = people.post(people.editor, at=builders.soon(days=1))
    return people.do(people.admin, approving.approve, post)


CHANGES: dict[str, dict[str, Any]] = {
    "text": {"content": "Other"},
    "accounts": {"platforms": ["twitter", "bluesky"]},
    "override": {"platform_overrides": {"twitter": "Shorter"}},
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_editor_who_changes_approved_words_asks_anew(people: People, change: str) -> None:
    post = approved(people)
    at = post.scheduled_at
    post = people.edit(people.editor, post, **CHANGES[change])
    assert waits(post)
    assert (post.scheduled_at, post.approved_at) == (at, None)


def test_an_editor_may_give_approved_words_another_time_or_send_them_now(people: People) -> None:
    later = builders.soon(days=2)
    post = people.edit(people.editor, approved(people), at=later)
    assert (post.status, post.scheduled_at) == (PostStatus.SCHEDULED, later)
    post = people.do(people.editor, actions.publish_now, post)
    due_at = builders.target(post).due_at
    assert due_at is not None
    assert due_at <= timezone.now()


def test_tags_and_what_did_not_change_ask_nobody(people: People) -> None:
    post = people.edit(people.editor, approved(people), tags=["spring"], content="Hello")
    assert post.status == PostStatus.SCHEDULED


def test_an_admin_who_changes_words_has_approved_them(people: People) -> None:
    post = people.edit(people.admin, approved(people), content="Other")
    assert (post.status, waits(post)) == (PostStatus.SCHEDULED, False)
    assert post.approved_at is not None


def test_words_changed_while_they_wait_are_asked_about_anew(people: People) -> None:
    post = people.post(people.editor, at=builders.soon(days=1))
    seen = post.approval_requested_at
    post = people.edit(people.editor, post, content="Other")
    assert waits(post)
    with pytest.raises(ApiError, match="changed since you looked"):
        people.do(people.admin, approving.approve, post, asked_at=seen)
    assert waits(fresh(post))
    assert people.do(people.admin, approving.approve, post, asked_at=post.approval_requested_at).status == "scheduled"


@pytest.mark.parametrize("how", ["cancelled", "made a draft", "without a time"])
def test_nobody_is_asked_any_more_about_what_is_not_to_go_out(people: People, how: str) -> None:
    post = people.post(people.editor, at=builders.soon(days=1))
    if how == "cancelled":
        post = people.do(people.editor, actions.cancel, post)
    else:
        words: dict[str, Any] = {"status": "draft"} if how == "made a draft" else {"at": None}
        post = people.edit(people.editor, post, **words)
    assert (post.status, waits(post)) == (PostStatus.DRAFT, False)


def test_a_copy_of_what_was_approved_is_not(people: People) -> None:
    copy = people.do(people.editor, actions.duplicate, approved(people))
    assert (copy.approved_at, copy.approval_requested_at) == (None, None)


def test_what_failed_is_tried_again_without_another_yes(people: People) -> None:
    post = builders.failed(people.workspace)
    assert people.do(people.editor, actions.publish_now, post).status == PostStatus.SCHEDULED


def test_what_was_scheduled_before_the_workspace_wanted_it_stays_so(people: People) -> None:
    Workspace.objects.update(needs_approval=False)
    people.workspace.refresh_from_db()
    post = people.post(people.editor, at=builders.soon(days=1))
    Workspace.objects.update(needs_approval=True)
    assert people.edit(people.editor, post, tags=["spring"]).status == PostStatus.SCHEDULED
    assert waits(people.edit(people.editor, post, content="Other"))


def test_what_waits_goes_out_when_the_workspace_wants_it_no_more(people: People) -> None:
    post = people.post(people.editor, at=builders.soon(days=1))
    Workspace.objects.update(needs_approval=False)
    post = people.edit(people.editor, post, status="scheduled")
    assert (post.status, waits(post)) == (PostStatus.SCHEDULED, False)


def test_what_failed_before_the_workspace_wanted_it_is_not_sent_again_without(people: People) -> None:
    Workspace.objects.update(needs_approval=False)
    people.workspace.refresh_from_db()
    post = builders.failed(people.workspace)
    Workspace.objects.update(needs_approval=True)
    post = fresh(post)
    with pytest.raises(ApiError, match="wants approval"):
        people.do(people.editor, actions.publish_now, post)
    assert people.do(people.admin, actions.publish_now, post).status != PostStatus.FAILED


# What a file shows, which is said as well ---------------------------------------------------------------------------


def described(people: People, who: User, media: Media, text: str) -> None:
    with acting(who):
        media_actions.describe(media=media, alt_text=text)


def test_an_approved_post_asks_anew_when_an_editor_says_otherwise_what_its_file_shows(people: People) -> None:
    media, at = builders.media(people.workspace), builders.soon(days=1)
    post = people.post(people.editor, at=at, media_ids=[media.id])
    post = people.do(people.admin, approving.approve, post)
    described(people, people.editor, media, media.alt_text)
    assert fresh(post).status == PostStatus.SCHEDULED
    described(people, people.admin, media, "A square")
    assert fresh(post).status == PostStatus.SCHEDULED
    described(people, people.editor, media, "What nobody has approved")
    assert waits(fresh(post))
    assert (fresh(post).scheduled_at, fresh(post).updated_at) == (at, post.updated_at)


def test_a_yes_is_to_what_the_file_showed(people: People) -> None:
    media = builders.media(people.workspace)
    post = people.post(people.editor, at=builders.soon(days=1), media_ids=[media.id])
    seen = post.approval_requested_at
    described(people, people.editor, media, "Something else")
    with pytest.raises(ApiError, match="changed since you looked"):
        people.do(people.admin, approving.approve, post, asked_at=seen)


# Who may say it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [approving.approve, approving.decline])
def test_an_editor_cannot_say_it(people: People, verb: Any) -> None:
    post = people.post(people.editor, at=builders.soon(days=1))
    with pytest.raises(ApiError, match="Only an admin or owner"):
        people.do(people.editor, verb, post)
    assert waits(fresh(post))


@pytest.mark.parametrize("verb", [approving.approve, approving.decline])
def test_there_is_nothing_to_say_of_what_does_not_wait(people: People, verb: Any) -> None:
    with pytest.raises(ApiError, match="does not wait"):
        people.do(people.admin, verb, people.post(people.editor))


def test_who_may_send_it_out_need_not_ask(people: People) -> None:
    post = people.post(people.editor)
    with pytest.raises(ApiError, match="without another approval"):
        people.do(people.admin, approving.request_approval, post)
    assert waits(people.do(people.editor, approving.request_approval, post))


def test_a_time_that_passed_while_it_waited_needs_another(people: People) -> None:
    post = people.post(people.editor, at=builders.soon(days=1))
    Post.objects.filter(id=post.id).update(scheduled_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(ApiError, match="has passed"):
        people.do(people.admin, approving.approve, post)
    assert waits(fresh(post))


def test_it_is_on_record(people: People) -> None:
    post = people.post(people.editor, at=builders.soon(days=1))
    people.do(people.admin, approving.decline, post, reason="No.")
    people.do(people.editor, approving.request_approval, post)
    people.do(people.admin, approving.approve, post)
    told = AuditEntry.objects.filter(subject_id=str(post.id)).order_by("id").values_list("action", "actor_name")
    editor, admin = people.editor.username, people.admin.username
    assert list(told) == [
        ("post.created", editor),
        ("post.approval_requested", editor),
        ("post.declined", admin),
        ("post.approval_requested", editor),
        ("post.approved", admin),
        ("post.scheduled", admin),
    ]
