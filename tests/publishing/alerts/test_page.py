"""The page on which people say whether they are told, and where."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from integrations.models import AuditEntry, Membership, Role, Workspace
from publishing.alerts import addresses, people
from publishing.models import Alert, AlertKind
from tests import builders

from .server import MailServer

pytestmark = pytest.mark.django_db

PAGE = "/admin/alerts/"
PAGE_OF = f"{PAGE}address/confirm/"


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


def test_who_is_invited_is_told_nothing_and_chooses_nothing(ours: Workspace) -> None:
    admin, invited = builders.member(ours, Role.ADMIN), builders.member(builders.workspace(name="Else"), Role.OWNER)
    membership = ours.memberships.create(user=invited, role=Role.OWNER, joined_at=None)
    for browser in (signed_in(invited), signed_in(admin)):
        assert browser.post(f"{PAGE}{membership.id}/", {"wanted": "on"}).status_code == 404
    assert invited.username not in signed_in(admin).get(PAGE).content.decode()
    assert "Ours" not in signed_in(invited).get(PAGE).content.decode()
    with pytest.raises(Membership.DoesNotExist):
        people.choose(membership=membership, wanted=True)
    assert told(ours) == set()


def test_who_is_told_is_on_record(ours: Workspace) -> None:
    admin, editor = builders.member(ours, Role.ADMIN), builders.member(ours, Role.EDITOR)
    for wanted in ("on", "on", "off"):
        signed_in(admin).post(f"{PAGE}{editor.memberships.get().id}/", {"wanted": wanted})
    entries = AuditEntry.objects.filter(workspace=ours, action="person.alerts_chosen").order_by("id")
    assert [(one.actor_name, one.subject, one.before, one.after) for one in entries] == [
        (admin.username, editor.username, {"told": False}, {"told": True}),
        (admin.username, editor.username, {"told": True}, {"told": False}),
    ]


# Where alerts go -----------------------------------------------------------------------------------------------------

OLD, NEW = "ann@example.com", "ann@new.example.com"


@pytest.fixture
def ann(ours: Workspace) -> User:
    return builders.member(ours, Role.OWNER, email=OLD)


def address_of(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def link(post_office: MailServer, address: str = NEW) -> str:
    """What the latest letter to an address leads to."""
    letter: Any = post_office.to(address)[-1]
    found: list[str] = re.findall(r"https://openpost\.example(/\S+)", letter.get_body(("plain",)).get_content())
    return found[0]


def test_an_address_is_somebodys_once_they_have_opened_the_link(ann: User, post_office: MailServer) -> None:
    client = signed_in(ann)
    page = client.post(f"{PAGE}address/", {"email": NEW}, follow=True).content.decode()
    assert "Until then nothing changes" in page
    asks = client.get(link(post_office)).content.decode()
    assert NEW in asks
    assert address_of(ann) == OLD, "looking changes nothing"
    client.post(link(post_office))
    assert address_of(ann) == NEW
    assert client.post(link(post_office)).status_code == 404, "it is used"
    assert "already" in client.post(f"{PAGE}address/", {"email": NEW}, follow=True).content.decode()
    told = AuditEntry.objects.filter(action__startswith="person.alert_address").order_by("id")
    assert [(one.workspace, one.before, one.after) for one in told] == [
        (ann.memberships.get().workspace, {}, {"email": NEW}),
        (ann.memberships.get().workspace, {"email": OLD}, {"email": NEW}),
    ]


def test_a_link_is_good_for_its_person_for_a_day(ann: User, ours: Workspace, post_office: MailServer) -> None:
    signed_in(ann).post(f"{PAGE}address/", {"email": NEW})
    stranger, found = builders.member(ours, Role.OWNER, email=OLD), link(post_office)
    for browser, address in ((signed_in(stranger), found), (signed_in(ann), found[:-1]), (signed_in(ann), PAGE_OF)):
        assert browser.get(address).status_code == browser.post(address).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert signed_in(ann).post(found).status_code == 404
    assert (address_of(ann), address_of(stranger)) == (OLD, OLD)


def test_of_two_links_one_is_used(ann: User, post_office: MailServer) -> None:
    client = signed_in(ann)
    for address in (NEW, "else@example.com"):
        client.post(f"{PAGE}address/", {"email": address})
    client.post(link(post_office))
    assert client.post(link(post_office, "else@example.com")).status_code == 404
    assert address_of(ann) == NEW


def test_nobody_has_a_stranger_sent_many_links(ann: User, post_office: MailServer) -> None:
    builders.workspace().memberships.create(user=ann, role=Role.OWNER)
    client = signed_in(ann)
    for _ in range(addresses.MOST + 1):
        page = client.post(f"{PAGE}address/", {"email": "stranger@example.com"}, follow=True).content.decode()
    assert "try again later" in page
    assert len(post_office.to("stranger@example.com")) == addresses.MOST


def test_an_address_that_is_none_or_gets_no_letter_changes_nothing(ann: User, settings: Any) -> None:
    client = signed_in(ann)
    assert "valid email" in client.post(f"{PAGE}address/", {"email": "no address"}, follow=True).content.decode()
    assert "No mail server" in client.post(f"{PAGE}address/", {"email": NEW}, follow=True).content.decode()
    settings.MAIL_IS_SET_UP, settings.EMAIL_PORT = True, 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert "did not take" in client.post(f"{PAGE}address/", {"email": NEW}, follow=True).content.decode()
    assert address_of(ann) == OLD


def test_without_an_address_alerts_go_nowhere_at_once(ann: User) -> None:
    signed_in(ann).post(f"{PAGE}address/", {"email": ""})
    assert address_of(ann) == ""
    assert AuditEntry.objects.get(action="person.alert_address_changed").before == {"email": OLD}


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
