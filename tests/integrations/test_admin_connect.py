"""Connecting accounts in admin: which there are, the way to X and back, Bluesky's form, and who may."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from pytest_django import Settings

from integrations.models import Integration, Role, SignIn, Workspace
from integrations.platforms import registry
from tests import builders
from tests.integrations.test_sign_in import at_x
from tests.peers.pds import Pds
from tests.peers.x.process import XPeer

pytestmark = pytest.mark.django_db

CHOOSE = "/admin/integrations/integration/connect/"
X, BLUESKY = f"{CHOOSE}x/", f"{CHOOSE}bluesky/"


@pytest.fixture
def live() -> Workspace:
    return builders.workspace("live", "Ours")


@pytest.fixture
def ann(live: Workspace) -> User:
    return builders.member(live, Role.ADMIN)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_it_offers_what_can_be_connected_and_says_of_the_others_why_not(ann: User) -> None:
    page = text(builders.signed_in(ann).get(CHOOSE))
    assert f'action="{X.replace("/x/", "/twitter/")}' in page
    assert f'href="{BLUESKY}' in page
    for rules in registry.PLATFORMS.values():
        assert rules.label in page
        assert rules.client or f"{rules.label} cannot be connected yet" in page


def test_it_goes_to_x_and_comes_back_connected(ann: User, live: Workspace, x: XPeer) -> None:
    x.user("ada", "Ada Lovelace")
    client = builders.signed_in(ann)
    page = text(client.post(X))
    address = re.search(r'href="([^"]+oauth2/authorize[^"]+)"', page)
    assert address
    begun = type(
        "Begun", (), {"url": address[1].replace("&amp;", "&"), "redirect_uri": SignIn.objects.get().redirect_uri}
    )
    back = client.get(at_x(begun))  # type: ignore[arg-type]
    account = Integration.objects.get()
    assert (account.workspace, account.username) == (live, "ada")
    assert reverse("admin:integrations_integration_change", args=[account.pk]) in text(back)


def test_it_begins_nothing_at_x_by_looking(ann: User, x: XPeer) -> None:
    assert builders.signed_in(ann).get(X).status_code == 302
    assert not SignIn.objects.exists()


def test_it_says_what_whoever_runs_this_must_configure(ann: User, settings: Settings) -> None:
    settings.X_CLIENT_ID = ""
    answer = builders.signed_in(ann).post(X)
    assert answer.status_code == 400
    assert "X_CLIENT_ID" in text(answer)


@pytest.mark.peer
def test_it_connects_at_a_real_bluesky_server(ann: User, live: Workspace, pds: Pds) -> None:
    person = pds.create_account("ann")
    said = {"identifier": person.handle, "password": person.app_password, "service": pds.base_url}
    answer = builders.signed_in(ann).post(BLUESKY, said, follow=True)
    account = Integration.objects.get()
    assert (account.workspace, account.remote_id) == (live, person.did)
    assert "Connected:" in text(answer)
    assert person.app_password not in text(answer)


@pytest.mark.peer
def test_it_says_at_the_form_what_the_server_refused_and_gives_no_password_back(ann: User, pds: Pds) -> None:
    said = {"identifier": "nobody.test", "password": "wrong-but-secret", "service": pds.base_url}
    answer = builders.signed_in(ann).post(BLUESKY, said)
    assert answer.status_code == 400
    assert "op-wrong" in text(answer)
    assert 'value="nobody.test"' in text(answer)
    assert "wrong-but-secret" not in text(answer)
    assert not Integration.objects.exists()


def test_it_asks_which_workspace_when_there_are_several(ann: User) -> None:
    other = builders.workspace("live", "Other")
    other.memberships.create(user=ann, role=Role.OWNER)
    page = text(builders.signed_in(ann).get(CHOOSE))
    assert "Which workspace" in page
    assert f"?workspace={other.pk}" in page
    assert "Other" in text(builders.signed_in(ann).get(f"{CHOOSE}?{urlencode({'workspace': other.pk})}"))


def test_it_says_that_a_sandbox_workspace_has_its_accounts() -> None:
    page = text(builders.signed_in(builders.member(builders.workspace(), Role.ADMIN)).get(CHOOSE))
    assert "comes with its accounts" in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
@pytest.mark.parametrize("page", [CHOOSE, X, BLUESKY])
def test_it_is_for_those_who_may_manage_accounts(live: Workspace, role: Role, page: str) -> None:
    client = builders.signed_in(builders.member(live, role))
    for answer in (client.get(page), client.post(page), client.get(f"{page}?workspace={live.pk}")):
        assert answer.status_code in {302, 404}
        assert not SignIn.objects.exists()


def test_it_connects_nothing_to_another_workspace(ann: User, x: XPeer) -> None:
    theirs = builders.workspace("live", "Theirs")
    for page in (CHOOSE, X, BLUESKY):
        assert builders.signed_in(ann).post(f"{page}?workspace={theirs.pk}").status_code == 404
    assert not SignIn.objects.exists()


def test_it_knows_no_other_platforms(ann: User) -> None:
    assert builders.signed_in(ann).get(f"{CHOOSE}myspace/").status_code == 404
