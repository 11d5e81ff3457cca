"""/v1/webhooks and /v1/events."""

from django.conf import settings

from integrations.api.events import EventViewSet
from integrations.api.webhooks import (
    CHOICES,
    ReplayInput,
    RotateInput,
    WebhookChange,
    WebhookDeliveryViewSet,
    WebhookInput,
    WebhookViewSet,
)
from integrations.models import EventType, WebhookDeliveryStatus
from openpost.api.openapi import shapes
from openpost.api.openapi.calls import Answer, Body, Call, Parameter, Section
from openpost.api.openapi.manners import PAGING

EXAMPLE = {
    "id": "7d1e2f30-0000-4000-8000-000000000001",
    "url": "https://hooks.example.com/openpost",
    "description": "The dashboard",
    "events": ["post.published", "post.failed"],
    "enabled": True,
    "disabled_at": None,
    "disabled_reason": None,
    "failing_since": None,
    "last_delivered_at": None,
    "last_failed_at": None,
    "previous_secret_until": None,
    "created_at": "2026-04-01T09:00:00Z",
    "updated_at": "2026-04-01T09:00:00Z",
}
_WITH_SECRET = {"data": {**EXAMPLE, "secret": "whsec_c2hvd24gb25jZSwgYW5kIG5ldmVyIGFnYWlu"}}
EVENT = {
    "id": "2b3c4d5e-0000-4000-8000-000000000001",
    "event": "post.published",
    "data": {
        "post_id": "3a6f1e9e-4c2b-4a1d-9e3a-112233445566",
        "platform": "bluesky",
        "platform_post_url": "https://bsky.app/profile/alice.bsky.social/post/3kq2bmfe7gs2c",
    },
    "timestamp": "2026-05-01T14:00:01Z",
}
DELIVERY = {
    "id": "8e2f3041-0000-4000-8000-000000000001",
    "event_id": EVENT["id"],
    "event": EVENT["event"],
    "data": EVENT["data"],
    "status": "delivered",
    "attempts": 1,
    "next_attempt_at": None,
    "last_attempt_at": "2026-05-01T14:00:02Z",
    "took_ms": 84,
    "response_status": 200,
    "response_body": "",
    "error": None,
    "delivered_at": "2026-05-01T14:00:02Z",
    "created_at": "2026-05-01T14:00:01Z",
}
_WAITING = {**DELIVERY, "status": "pending", "attempts": 0, "next_attempt_at": "2026-05-01T14:00:01Z"} | dict.fromkeys(
    ("last_attempt_at", "took_ms", "response_status", "delivered_at")
)

_DATA = shapes.mapping(description="What happened, as docs/webhooks.md says of each event.")

PARTS = {
    "Webhook": shapes.obj(
        id=shapes.uuid(),
        url=shapes.address("Where events are sent to."),
        description=shapes.text("Yours."),
        events=shapes.array(shapes.choice(CHOICES), "What it is told; an empty list is all."),
        enabled=shapes.flag(),
        disabled_at=shapes.nullable(shapes.moment()),
        disabled_reason=shapes.nullable(shapes.text("A sentence for people.")),
        failing_since=shapes.nullable(shapes.moment("Since when nothing arrives.")),
        last_delivered_at=shapes.nullable(shapes.moment()),
        last_failed_at=shapes.nullable(shapes.moment()),
        previous_secret_until=shapes.nullable(
            shapes.moment("Until then what is sent is signed with the secret before this one, too.")
        ),
        created_at=shapes.moment(),
        updated_at=shapes.moment(),
    ),
    "NewWebhook": shapes.also(
        shapes.ref("Webhook"), secret=shapes.text("What events are signed with: the only time that it is shown.")
    ),
    "Delivery": shapes.obj(
        "One event on its way to one webhook, and what the last try found.",
        id=shapes.uuid(),
        event_id=shapes.uuid("As in the header `webhook-id`."),
        event=shapes.choice(EventType.values),
        data=_DATA,
        status=shapes.choice(WebhookDeliveryStatus.values),
        attempts=shapes.number(),
        next_attempt_at=shapes.nullable(shapes.moment()),
        last_attempt_at=shapes.nullable(shapes.moment()),
        took_ms=shapes.nullable(shapes.number()),
        response_status=shapes.nullable(shapes.number()),
        response_body=shapes.text("Its beginning."),
        error=shapes.nullable(shapes.obj(code=shapes.text(), message=shapes.text("A sentence for people."))),
        delivered_at=shapes.nullable(shapes.moment()),
        created_at=shapes.moment(),
    ),
    "Event": shapes.obj(
        "As a webhook's body, with the id that it has in the header `webhook-id`.",
        id=shapes.uuid(),
        event=shapes.choice(EventType.values),
        data=_DATA,
        timestamp=shapes.moment(),
    ),
}
PATH = {"webhook_id": shapes.uuid(), "delivery_id": shapes.uuid()}

_NOTES = {
    "url": "An `https` address on the public internet.",
    "events": "What it is told; without them, or with none, everything.",
    "description": "Yours.",
    "enabled": "Whether it is told anything. One that failed for three days is disabled by itself.",
    "overlap_seconds": "For how long what is sent is signed with the old secret, too.",
    "since": "Everything that happened since then.",
}
_SENT_AGAIN = Answer("It is on its way.", shapes.data(shapes.ref("Delivery")), {"data": _WAITING})
_ADDRESS = ["invalid_address", "address_not_public", "unreachable", "too_slow"]

WEBHOOKS = Section(
    "Webhooks",
    "Addresses of other programs that are told what happens. docs/webhooks.md shows what they get.",
    {
        WebhookViewSet: {
            "list": Call(
                name="listWebhooks",
                summary="List webhooks",
                query=PAGING,
                answers={
                    200: Answer(
                        "The webhooks, newest first.",
                        shapes.page(shapes.ref("Webhook")),
                        {"data": [EXAMPLE], "next_cursor": None},
                    )
                },
            ),
            "create": Call(
                name="createWebhook",
                summary="Create a webhook",
                body=Body(
                    WebhookInput,
                    notes=_NOTES,
                    examples={
                        "Two events": {
                            "url": "https://hooks.example.com/openpost",
                            "events": ["post.published", "post.failed"],
                            "description": "The dashboard",
                        }
                    },
                ),
                answers={
                    201: Answer(
                        "The webhook.",
                        shapes.data(shapes.ref("NewWebhook")),
                        _WITH_SECRET,
                        leads={"webhook_id": "/data/id"},
                    )
                },
                refusals={400: [*_ADDRESS, "invalid_event_type"], 409: ["too_many_webhooks"]},
            ),
            "retrieve": Call(
                name="getWebhook",
                summary="Get a webhook",
                answers={200: Answer("The webhook.", shapes.data(shapes.ref("Webhook")), {"data": EXAMPLE})},
            ),
            "partial_update": Call(
                name="updateWebhook",
                summary="Change a webhook",
                body=Body(WebhookChange, notes=_NOTES, examples={"Enable it again": {"enabled": True}}),
                answers={200: Answer("As it is now.", shapes.data(shapes.ref("Webhook")), {"data": EXAMPLE})},
                refusals={400: [*_ADDRESS, "invalid_event_type"]},
            ),
            "destroy": Call(
                name="deleteWebhook",
                summary="Delete a webhook",
                answers={204: Answer("It is gone, with its log.")},
            ),
            "rotate_secret": Call(
                name="rotateWebhookSecret",
                summary="Give a webhook another secret",
                body=Body(RotateInput, notes=_NOTES, examples={"An hour": {"overlap_seconds": 3600}}),
                answers={201: Answer("The webhook.", shapes.data(shapes.ref("NewWebhook")), _WITH_SECRET)},
                refusals={409: ["too_many_secrets"]},
            ),
            "test": Call(
                name="testWebhook",
                summary="Send a test event",
                answers={202: _SENT_AGAIN},
                refusals={409: ["webhook_disabled"]},
            ),
            "replay": Call(
                name="replayWebhook",
                summary="Send events again",
                description="All that happened since a time.",
                body=Body(ReplayInput, notes=_NOTES, examples={"Since": {"since": "2026-05-01T00:00:00Z"}}),
                answers={
                    202: Answer(
                        "How many are on their way.",
                        shapes.data(shapes.obj(replayed=shapes.number())),
                        {"data": {"replayed": 12}},
                    )
                },
                refusals={409: ["webhook_disabled"]},
            ),
        },
        WebhookDeliveryViewSet: {
            "list": Call(
                name="listDeliveries",
                summary="List what a webhook was sent",
                query=(
                    Parameter("status", shapes.choice(WebhookDeliveryStatus.values), "Deliveries of this status."),
                    *PAGING,
                ),
                answers={
                    200: Answer(
                        "The deliveries, newest first.",
                        shapes.page(shapes.ref("Delivery")),
                        {"data": [DELIVERY], "next_cursor": None},
                    )
                },
                refusals={400: ["invalid_status"]},
            ),
            "replay": Call(
                name="replayDelivery",
                summary="Send one event again",
                answers={202: _SENT_AGAIN},
                refusals={409: ["webhook_disabled"]},
            ),
        },
    },
)

EVENTS = Section(
    "Events",
    "All that webhooks tell, for those who cannot be called.",
    {
        EventViewSet: {
            "list": Call(
                name="listEvents",
                summary="Read the feed of events",
                description="Oldest first. `next_cursor` is always there: at the end of the feed it waits for what "
                f"comes. Events are kept for {settings.EVENTS_KEPT_DAYS} days.",
                query=(
                    Parameter("type", shapes.text(), f"Some of {', '.join(EventType.values)}, separated by commas."),
                    *PAGING,
                ),
                answers={
                    200: Answer(
                        "The events.",
                        shapes.obj(
                            data=shapes.array(shapes.ref("Event")),
                            has_more=shapes.flag("Whether there are more by now."),
                            next_cursor=shapes.text("Read on from here, now or later."),
                        ),
                        {"data": [EVENT], "has_more": False, "next_cursor": "WzEyLDE3Nzc2NDQwMDFd.c2lnbmVk"},
                    )
                },
                refusals={400: ["invalid_event_type", "cursor_expired"]},
            )
        }
    },
)
