"""Rows are written as Django's ORM would write them."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.models import EventType, OutboxEvent
from openpost import rows
from posts.models import PostTarget
from tests import builders

pytestmark = pytest.mark.django_db


def test_it_adds_a_row_and_gives_its_key() -> None:
    room, now, data = builders.workspace(), timezone.now(), {"text": 'it\'s 100 % "here" ✓', "list": [1, None]}
    key = rows.insert(
        OutboxEvent,
        public_id=uuid.uuid4(),
        workspace_id=room.id,
        type=EventType.WEBHOOK_TEST,
        data=data,
        subject=None,
        happened_at=now,
    )
    event = OutboxEvent.objects.get(pk=key)
    assert (event.workspace, event.data, event.subject, event.happened_at) == (room, data, None, now)


def test_it_writes_the_rows_that_are_as_they_were_thought_to_be_and_no_others() -> None:
    room = builders.workspace()
    target, other = builders.due(room), builders.due(room, content="Another")
    urls = ["https://example.com/1", "https://example.com/2"]

    assert rows.update(PostTarget, {"id": target.id, "attempts": 1}, error_code="no") == 0
    assert rows.update(PostTarget, {"id": target.id, "attempts": 0}, error_code="so", live_parts=[]) == 1
    assert PostTarget.objects.get(id=target.id).error_code == "so"
    assert PostTarget.objects.get(id=other.id).error_code == ""
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(PostTarget, {"id": target.id}, live_parts=urls)  # PostgreSQL's constraints hold here, too


def test_it_knows_no_column_that_the_model_has_not() -> None:
    with pytest.raises(KeyError):
        rows.update(PostTarget, {"id": uuid.uuid4()}, integration=1)
