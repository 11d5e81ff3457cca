"""Who is in a workspace: added with a link that works once, given another role, removed; an owner always stays."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry, Membership, Role, Workspace
from integrations.people import members
from integrations.people.members import CannotChange
from tests import builders

pytestmark = pytest.mark.django_db

ADD = reverse("admin:integrations_membership_add")
LINK = re.compile(r"/integrations/welcome/[\w-]+/[\w-]+/")
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace(name="Acme")


@pytest.fixture
def owner(workspace: Workspace) -> User:
    return builders.member(workspace, Role.OWNER)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def invite(user: User, workspace: Workspace, name: str, role: str = "editor") -> Any:
    return signed_in(user).post(ADD, {"workspace": workspace.id, "name": name, "role": role})


def page_of(membership: Membership, page: str = "change") -> str:
    return reverse(f"admin:integrations_membership_{page}", args=[membership.id])


def told(workspace: Workspace) -> list[str]:
    rows = AuditEntry.objects.filter(workspace=workspace, action__startswith="member.").order_by("id")
    return [f"{row.action} {row.subject}" for row in rows]


# Somebody new -------------------------------------------------------------------------------------------------------


def test_somebody_new_chooses_a_password_by_a_link_that_works_once(owner: User, workspace: Workspace) -> None:
    answer = invite(owner, workspace, "ada")
    (link,) = set(LINK.findall(answer.content.decode()))
    assert "no-store" in answer["Cache-Control"]
    ada = User.objects.get(username="ada")
    assert (ada.has_usable_password(), ada.is_staff, ada.is_superuser) == (False, True, False)
    assert workspace.memberships.get(user=ada).role == Role.EDITOR

    browser = Client()
    form = browser.get(link)
    assert link not in form["Location"]  # the token is out of the address before anything is shown
    chosen = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert browser.post(form["Location"], chosen)["Location"] == reverse("admin:login")
    body = {"username": "ada", "password": PASSWORD}
    assert browser.post(reverse("admin:login"), body).status_code == 302
    assert browser.get(reverse("admin:posts_post_changelist")).status_code == 200
    assert "used already" in Client().get(link, follow=True).content.decode()
    assert told(workspace) == ["member.added ada"]
    assert link not in str(list(AuditEntry.objects.values_list()))


def test_a_weak_password_is_not_taken(owner: User, workspace: Workspace) -> None:
    (link,) = set(LINK.findall(invite(owner, workspace, "ada").content.decode()))
    browser = Client()
    address = browser.get(link)["Location"]
    assert browser.post(address, {"new_password1": "password", "new_password2": "password"}).status_code == 200
    assert not User.objects.get(username="ada").has_usable_password()


def test_who_has_an_account_is_added_and_no_link_is_made(owner: User, workspace: Workspace) -> None:
    elsewhere = builders.member(builders.workspace(), Role.VIEWER)
    answer = invite(owner, workspace, elsewhere.username)
    assert answer.status_code == 302
    assert workspace.memberships.get(user=elsewhere).role == Role.EDITOR
    assert "already" in invite(owner, workspace, elsewhere.username).content.decode()


def test_another_link_is_for_who_has_no_password_and_is_nowhere_else(owner: User, workspace: Workspace) -> None:
    invite(owner, workspace, "ada")
    membership = workspace.memberships.get(user__username="ada")
    again = reverse("admin:integrations_membership_run", args=[membership.id, "invite_again"])
    assert LINK.search(signed_in(owner).post(again).content.decode())

    builders.workspace().memberships.create(user=membership.user, role=Role.VIEWER)
    assert signed_in(owner).post(again).status_code == 302
    with pytest.raises(CannotChange, match="do not manage"):
        members.invite_again(membership=membership, by=User.objects.get(pk=owner.pk))
    membership.user.set_password(PASSWORD)
    membership.user.save()
    with pytest.raises(CannotChange, match="has chosen a password"):
        members.invite_again(membership=membership, by=owner)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_admins_and_owners_add_people(workspace: Workspace, role: Role) -> None:
    assert invite(builders.member(workspace, role), workspace, "ada").status_code == 403
    assert not User.objects.filter(username="ada").exists()


def test_nobody_is_added_to_another_s_workspace(owner: User) -> None:
    foreign = builders.workspace()
    assert invite(owner, foreign, "ada").status_code == 200
    assert not foreign.memberships.exists()


# Roles --------------------------------------------------------------------------------------------------------------


def test_a_role_changes_from_the_next_request_on(owner: User, workspace: Workspace) -> None:
    person = builders.member(workspace, Role.VIEWER)
    membership = workspace.memberships.get(user=person)
    browser = signed_in(person)
    assert browser.get(reverse("admin:posts_post_add")).status_code == 403
    assert signed_in(owner).post(page_of(membership), {"role": "editor"}).status_code == 302
    assert browser.get(reverse("admin:posts_post_add"), follow=True).status_code == 200
    entry = AuditEntry.objects.get(action="member.changed")
    assert (entry.before, entry.after, entry.actor_name) == ({"role": "viewer"}, {"role": "editor"}, owner.username)


def test_who_is_removed_sees_nothing_from_the_next_request_on(owner: User, workspace: Workspace) -> None:
    person = builders.member(workspace, Role.ADMIN)
    browser = signed_in(person)
    assert browser.get(reverse("admin:posts_post_changelist")).status_code == 200
    url = page_of(workspace.memberships.get(user=person), "delete")
    assert signed_in(owner).post(url, {"post": "yes"}).status_code == 302
    assert browser.get(reverse("admin:posts_post_changelist")).status_code == 403
    assert told(workspace) == [f"member.removed {person.username}"]


def test_an_admin_neither_makes_nor_touches_owners(owner: User, workspace: Workspace) -> None:
    admin = builders.member(workspace, Role.ADMIN)
    mine, theirs = (workspace.memberships.get(user=user) for user in (admin, owner))
    browser = signed_in(admin)
    for membership, role in ((mine, "owner"), (theirs, "viewer")):
        assert "Only an owner" in browser.post(page_of(membership), {"role": role}).content.decode()
    browser.post(page_of(theirs, "delete"), {"post": "yes"})
    assert "Only an owner" in invite(admin, workspace, "ada", "owner").content.decode()
    assert set(workspace.memberships.values_list("user", "role")) == {(admin.pk, "admin"), (owner.pk, "owner")}
    assert not User.objects.filter(username="ada").exists()


def test_the_last_owner_stays(owner: User, workspace: Workspace) -> None:
    membership = workspace.memberships.get(user=owner)
    browser = signed_in(owner)
    browser.post(page_of(membership, "delete"), {"post": "yes"})
    assert "make somebody else one first" in browser.post(page_of(membership), {"role": "admin"}).content.decode()
    assert workspace.memberships.get().role == Role.OWNER
    members.add(workspace=workspace, name="ada", role=Role.OWNER, by=owner)
    members.remove(membership=membership, by=owner)
    assert workspace.memberships.get().user.username == "ada"


def test_a_superuser_s_page_of_a_person_shows_no_permissions_that_mean_nothing(admin_client: Client) -> None:
    person = User.objects.create_user("ada")
    page = admin_client.get(reverse("admin:auth_user_change", args=[person.pk]))
    assert not {"groups", "user_permissions"} & set(page.context["adminform"].form.fields)
    assert admin_client.get(reverse("admin:auth_user_changelist")).status_code == 200
