"""What a key is called, how many there are, and what a key that writes may not read by a detour."""

import pytest
from django.utils import timezone

from integrations import keys, sign_in
from integrations.platforms import registry
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
