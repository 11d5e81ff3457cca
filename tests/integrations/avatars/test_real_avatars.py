"""The picture of a person on a real Bluesky server, which no other service knows of."""

from typing import Any

import pytest

from integrations.avatars import kept, looking
from integrations.models import Integration
from integrations.platforms.bluesky.profile import picture as address_of
from openpost import clock
from tests import builders
from tests.integrations.platforms.bluesky.people import connected
from tests.peers.pds import Pds, PdsAccount

from .pictures import colour, picture

pytestmark = [pytest.mark.peer, pytest.mark.django_db]


@pytest.fixture
def person(pds: Pds) -> PdsAccount:
    return pds.create_account("ann")


def choose(pds: Pds, person: PdsAccount, profile: dict[str, Any]) -> None:
    """This will write the profile as the person's own app does."""
    body = {"repo": person.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": profile}
    pds.call("com.atproto.repo.putRecord", body, token=person.access_jwt)


def with_picture(pds: Pds, person: PdsAccount, data: bytes) -> None:
    blob = pds.upload(person, data, "image/png")
    choose(pds, person, {"$type": "app.bsky.actor.profile", "displayName": "Ann", "avatar": blob})


def look(pds: Pds, person: PdsAccount) -> Integration:
    account = connected(pds, person)
    row = builders.integration(
        builders.workspace("live"),
        "bluesky",
        remote_id=person.did,
        username=person.handle,
        credentials=dict(account.credentials),
    )
    looking.look(integration_id=row.id)
    row.refresh_from_db()
    return row


def test_it_keeps_the_picture_of_a_profile(pds: Pds, person: PdsAccount) -> None:
    with_picture(pds, person, picture("red", (400, 300)))
    red, green, blue = colour(kept.read(look(pds, person).avatar))
    assert red > 240 > 10 > max(green, blue)


def test_somebody_without_a_profile_has_no_picture(pds: Pds, person: PdsAccount) -> None:
    assert address_of(connected(pds, person), now=clock.now()) == ""
    assert look(pds, person).avatar == ""


def test_a_profile_without_a_picture_has_none(pds: Pds, person: PdsAccount) -> None:
    choose(pds, person, {"$type": "app.bsky.actor.profile", "displayName": "Ann"})
    assert look(pds, person).avatar == ""


def test_no_token_is_sent_for_it(pds: Pds, person: PdsAccount) -> None:
    with_picture(pds, person, picture("red"))
    account = connected(pds, person)
    pds.revoke_app_password(person)
    assert address_of(account, now=clock.now()).startswith(f"{pds.base_url}/xrpc/com.atproto.sync.getBlob?did=did")
