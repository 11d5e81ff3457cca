"""The reference's own example bodies, sent as they stand, and with their dates moved to where "now" is."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests import builders

pytestmark = pytest.mark.django_db

CREATE = """{
    "content": "Big launch today",
    "platforms": ["twitter", "bluesky"],
    "schedule_at": "2026-05-01T14:00:00Z",
    "tags": ["launch"]
  }"""

PER_PLATFORM = """{
  "content": "Big launch today",
  "platforms": ["twitter", "bluesky"],
  "platform_overrides": {
    "bluesky": "Big launch today on Bluesky too!"
  },
  "platform_settings": {
    "twitter": { "who_can_reply": "following" }
  }
}"""

#: The Post object, field by field.
SHAPE: dict[str, type | tuple[type, ...]] = {
    "id": str, "status": str, "content": str, "scheduled_at": (str, type(None)), "published_at": (str, type(None)),
    "tags": list, "post_targets": list, "created_at": str,
}  # fmt: skip


def send(body: str) -> Any:
    return builders.client(builders.workspace()).post("/v1/posts", json.loads(body))


def test_it_schedules_the_example_of_create() -> None:
    at = builders.iso(builders.soon(days=15))

    answer = send(re.sub(r"2026-05-01T14:00:00Z", at, CREATE))

    assert answer.status_code == 201
    assert set(answer.json()) == {"data"}
    made = answer.json()["data"]
    assert {name: made[name] for name in ("status", "content", "scheduled_at", "published_at", "tags")} == {
        "status": "scheduled",
        "content": "Big launch today",
        "scheduled_at": at,
        "published_at": None,
        "tags": ["launch"],
    }
    assert [one["integrations"]["platform"] for one in made["post_targets"]] == ["twitter", "bluesky"]
    for one in made["post_targets"]:
        assert (one["status"], one["platform_post_url"]) == ("pending", None)
    for name, kind in SHAPE.items():
        assert isinstance(made[name], kind), name


@pytest.mark.skipif(datetime.now(UTC) < datetime(2026, 5, 2, tzinfo=UTC), reason="the example's date is still ahead")
def test_it_refuses_the_example_as_it_stands_once_its_date_has_passed() -> None:
    body = builders.error(send(CREATE))

    assert (body["code"], body["field"]) == ("time_in_past", "/schedule_at")
    assert "2026-05-01T14:00:00" in body["error"]


def test_it_takes_the_example_of_per_platform_fields_as_it_stands() -> None:
    answer = send(PER_PLATFORM)

    assert answer.status_code == 201
    made = answer.json()["data"]
    assert made["status"] == "draft"
    assert made["platform_overrides"] == {"bluesky": "Big launch today on Bluesky too!"}
    assert made["platform_settings"] == {"twitter": {"who_can_reply": "following"}}
    assert made["warnings"] == []


def test_it_publishes_with_the_example_of_publish() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)

    # curl -X POST sends no body and no content type.
    answer = builders.client(workspace).generic("POST", f"/v1/posts/{post.id}/publish", content_type="")

    assert answer.status_code == 202
    assert answer.json()["data"]["id"] == str(post.id)
