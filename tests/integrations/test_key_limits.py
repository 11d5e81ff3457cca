"""What a key is called, how many there are, and what a key that writes may not read by a detour."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from integrations import keys, sign_in
from integrations.platforms import registry
from openpost.api.errors import ApiError
from tests import builders
from tests.peers.x.process import XPeer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("char", ["\n", "\x1b", "\r", "\x7f", "\u2028"], ids=ascii)
def test_a_name_has_no_control_characters(char: str) -> None:
    workspace = builders.workspace()
    client = builders.client(workspace, "admin")
    row, _ = keys.create_key(workspace=workspace, name="Website")

    for answer in (
        client.post("/v1/keys", {"name": f"a{char}b"}),
        client.patch(f"/v1/keys/{row.id}", {"name": f"a{char}b"}),
    ):
        assert (builders.error(answer)["code"], builders.error(answer)["field"]) == ("invalid_value", "/name")


def test_a_workspace_has_so_many_keys_that_are_good_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST", 2)
    workspace = builders.workspace()
    client = builders.client(workspace, "admin")
    second = client.post("/v1/keys", {"name": "Second"})
    assert second.status_code == 201

    assert builders.error(client.post("/v1/keys", {"name": "Third"}), 409)["code"] == "too_many_keys"
    client.delete(f"/v1/keys/{second.json()['data']['id']}")
    assert client.post("/v1/keys", {"name": "Third"}).status_code == 201


def test_the_shell_asks_for_room_as_the_api_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST", 1)
    builders.workspace(name="Acme")
    call_command("create_key", "Acme")

    with pytest.raises(CommandError, match="at most 1 keys"):
        call_command("create_key", "Acme")


def test_a_rotation_needs_room_while_both_keys_are_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else who rotates on and on has as many good keys as they like."""
    monkeypatch.setattr(keys, "MOST", 1)
    workspace = builders.workspace()
    client = builders.client(workspace, "admin")
    rotate = f"/v1/keys/{workspace.api_keys.get().id}/rotate"

    assert builders.error(client.post(rotate, {"overlap_seconds": 60}), 409)["code"] == "too_many_keys"
    assert workspace.api_keys.get().rotated_at is None
    assert client.post(rotate, {"overlap_seconds": 0}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_not_taken_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST", 1)
    workspace, both = builders.workspace(), Barrier(2)
    refused: list[str] = []

    def make(name: str) -> None:
        try:
            with transaction.atomic():
                both.wait(timeout=30)
                keys.create_key(workspace=workspace, name=name)
        except ApiError as error:
            refused.append(error.faults[0].code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as makers:
        list(makers.map(make, ["One", "Two"]))
    assert (workspace.api_keys.count(), refused) == (1, ["too_many_keys"])


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_whoever_changes_a_webhook_may_read(method: str) -> None:
    client = builders.client(builders.workspace(), "write")

    said = builders.error(getattr(client, method)("/v1/webhooks" + ("" if method == "post" else "/1"), {}), 403)

    assert (said["code"], said["required_scope"]) == ("insufficient_scope", "read")


def test_a_sign_in_ends_with_the_scope_of_the_key_that_began_it(x: XPeer) -> None:
    key, _ = keys.create_key(workspace=builders.workspace("live"), name="Website")
    rules = registry.PLATFORMS["twitter"]
    begun = sign_in.begin(workspace=key.workspace, rules=rules, now=timezone.now(), api_key=key)

    keys.change_key(api_key=key, scopes=["read"])

    with pytest.raises(sign_in.Over, match="does not work any more"):
        sign_in.end(rules=rules, state=begun.state, user=None, now=timezone.now())
