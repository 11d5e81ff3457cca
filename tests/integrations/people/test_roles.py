"""The one table of what each role may do, and the questions asked of it."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User

from integrations.models import Role, Workspace
from integrations.people.roles import Permission, may, may_somewhere, role_of, within, workspaces_of
from tests import builders

pytestmark = pytest.mark.django_db

#: The table of docs/people.md: the first role that may, and all after it.
LEAST = {
    Permission.VIEW: Role.VIEWER,
    Permission.WRITE: Role.EDITOR,
    Permission.PUBLISH: Role.EDITOR,
    Permission.APPROVE: Role.ADMIN,
    Permission.ACCOUNTS: Role.ADMIN,
    Permission.KEYS: Role.ADMIN,
    Permission.MEMBERS: Role.ADMIN,
    Permission.WORKSPACE: Role.ADMIN,
    Permission.AUDIT: Role.ADMIN,
}
RISING = [Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER]


@pytest.mark.parametrize("role", RISING)
@pytest.mark.parametrize("permission", Permission)
def test_it_allows_each_role_what_the_table_says_in_its_own_workspace_alone(role: Role, permission: Permission) -> None:
    mine, other = builders.workspace(), builders.workspace()
    person = builders.member(mine, role)
    allowed = RISING.index(role) >= RISING.index(LEAST[permission])
    assert may(person, mine, permission) is allowed
    assert may(person, mine.id, permission) is allowed
    assert may_somewhere(person, permission) is allowed
    assert list(workspaces_of(person, permission)) == ([mine] if allowed else [])
    assert not may(person, other, permission)


def everywhere(user: Any) -> list[Workspace]:
    return [workspace for workspace in Workspace.objects.all() if may(user, workspace, Permission.VIEW)]


def test_it_allows_a_superuser_everything_everywhere() -> None:
    one, two = builders.workspace(name="A"), builders.workspace(name="B")
    operator = User.objects.create_superuser("operator")
    assert list(workspaces_of(operator)) == everywhere(operator) == [one, two]
    assert role_of(operator, one) is None


@pytest.mark.parametrize("who", ["anonymous", "in no workspace", "inactive member", "inactive superuser"])
def test_it_allows_nothing_to_those_who_are_in_no_workspace(who: str) -> None:
    workspace = builders.workspace()
    people: dict[str, Any] = {
        "anonymous": AnonymousUser(),
        "in no workspace": User.objects.create_user("nobody", is_staff=True),
        "inactive member": builders.member(workspace, Role.OWNER, is_active=False),
        "inactive superuser": User.objects.create_superuser("gone", is_active=False),
    }
    user = people[who]
    assert everywhere(user) == list(workspaces_of(user)) == []
    assert not may_somewhere(user, Permission.VIEW)


def test_it_keeps_of_rows_those_of_workspaces_in_which_the_person_may_do_this() -> None:
    edited, viewed, foreign = (builders.workspace() for _ in range(3))
    person = builders.member(edited, Role.EDITOR)
    viewed.memberships.create(user=person, role=Role.VIEWER)
    posts = {one: builders.post(one) for one in (edited, viewed, foreign)}
    rows = type(posts[edited]).objects.all()
    assert set(within(person, rows)) == {posts[edited], posts[viewed]}
    assert set(within(person, rows, permission=Permission.WRITE)) == {posts[edited]}


def test_it_asks_the_database_once_for_all_that_a_request_asks(django_assert_num_queries: Any) -> None:
    workspaces = [builders.workspace() for _ in range(3)]
    person = builders.member(workspaces[0], Role.EDITOR)
    with django_assert_num_queries(1):
        for workspace in workspaces:
            for permission in Permission:
                may(person, workspace, permission)
