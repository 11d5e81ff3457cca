"""The way to X and back: a state that works once, for who began it, for ten minutes; and the page that says so."""

import logging
import re
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from integrations import keys, sign_in
from integrations.models import ApiKey, Integration, SignIn, Workspace
from integrations.models.api_key import digest
from integrations.platforms import registry
from integrations.platforms.errors import NotNow
from integrations.sign_in import Begun
from tests import builders
from tests.peers.x.process import XPeer

pytestmark = pytest.mark.django_db

X = registry.PLATFORMS["twitter"]
TOKEN = "POST /2/oauth2/token"


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def begun(workspace: Workspace, *, user: Any = None) -> Begun:
    """A sign-in that a key of the workspace began, or a person."""
    key = None if user else keys.create_key(workspace=workspace, name="Website")[0]
    return sign_in.begin(workspace=workspace, rules=X, now=timezone.now(), api_key=key, user=user)


def at_x(begun: Begun) -> str:
    """What the person's browser is sent back with: the address of our page, without the host."""
    with pytest.raises(HTTPError) as redirect:
        urllib.request.build_opener(Stay).open(begun.url)
    assert redirect.value.status == 302
    place = redirect.value.headers["Location"]
    assert place.startswith(f"{begun.redirect_uri}?")
    return place.removeprefix("http://127.0.0.1:8000")


def text_of(page: Any) -> str:
    """What the person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.content.decode(), flags=re.DOTALL))


def come_back(address: str, status: int = 200, client: Client | None = None) -> str:
    page = (client or Client()).get(address)
    assert page.status_code == status, text_of(page)
    return text_of(page)


# Yes ----------------------------------------------------------------------------------------------------------------


def test_it_connects_the_account_and_says_so(x: XPeer) -> None:
    user, workspace = x.user("ada", "Ada Lovelace"), builders.workspace("live", name="Acme")

    said = come_back(at_x(begun(workspace)))

    account = Integration.objects.get()
    assert (account.workspace, account.platform, account.remote_id) == (workspace, "twitter", user["id"])
    assert (account.username, account.display_name, account.status) == ("ada", "Ada Lovelace", "active")
    assert account.credentials.keys() == {"access_token", "refresh_token", "scope"}
    for word in ("Connected", "Ada Lovelace @ada", "Acme"):
        assert word in said


def test_it_sends_the_person_to_x_with_a_challenge_and_keeps_the_verifier(x: XPeer) -> None:
    begin = begun(builders.workspace("live"))
    query = {name: values[0] for name, values in parse_qs(urlsplit(begin.url).query).items()}
    row = SignIn.objects.get()
    assert (query["state"], query["redirect_uri"]) == (begin.state, begin.redirect_uri)
    assert begin.redirect_uri == "http://127.0.0.1:8000/integrations/x/callback"
    assert query["code_challenge_method"] == "S256"
    assert row.verifier not in begin.url
    assert row.expires_at - row.created_at == timedelta(minutes=10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(integrations_signin)::text FROM integrations_signin")
        (stored,) = cursor.fetchone()
    assert row.verifier not in stored
    assert begin.state not in stored


def test_it_connects_again_and_keeps_the_id_the_posts_and_what_x_leaves_out(x: XPeer) -> None:
    x.user("ada")
    workspace = builders.workspace("live")
    come_back(at_x(begun(workspace)))
    first = Integration.objects.get()
    post = builders.post(workspace, platforms=["twitter"])
    Integration.objects.update(status="needs_refresh", status_reason="Revoked.", premium=True)
    back = at_x(begun(workspace))
    x.fault(TOKEN, "answer", status=200, body={"access_token": x.tokens(first.remote_id)["access_token"]})

    come_back(back)

    again = Integration.objects.get()
    assert (again.id, again.status, again.status_reason, again.premium) == (first.id, "active", "", True)
    assert again.credentials["refresh_token"] == first.credentials["refresh_token"]
    assert again.credentials["access_token"] != first.credentials["access_token"]
    assert post.targets.get().integration_id == first.id


def test_it_connects_one_account_to_two_workspaces_apart(x: XPeer) -> None:
    x.user("ada")
    for name in ("one", "two"):
        come_back(at_x(begun(builders.workspace("live", name=name))))
    assert Integration.objects.count() == 2


# No, and what goes wrong --------------------------------------------------------------------------------------------


def test_it_says_that_the_person_said_no_and_that_ends_the_sign_in(x: XPeer) -> None:
    x.user("ada")
    x.settings(consents=False)
    address = at_x(begun(builders.workspace("live")))
    assert "You did not give OpenPost access at X." in come_back(address)
    assert not Integration.objects.exists()
    assert "Already used" in come_back(address, 400)


@pytest.mark.parametrize(
    "query", ["", "?state=", "?state=unknown&code=a", "?code=a", "?state=%00%ff&code=%00", "?state=" + "s" * 5000]
)
def test_it_knows_no_state_but_those_it_gave_out(x: XPeer, query: str) -> None:
    begun(builders.workspace("live"))
    assert "No such sign-in" in come_back(f"/integrations/x/callback{query}", 400)
    assert x.requests() == []
    assert SignIn.objects.get().ended_at is None


def test_it_takes_a_state_once(x: XPeer) -> None:
    x.user("ada")
    address = at_x(begun(builders.workspace("live")))
    come_back(address)
    connected_at = Integration.objects.get().connected_at
    assert "Already used" in come_back(address, 400)
    assert Integration.objects.get().connected_at == connected_at


def test_it_takes_a_state_for_ten_minutes(x: XPeer) -> None:
    x.user("ada")
    workspace = builders.workspace("live")
    late, in_time = at_x(begun(workspace)), at_x(begun(workspace))
    SignIn.objects.filter(state_hash=state_hash(late)).update(expires_at=timezone.now())
    SignIn.objects.filter(state_hash=state_hash(in_time)).update(expires_at=timezone.now() + timedelta(seconds=20))
    assert "Too late" in come_back(late, 400)
    assert not Integration.objects.exists()
    come_back(in_time)


@pytest.mark.parametrize("how", ["revoked", "expired", "deleted"])
def test_it_takes_no_state_of_a_key_that_does_not_work_any_more(x: XPeer, how: str) -> None:
    x.user("ada")
    address = at_x(begun(builders.workspace("live")))
    if how == "revoked":
        keys.revoke_key(api_key=ApiKey.objects.get(), now=timezone.now())
    elif how == "expired":
        ApiKey.objects.update(expires_at=timezone.now())
    else:
        ApiKey.objects.all().delete()
    assert ("No such sign-in" if how == "deleted" else "No longer possible") in come_back(address, 400)
    assert not Integration.objects.exists()


def test_it_takes_a_persons_state_from_that_person_alone(x: XPeer) -> None:
    x.user("ada")
    owner, other = (User.objects.create_user(name, is_staff=True) for name in ("owner", "other"))
    address = at_x(begun(builders.workspace("live"), user=owner))
    stranger, person = Client(), Client()
    stranger.force_login(other)
    person.force_login(owner)
    for client in (Client(), stranger):
        assert "Somebody else’s sign-in" in come_back(address, 400, client)
    assert not Integration.objects.exists()
    assert "Connected" in come_back(address, client=person)


@pytest.mark.parametrize(
    ("fault", "status", "says"),
    [
        ({"do": "drop"}, 502, "again"),
        ({"do": "answer", "status": 500}, 502, "X could not be asked"),
        ({"do": "answer", "status": 503}, 502, "X could not be asked"),
        ({"do": "answer", "status": 401, "body": {"error": "invalid_client"}}, 502, "X_CLIENT_SECRET"),
        ({"do": "answer", "status": 400, "body": {"error": "invalid_grant"}}, 400, "did not accept the sign-in"),
    ],
)
def test_it_says_what_x_said_and_to_begin_again(x: XPeer, fault: dict[str, Any], status: int, says: str) -> None:
    x.user("ada")
    address = at_x(begun(builders.workspace("live")))
    x.fault(TOKEN, **fault)
    said = come_back(address, status)
    assert says in said
    assert "go back to where you came from" in said
    assert not Integration.objects.exists()
    assert "Already used" in come_back(address, 400)


def test_it_says_that_the_code_has_died(x: XPeer) -> None:
    x.user("ada")
    address = at_x(begun(builders.workspace("live")))
    x.clock(ahead_s=31)
    assert "took too long" in come_back(address, 400)


def test_it_says_when_x_does_not_tell_who_that_was(x: XPeer) -> None:
    x.user("ada")
    address = at_x(begun(builders.workspace("live")))
    x.fault("GET /2/users/me", "answer", status=503)
    come_back(address, 502)
    assert not Integration.objects.exists()


def test_it_begins_nothing_without_an_app(settings: Settings) -> None:
    settings.X_CLIENT_ID = ""
    with pytest.raises(NotNow, match="X_CLIENT_ID"):
        begun(builders.workspace("live"))
    assert not SignIn.objects.exists()


@pytest.mark.parametrize("platform", ["bluesky", "mastodon", "nothing", "%00"])
def test_it_has_no_page_for_a_platform_without_such_a_sign_in(platform: str) -> None:
    assert Client().get(f"/integrations/{platform}/callback?state=a&code=b").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "head"])
def test_it_takes_the_browsers_get_alone(x: XPeer, method: str) -> None:
    x.user("ada")
    address = at_x(begun(builders.workspace("live")))
    assert getattr(Client(), method)(address).status_code == 405
    assert "Connected" in come_back(address)


# Nothing leaks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, {"do": "drop"}, {"do": "answer", "status": 400, "body": {"error": "e"}}])
def test_it_says_no_secret_in_page_or_log(
    x: XPeer, caplog: pytest.LogCaptureFixture, fault: dict[str, Any] | None
) -> None:
    caplog.set_level(logging.DEBUG)
    x.user("ada")
    begin = begun(builders.workspace("live"))
    address = at_x(begin)
    code = parse_qs(urlsplit(address).query)["code"][0]
    verifier = SignIn.objects.get().verifier
    if fault:
        x.fault(TOKEN, **fault)
    page = Client().get(address)
    account = Integration.objects.first()
    secrets = [code, begin.state, verifier, "openpost-secret", *(account.credentials.values() if account else [])]
    told = page.content.decode() + str(page.headers) + caplog.text
    assert [secret for secret in secrets if secret in told] == []


def test_it_shows_what_x_says_of_a_person_as_text_and_loads_nothing(x: XPeer) -> None:
    x.user("ada", "<script>alert(1)</script>")
    page = Client().get(at_x(begun(builders.workspace("live", name="<b>Acme</b>"))))
    html = page.content.decode()
    assert "<script" not in html
    assert "<b>" not in html
    assert not re.search(r"(?:src|href|url)\s*[=(]", html)
    assert "no-store" in page["Cache-Control"]
    assert '<meta name="referrer" content="no-referrer">' in html


# Rows ---------------------------------------------------------------------------------------------------------------


def test_it_forgets_sign_ins_that_are_long_over(x: XPeer) -> None:
    workspace = builders.workspace("live")
    begun(workspace)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=11)):
        begun(workspace)
    assert SignIn.objects.count() == 1


def test_the_database_refuses_a_sign_in_of_nobody_and_of_two(x: XPeer) -> None:
    begun(builders.workspace("live"))
    with pytest.raises(IntegrityError, match="begun_by_a_key_or_a_person"), transaction.atomic():
        SignIn.objects.update(api_key=None)
    with pytest.raises(IntegrityError, match="begun_by_a_key_or_a_person"), transaction.atomic():
        SignIn.objects.update(user=User.objects.create_user("somebody"))


@pytest.mark.django_db(transaction=True)
def test_of_many_that_come_back_at_once_one_connects(x: XPeer) -> None:
    x.user("ada")
    address = at_x(begun(builders.workspace("live")))

    def visit(_: int) -> int:
        try:
            return Client().get(address).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(visit, range(8)))
    assert answers == [200] + [400] * 7
    assert len([one for one in x.requests() if one["path"] == "/2/oauth2/token"]) == 1
    assert Integration.objects.count() == 1


def state_hash(address: str) -> str:
    return digest(parse_qs(urlsplit(address).query)["state"][0])
