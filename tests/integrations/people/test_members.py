"""Who is in a workspace: invited, with a link that works once, given another role, removed; an owner always stays."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations import closing
from integrations.models import AuditAction, AuditEntry, Membership, Role, Workspace
from integrations.people import members
from integrations.people.members import CannotChange
from integrations.people.record import put_on_record
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


def invite(user: User, workspace: Workspace, name: str, role: str = "editor") -> Any:
    return builders.signed_in(user).post(ADD, {"workspace": workspace.id, "name": name, "role": role})


def page_of(membership: Membership, page: str = "change") -> str:
    return reverse(f"admin:integrations_membership_{page}", args=[membership.id])


def told(workspace: Workspace, kind: str = "member.") -> list[str]:
    rows = AuditEntry.objects.filter(workspace=workspace, action__startswith=kind).order_by("id")
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


def test_an_earlier_link_is_good_no_longer_when_there_is_another(owner: User, workspace: Workspace) -> None:
    """Whoever has the first may be somebody whom this workspace has nothing to do with."""
    squatter = builders.member(squatted := builders.workspace(), Role.OWNER)
    (first,) = set(LINK.findall(invite(squatter, squatted, "ada").content.decode()))
    assert "has not chosen a password yet" in invite(owner, workspace, "ada").content.decode()
    members.remove(membership=squatted.memberships.get(user__username="ada"), by=squatter)
    (second,) = set(LINK.findall(invite(owner, workspace, "ada").content.decode()))
    assert "used already" in Client().get(first, follow=True).content.decode()
    assert "used already" not in Client().get(second, follow=True).content.decode()


def test_nobody_gets_a_link_for_an_account_that_was_in_use(owner: User, workspace: Workspace) -> None:
    """Such as one whose password an operator has taken away, or an operator's own."""
    User.objects.create_superuser("root")
    known = builders.member(builders.workspace(), Role.VIEWER, last_login=timezone.now())
    for name in ("root", known.username):
        assert not LINK.search(invite(owner, workspace, name).content.decode())
        membership = workspace.memberships.get(user__username=name)
        with pytest.raises(CannotChange, match="has chosen a password"):
            members.invite_again(membership=membership, by=owner)


# Somebody who has an account ----------------------------------------------------------------------------------------


@pytest.fixture
def known() -> User:
    return builders.member(builders.workspace(name="Elsewhere"), Role.VIEWER, last_login=timezone.now())


def answer(person: User, membership: Membership, **said: str) -> Any:
    return builders.signed_in(person).post(reverse("admin-invitation", args=[membership.id]), said)


def test_who_has_an_account_is_in_once_they_say_yes(owner: User, workspace: Workspace, known: User) -> None:
    assert invite(owner, workspace, known.username).status_code == 302
    assert "or invited" in invite(owner, workspace, known.username).content.decode()
    browser = builders.signed_in(known)
    assert "Acme" not in browser.get(reverse("admin:integrations_workspace_changelist")).content.decode()
    for page in ("admin:index", "admin-security"):
        assert "Acme" in browser.get(reverse(page)).content.decode()
    membership = workspace.memberships.get(user=known)
    assert answer(owner, membership, join="yes").status_code == 404
    assert answer(known, membership, join="yes").status_code == 302
    assert answer(known, membership, join="yes").status_code == 404
    assert "Acme" in browser.get(reverse("admin:integrations_workspace_changelist")).content.decode()
    assert told(workspace) == [f"member.added {known.username}", f"member.joined {known.username}"]


def test_an_invitation_can_be_turned_down(owner: User, workspace: Workspace, known: User) -> None:
    invite(owner, workspace, known.username)
    answer(known, workspace.memberships.get(user=known))
    assert not workspace.memberships.filter(user=known).exists()
    assert told(workspace)[-1] == f"member.turned_down {known.username}"


def test_nobody_learns_by_inviting_when_and_from_where_somebody_signs_in(
    owner: User, workspace: Workspace, known: User
) -> None:
    invite(owner, workspace, known.username)
    put_on_record(AuditAction.SIGNED_IN, known)
    assert [entry for entry in told(workspace, "person.") if known.username in entry] == []
    page = builders.signed_in(owner).get(reverse("admin:integrations_membership_changelist")).content.decode()
    row = page.partition(known.username)[2].partition("</tr>")[0]
    assert "Invited" in row
    assert "<time" not in row.partition("created_at")[0]
    assert "Off" not in row


def test_only_who_manages_members_sees_how_they_sign_in(owner: User, workspace: Workspace) -> None:
    for person, sees in ((builders.member(workspace, Role.VIEWER), False), (owner, True)):
        page = builders.signed_in(person).get(reverse("admin:integrations_membership_changelist")).content.decode()
        assert ("second factor" in page.lower()) == sees
        assert ("last signed in" in page.lower()) == sees


def test_another_link_is_for_who_has_no_password_and_is_nowhere_else(owner: User, workspace: Workspace) -> None:
    invite(owner, workspace, "ada")
    membership = workspace.memberships.get(user__username="ada")
    again = reverse("admin:integrations_membership_run", args=[membership.id, "invite_again"])
    assert LINK.search(builders.signed_in(owner).post(again).content.decode())

    builders.workspace().memberships.create(user=membership.user, role=Role.VIEWER)
    membership.user.refresh_from_db()
    assert builders.signed_in(owner).post(again).status_code == 302
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


# Entering admin -----------------------------------------------------------------------------------------------------


@pytest.fixture
def outsider() -> User:
    """Somebody with an account, and in no workspace."""
    return User.objects.create_user("olga", password=PASSWORD, last_login=timezone.now())


def may_enter(person: User) -> bool:
    return User.objects.get(pk=person.pk).is_staff


def test_who_is_in_no_workspace_gets_as_far_as_their_invitation(
    owner: User, workspace: Workspace, outsider: User
) -> None:
    browser, body = Client(), {"username": "olga", "password": PASSWORD}
    assert browser.post(reverse("admin:login"), body).status_code == 200
    invite(owner, workspace, "olga")
    assert not may_enter(outsider)
    page = browser.post(reverse("admin:login"), body, follow=True)
    assert page.redirect_chain[-1][0] == reverse("admin-security")
    assert "<strong>Acme</strong> invites you" in page.content.decode()
    for elsewhere in ("admin:index", "admin:posts_post_changelist", "admin-alerts", "admin-calendar"):
        assert browser.get(reverse(elsewhere))["Location"].startswith(reverse("admin:login"))
    browser.post(reverse("admin-invitation", args=[workspace.memberships.get(user=outsider).id]), {"join": "yes"})
    assert may_enter(outsider)
    assert browser.get(reverse("admin:index")).status_code == 200


def test_who_turns_an_invitation_down_may_still_not_enter_and_can_sign_out(
    owner: User, workspace: Workspace, outsider: User
) -> None:
    invite(owner, workspace, "olga")
    browser = builders.signed_in(outsider)
    browser.post(reverse("admin-invitation", args=[workspace.memberships.get(user=outsider).id]))
    assert not may_enter(outsider)
    assert "in no workspace" in browser.get(reverse("admin-security")).content.decode()
    browser.post(reverse("admin:logout"))
    assert browser.get(reverse("admin-security")).status_code == 302


def test_leaving_the_last_workspace_ends_it_and_both_are_on_record(
    owner: User, workspace: Workspace, outsider: User
) -> None:
    elsewhere = builders.workspace()
    for room in (workspace, elsewhere):
        members.add(workspace=room, name="olga", role=Role.EDITOR, by=User.objects.create_superuser(f"root {room.id}"))
        members.join(room.memberships.get(user=outsider))
    members.remove(membership=elsewhere.memberships.get(user=outsider), by=owner)
    assert may_enter(outsider)
    members.remove(membership=workspace.memberships.get(user=outsider), by=owner)
    assert not may_enter(outsider)
    assert told(workspace, "person.") == ["person.admitted olga", "person.shut_out olga"]
    entry = AuditEntry.objects.get(action="person.shut_out")
    assert (entry.before, entry.after) == ({"is_staff": True}, {"is_staff": False})


def test_who_was_only_invited_has_left_nothing(owner: User, workspace: Workspace) -> None:
    """Such as somebody whom an operator lets enter, and who is in no workspace yet."""
    trusted = User.objects.create_user("tom", is_staff=True, last_login=timezone.now())
    membership, _ = members.add(workspace=workspace, name="tom", role=Role.EDITOR, by=owner)
    members.remove(membership=membership, by=owner)
    members.add(workspace=workspace, name="tom", role=Role.EDITOR, by=owner)
    closing.close(workspace=workspace, typed="Acme", now=timezone.now())
    assert may_enter(trusted)


def test_closing_a_workspace_ends_it_for_who_was_in_no_other(owner: User, workspace: Workspace) -> None:
    elsewhere = builders.member(workspace, Role.EDITOR)
    builders.workspace().memberships.create(user=elsewhere, role=Role.VIEWER)
    root = User.objects.create_superuser("root")
    workspace.memberships.create(user=root, role=Role.OWNER)
    closing.close(workspace=workspace, typed="Acme", now=timezone.now())
    assert (may_enter(owner), may_enter(elsewhere), may_enter(root)) == (False, True, True)


@pytest.mark.django_db(transaction=True)
def test_who_joins_while_they_are_removed_elsewhere_may_enter(workspace: Workspace) -> None:
    """Each looks at what the other does: one waits until the other has ended."""
    boss, person = User.objects.create_superuser("boss"), builders.member(workspace, last_login=timezone.now())
    other = builders.workspace()
    members.add(workspace=other, name=person.username, role=Role.EDITOR, by=boss)
    joined, removed = Event(), Event()

    def leave() -> None:
        joined.wait(timeout=30)
        removed.set()  # as good as: it waits for the other's end in there
        members.remove(membership=workspace.memberships.get(user=person), by=boss)
        connection.close()

    with ThreadPoolExecutor(1) as other_request:
        left = other_request.submit(leave)
        with transaction.atomic():
            members.join(other.memberships.get(user=person))
            joined.set()
            removed.wait(timeout=30)
            time.sleep(0.3)
        left.result(timeout=30)
    assert may_enter(person)


# Roles --------------------------------------------------------------------------------------------------------------


def test_a_role_changes_from_the_next_request_on(owner: User, workspace: Workspace) -> None:
    person = builders.member(workspace, Role.VIEWER)
    membership = workspace.memberships.get(user=person)
    browser = builders.signed_in(person)
    assert browser.get(reverse("admin:posts_post_add")).status_code == 403
    assert builders.signed_in(owner).post(page_of(membership), {"role": "editor"}).status_code == 302
    assert browser.get(reverse("admin:posts_post_add"), follow=True).status_code == 200
    entry = AuditEntry.objects.get(action="member.changed")
    assert (entry.before, entry.after, entry.actor_name) == ({"role": "viewer"}, {"role": "editor"}, owner.username)


def test_who_is_removed_sees_nothing_from_the_next_request_on(owner: User, workspace: Workspace) -> None:
    person = builders.member(workspace, Role.ADMIN)
    browser = builders.signed_in(person)
    assert browser.get(reverse("admin:posts_post_changelist")).status_code == 200
    url = page_of(workspace.memberships.get(user=person), "delete")
    assert builders.signed_in(owner).post(url, {"post": "yes"}).status_code == 302
    page = browser.get(reverse("admin:posts_post_changelist"), follow=True)
    assert page.redirect_chain[-1][0] == reverse("admin-security")
    assert "in no workspace" in page.content.decode()
    assert told(workspace) == [f"member.removed {person.username}"]


def test_an_admin_neither_makes_nor_touches_owners(owner: User, workspace: Workspace) -> None:
    admin = builders.member(workspace, Role.ADMIN)
    mine, theirs = (workspace.memberships.get(user=user) for user in (admin, owner))
    browser = builders.signed_in(admin)
    for membership, role in ((mine, "owner"), (theirs, "viewer")):
        assert "Only an owner" in browser.post(page_of(membership), {"role": role}).content.decode()
    browser.post(page_of(theirs, "delete"), {"post": "yes"})
    assert "Only an owner" in invite(admin, workspace, "ada", "owner").content.decode()
    assert set(workspace.memberships.values_list("user", "role")) == {(admin.pk, "admin"), (owner.pk, "owner")}
    assert not User.objects.filter(username="ada").exists()


def test_the_last_owner_who_can_sign_in_stays(owner: User, workspace: Workspace) -> None:
    invited = builders.member(builders.workspace(), Role.VIEWER, last_login=timezone.now())
    membership = workspace.memberships.get(user=owner)
    browser = builders.signed_in(owner)
    browser.post(page_of(membership, "delete"), {"post": "yes"})
    assert "make somebody else one first" in browser.post(page_of(membership), {"role": "admin"}).content.decode()
    assert workspace.memberships.get().role == Role.OWNER
    for nobody in ({"last_login": None}, {"last_login": timezone.now(), "is_active": False}):
        builders.member(workspace, Role.OWNER, **nobody)
    members.add(workspace=workspace, name=invited.username, role=Role.OWNER, by=owner)
    with pytest.raises(CannotChange, match="make somebody else one first"):
        members.remove(membership=membership, by=owner)
    members.join(workspace.memberships.get(user=invited))
    members.remove(membership=membership, by=owner)


def test_a_superuser_s_page_of_a_person_shows_no_permissions_that_mean_nothing(admin_client: Client) -> None:
    person = User.objects.create_user("ada")
    page = admin_client.get(reverse("admin:auth_user_change", args=[person.pk]))
    assert not {"groups", "user_permissions"} & set(page.context["adminform"].form.fields)
    assert admin_client.get(reverse("admin:auth_user_changelist")).status_code == 200
