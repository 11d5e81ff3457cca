"""GET /v1/me: what the key at hand is."""

import pytest

from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scope", ["read", "write", "admin"])
def test_it_says_whose_key_this_is_and_what_it_may_do(scope: str) -> None:
    workspace = builders.workspace(name="Newsroom")
    ends = builders.soon(days=1)
    key = builders.api_key(workspace, scopes=[scope], expires_at=ends)

    answer = builders.ApiClient(headers={"Authorization": f"Bearer {key}"}).get("/v1/me")

    said = answer.json()["data"]
    assert said["workspace"] == {"id": str(workspace.id), "name": "Newsroom", "mode": "sandbox"}
    assert (said["key"]["name"], said["key"]["scopes"], said["key"]["status"]) == ("Tests", [scope], "active")
    assert said["key"]["expires_at"] == builders.iso(ends)
    assert key not in answer.content.decode()


def test_it_takes_a_key() -> None:
    builders.error(builders.ApiClient().get("/v1/me"), 401)
