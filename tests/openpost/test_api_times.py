"""Times at the edges of the calendar are refused, and nothing falls over them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from integrations import keys
from integrations.models import ApiKey
from tests import builders

pytestmark = pytest.mark.django_db

EDGES = ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "3000-01-01T00:00:00Z"]


@pytest.mark.parametrize("at", EDGES)
@pytest.mark.parametrize("name", ["from", "to"])
def test_a_list_is_not_narrowed_to_them(name: str, at: str) -> None:
    said = builders.error(builders.client(builders.workspace()).get("/v1/posts", {name: at}))

    assert (said["code"], said["field"]) == ("invalid_value", name)
    assert "1900 to 2999" in said["error"]


@pytest.mark.parametrize("at", EDGES)
@pytest.mark.parametrize("path", ["/v1/posts", "/v1/posts/validate"])
def test_nothing_is_meant_for_them(path: str, at: str) -> None:
    body = {"content": "Hello", "platforms": ["twitter"], "schedule_at": at}

    assert builders.error(builders.client(builders.workspace()).post(path, body))["field"] == "/schedule_at"


def test_the_last_moment_that_is_taken_is_far_away() -> None:
    client = builders.client(builders.workspace())

    assert client.get("/v1/posts", {"from": "1900-01-01T00:00:00Z", "to": "2999-12-31T23:59:59Z"}).status_code == 200


def test_a_key_of_the_last_day_can_be_rotated() -> None:
    """By admin, or before there was a bound, it may have been made with any date."""
    row, _ = keys.create_key(workspace=builders.workspace(), name="Old", expires_at=datetime(9999, 12, 31, tzinfo=UTC))

    new, _ = keys.rotate_key(api_key=row, overlap=timedelta(0), now=timezone.now())

    assert ApiKey.objects.get(id=new.id).expires_at is not None
