"""The form on every page that says in which workspace somebody works."""

import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import Role, Workspace
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db

SWITCH = reverse("admin:integrations_workspace_switch")
POSTS = reverse("admin:posts_post_changelist")


@pytest.fixture
def two() -> tuple[Workspace, Workspace]:
    return builders.workspace(name="Acme"), builders.workspace(name="Bolt")


@pytest.fixture
def person(two: tuple[Workspace, Workspace]) -> User:
    user = builders.member(two[0], Role.EDITOR)
    two[1].memberships.create(user=user, role=Role.VIEWER)
    for workspace in two:
        builders.post(workspace, f"Of {workspace.name}")
    return user


def rows(client: Client, address: str) -> list[Post]:
    return list(client.get(address).context["cl"].result_list)


def shown(client: Client) -> set[str]:
    return {post.content for post in rows(client, POSTS)}


def test_lists_show_all_until_somebody_chooses_and_then_that_one(
    person: User, two: tuple[Workspace, Workspace]
) -> None:
    client = builders.signed_in(person)
    assert shown(client) == {"Of Acme", "Of Bolt"}
    assert client.post(SWITCH, {"workspace": two[1].id, "next": POSTS})["Location"] == POSTS
    assert shown(client) == {"Of Bolt"}
    client.post(SWITCH, {"workspace": ""})
    assert shown(client) == {"Of Acme", "Of Bolt"}


def test_it_is_kept_on_the_server_and_no_address_names_it(person: User, two: tuple[Workspace, Workspace]) -> None:
    client = builders.signed_in(person)
    client.post(SWITCH, {"workspace": two[0].id})
    assert client.session["workspace"] == str(two[0].id)
    assert shown(builders.signed_in(person)) == {"Of Acme", "Of Bolt"}


def test_a_link_shows_the_workspace_it_names_on_that_page_and_changes_nothing(
    person: User, two: tuple[Workspace, Workspace]
) -> None:
    client = builders.signed_in(person)
    client.post(SWITCH, {"workspace": two[1].id})
    account = two[0].integrations.all()[0]
    for more in ("", f"&account={account.id}&status=draft"):
        assert {post.content for post in rows(client, f"{POSTS}?workspace={two[0].id}{more}")} <= {"Of Acme"}
    assert [post.content for post in rows(client, f"{POSTS}?workspace={two[0].id}")] == ["Of Acme"]
    assert client.session["workspace"] == str(two[1].id)
    assert shown(client) == {"Of Bolt"}


def test_who_was_led_to_a_workspace_can_switch_there(person: User, two: tuple[Workspace, Workspace]) -> None:
    client = builders.signed_in(person)
    page = client.get(f"{POSTS}?workspace={two[0].id}&status=draft").content.decode()
    assert f'name="next" value="{POSTS}?status=draft"' in page


@pytest.mark.parametrize("wanted", ["another's", "unknown", "nonsense"])
def test_a_link_names_none_but_ones_own(person: User, two: tuple[Workspace, Workspace], wanted: str) -> None:
    foreign = builders.workspace()
    named = {"another's": str(foreign.id), "unknown": str(uuid.uuid4()), "nonsense": "x"}[wanted]
    stranger = builders.signed_in(builders.member(two[0], Role.OWNER))
    for page in (POSTS, reverse("admin:posts_posttarget_changelist"), reverse("admin-alerts"), reverse("admin:index")):
        assert builders.signed_in(person).get(f"{page}?workspace={named}").status_code == 404, page
        assert stranger.get(f"{page}?workspace={two[1].id}").status_code == 404, page


def test_new_things_begin_in_it(person: User, two: tuple[Workspace, Workspace]) -> None:
    two[1].memberships.update(role=Role.ADMIN)
    client = builders.signed_in(person)
    client.post(SWITCH, {"workspace": two[1].id})
    assert f"workspace={two[1].id}" in client.get(reverse("admin:posts_post_add"))["Location"]
    form = client.get(reverse("admin:integrations_apikey_add")).context["adminform"].form
    assert form.initial["workspace"] == two[1].id


@pytest.mark.parametrize("wanted", ["another's", "unknown", "nonsense"])
def test_it_takes_none_but_ones_own(person: User, two: tuple[Workspace, Workspace], wanted: str) -> None:
    foreign = builders.workspace()
    client = builders.signed_in(person)
    named = {"another's": str(foreign.id), "unknown": str(uuid.uuid4()), "nonsense": "x"}[wanted]
    assert client.post(SWITCH, {"workspace": named}).status_code == 404
    assert client.get(SWITCH).status_code == 405


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_goes_back_to_pages_of_ours_only(person: User, back: str) -> None:
    answer = builders.signed_in(person).post(SWITCH, {"workspace": "", "next": back})
    assert answer["Location"] == reverse("admin:index")


def test_the_form_is_there_for_those_in_several(person: User, two: tuple[Workspace, Workspace]) -> None:
    page = builders.signed_in(person).get(POSTS).content.decode()
    assert f'action="{SWITCH}"' in page
    assert "All my workspaces" in page
    alone = builders.signed_in(builders.member(two[0], Role.VIEWER)).get(POSTS).content.decode()
    assert f'action="{SWITCH}"' not in alone
    assert "Acme" in alone
