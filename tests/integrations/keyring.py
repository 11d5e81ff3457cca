"""What the tests of /v1/keys share."""

from typing import Any

from integrations.models import Workspace
from tests import builders
from tests.builders import ApiClient

#: What an answer says of a key, and nothing else but, once, the key itself.
FIELDS = {
    "id", "name", "hint", "scopes", "status", "created_at", "last_used_at", "expires_at", "rotated_at", "revoked_at",
}  # fmt: skip


def admin(workspace: Workspace) -> ApiClient:
    """A program that may do anything in its workspace."""
    return builders.client(workspace, "read", "write", "admin")


def made(client: ApiClient, **body: Any) -> dict[str, Any]:
    """A new key: what the API says of it, `key` included."""
    answer = client.post("/v1/keys", {"name": "Website", **body})
    assert answer.status_code == 201, answer.content
    data: dict[str, Any] = answer.json()["data"]
    return data


def holder(key: str) -> ApiClient:
    return ApiClient(headers={"Authorization": f"Bearer {key}"})


def works(key: str) -> bool:
    """Whether a key that reads opens anything."""
    return holder(key).get("/v1/posts").status_code == 200
