"""/v1/events: all that webhooks tell, for those who cannot be called: read on from where you stopped.

A cursor is a place in the feed. Places are given after the commit and in order (webhooks/fan_out.py), so whoever reads
on from one misses nothing, however long a transaction took.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.authentication import caller
from integrations.models import EventType, OutboxEvent
from openpost.api.errors import refuse
from openpost.api.pages import PAGING, limit_of
from openpost.api.times import moment
from openpost.api.viewsets import ApiViewSet

_SIGNER = Signer(salt="openpost.events", sep=".")


@dataclass(frozen=True, slots=True)
class Place:
    """All up to `position` has been seen, and was all there was at `at`."""

    position: int
    at: datetime


class EventViewSet(ApiViewSet):
    parameters = {"list": ("type", *PAGING)}

    def list(self, request: Request) -> Response:
        """Oldest first. `next_cursor` is always there: at the end of the feed it waits for what comes."""
        now, limit = timezone.now(), limit_of(request)
        place = _place(request, now=now)
        rows = list(_events(request).filter(position__gt=place.position).order_by("position")[: limit + 1])
        shown, more = rows[:limit], len(rows) > limit
        last = shown[-1].position if shown else place.position
        cursor = [last, (shown[-1].happened_at if more else now).timestamp()]
        return Response(
            {
                "data": [render_event(event) for event in shown],
                "has_more": more,
                "next_cursor": _SIGNER.sign_object(cursor),
            }
        )


def render_event(event: OutboxEvent) -> dict[str, Any]:
    """As a webhook's body, with the id that it has in the header `webhook-id`."""
    return {
        "id": event.public_id,
        "event": event.type,
        "data": event.data,
        "timestamp": moment(event.happened_at),
    }


def _events(request: Request) -> "QuerySet[OutboxEvent]":
    events = OutboxEvent.objects.filter(workspace=caller(request).workspace)
    if "type" not in request.query_params:
        return events
    types = request.query_params["type"].split(",")
    if not set(types) <= set(EventType.values):
        known = ", ".join(EventType.values)
        raise refuse("invalid_event_type", f"type must be one or more of {known}, separated by commas.", field="type")
    return events.filter(type__in=types)


def _place(request: Request, *, now: datetime) -> Place:
    if "cursor" not in request.query_params:
        return Place(0, now)
    try:
        position, at = _SIGNER.unsign_object(request.query_params["cursor"])
    except (BadSignature, ValueError) as error:
        raise refuse(
            "invalid_cursor", "cursor must be the next_cursor of an answer of this feed, unchanged.", field="cursor"
        ) from error
    place = Place(position, datetime.fromtimestamp(at, UTC))
    if place.at < now - timedelta(days=settings.EVENTS_KEPT_DAYS):
        raise refuse(
            "cursor_expired",
            f"Events are kept for {settings.EVENTS_KEPT_DAYS} days, and this cursor is older: events behind it may be "
            "gone. Begin without a cursor, and read what you may have missed from the posts themselves.",
            field="cursor",
        )
    return place
