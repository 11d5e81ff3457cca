"""The workspace that is current: kept in the session, and never a right."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory

from integrations.models import Role
from integrations.people.current import choose, current, in_current
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db


def request_of(user: User, session: dict[str, str] | None = None) -> Any:
    request: Any = RequestFactory().get("/")
    request.user, request.session = user, {} if session is None else session
    return request


def test_it_is_the_only_one_of_somebody_in_one() -> None:
    workspace, _ = builders.workspace(), builders.workspace()
    assert current(request_of(builders.member(workspace, Role.VIEWER))) == workspace


def test_it_is_none_until_somebody_in_several_chooses() -> None:
    one, two = builders.workspace(), builders.workspace()
    session: dict[str, str] = {}
    person = builders.member(one, Role.VIEWER)
    two.memberships.create(user=person, role=Role.EDITOR)
    assert current(request_of(person, session)) is None
    choose(request_of(person, session), two)
    assert current(request_of(person, session)) == two
    choose(request_of(person, session), None)
    assert current(request_of(person, session)) is None


@pytest.mark.parametrize("kept", ["another's", "nonsense", "unknown"])
def test_it_gives_no_right_to_what_a_session_names(kept: str) -> None:
    one, two, foreign = (builders.workspace() for _ in range(3))
    person = builders.member(one, Role.OWNER)
    two.memberships.create(user=person, role=Role.OWNER)
    named = {"another's": str(foreign.id), "nonsense": "x", "unknown": str(uuid.uuid4())}[kept]
    assert current(request_of(person, {"workspace": named})) is None


def test_it_narrows_lists_to_itself_or_else_to_all_the_persons() -> None:
    one, two, foreign = (builders.workspace() for _ in range(3))
    session: dict[str, str] = {}
    person = builders.member(one, Role.VIEWER)
    two.memberships.create(user=person, role=Role.VIEWER)
    posts = {workspace: builders.post(workspace) for workspace in (one, two, foreign)}
    assert set(in_current(request_of(person, session), Post.objects.all())) == {posts[one], posts[two]}
    choose(request_of(person, session), one)
    assert list(in_current(request_of(person, session), Post.objects.all())) == [posts[one]]
