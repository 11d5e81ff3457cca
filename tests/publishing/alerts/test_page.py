"""The page on which people say whether they are told."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from integrations.models import Role, Workspace
from publishing.alerts import people
from publishing.models import Alert, AlertKind
from tests import builders

pytestmark = pytest.mark.django_db

PAGE = "/admin/alerts/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def ours() -> Workspace:
    return builders.workspace(name="Ours")


def told(room: Workspace) -> set[str]:
    return set(people.told(room.memberships.all()).values_list("user__username", flat=True))


def test_a_person_turns_their_own_alerts_off_and_on(ours: Workspace) -> None:
    ann = builders.member(ours, Role.OWNER)
    mine = ann.memberships.get()
    client = signed_in(ann)
    assert "Turn off" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}{mine.id}/", {"wanted": "off"})
    assert told(ours) == set()
    client.post(f"{PAGE}{mine.id}/", {"wanted": "on"})
    assert told(ours) == {ann.username}


def test_an_admin_chooses_for_the_workspace_and_an_editor_for_nobody_else(ours: Workspace) -> None:
    admin, editor = builders.member(ours, Role.ADMIN), builders.member(ours, Role.EDITOR)
    assert signed_in(admin).post(f"{PAGE}{editor.memberships.get().id}/", {"wanted": "on"}).status_code == 302
    assert told(ours) == {editor.username}
    assert signed_in(editor).post(f"{PAGE}{admin.memberships.get().id}/", {"wanted": "on"}).status_code == 404
    assert admin.username not in signed_in(editor).get(PAGE).content.decode()


def test_a_stranger_changes_nothing(ours: Workspace) -> None:
    owner = builders.member(ours, Role.OWNER)
    stranger = builders.member(builders.workspace(), Role.OWNER)
    address = f"{PAGE}{owner.memberships.get().id}/"
    assert signed_in(stranger).post(address, {"wanted": "off"}).status_code == 404
    assert Client().post(address, {"wanted": "off"}).status_code == 302
    assert signed_in(owner).get(address).status_code == 405
    assert told(ours) == {owner.username}


def test_a_person_says_where_their_alerts_go(ours: Workspace) -> None:
    ann = builders.member(ours, Role.OWNER)
    client = signed_in(ann)
    client.post(f"{PAGE}address/", {"email": "ann@example.com"})
    ann.refresh_from_db()
    assert ann.email == "ann@example.com"
    client.post(f"{PAGE}address/", {"email": "no address"})
    ann.refresh_from_db()
    assert ann.email == "ann@example.com"
    client.post(f"{PAGE}address/", {"email": ""})
    ann.refresh_from_db()
    assert ann.email == ""


def test_it_lists_alerts_of_the_persons_workspaces_and_those_of_the_service_to_superusers(ours: Workspace) -> None:
    now = timezone.now()
    times = {"began_at": now, "last_at": now, "tell_at": now}
    theirs = builders.workspace()
    Alert.objects.create(workspace=ours, kind=AlertKind.OVERDUE, cause="overdue", message="Ours is late.", **times)
    Alert.objects.create(workspace=theirs, kind=AlertKind.OVERDUE, cause="overdue", message="Theirs is late.", **times)
    Alert.objects.create(kind=AlertKind.SERVICE, cause="beat", message="Beat is dead.", **times)
    shown = signed_in(builders.member(ours)).get(PAGE).content.decode()
    assert "Ours is late." in shown
    assert "Theirs is late." not in shown
    assert "Beat is dead." not in shown
    assert "Beat is dead." in signed_in(User.objects.create_superuser("root")).get(PAGE).content.decode()
