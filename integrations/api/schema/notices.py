"""What webhooks are sent: one body for each event."""

from typing import Any

from integrations.models import EventType
from integrations.platforms import registry
from integrations.webhooks import signing
from openpost.api.openapi import shapes
from openpost.api.openapi.calls import Notice
from openpost.api.openapi.shapes import Shape

_POST, _URL = "3a6f1e9e-4c2b-4a1d-9e3a-112233445566", "https://bsky.app/profile/alice.bsky.social/post/3kq2bmfe7gs2c"
_ACCOUNT = {
    "platform": "bluesky",
    "target_id": "6a1c2d3e-0000-4000-8000-000000000002",
    "integration_id": "9b2d3e4f-0000-4000-8000-000000000002",
}
_WHY = {"error": "Bluesky cannot be reached, or broke off its answer.", "code": "unreachable"}

_account: dict[str, Shape] = {
    "platform": shapes.choice(registry.NAMES),
    "target_id": shapes.uuid(),
    "integration_id": shapes.uuid(),
}
_why: dict[str, Shape] = {
    "error": shapes.text("A sentence for people."),
    "code": shapes.text("As in docs/errors.md."),
}
_parts = shapes.array(shapes.address(), "Where each part that is live is, in order.")
_target = shapes.obj(
    **_account,
    status=shapes.text(enum=["published", "failed"]),
    platform_post_url=shapes.nullable(shapes.address()),
    error=shapes.nullable(shapes.text("A sentence for people.")),
)


def _of_post(**fields: Shape) -> Shape:
    return shapes.obj(post_id=shapes.uuid(), **_account, **fields)


#: Of each event: when it is told, what its `data` holds, and an example of that.
_TOLD: dict[str, tuple[str, Shape, dict[str, Any]]] = {
    EventType.POST_PUBLISHED: (
        "A post went live on one account: a post for three accounts sends three.",
        _of_post(platform_post_url=shapes.address("Where it is live."), thread_urls=_parts),
        {"post_id": _POST, **_ACCOUNT, "platform_post_url": _URL, "thread_urls": [_URL]},
    ),
    EventType.POST_FAILED: (
        "It will not go out there unless somebody does something.",
        _of_post(**_why, retryable=shapes.flag("Whether the same thing may yet go out."), thread_urls=_parts),
        {"post_id": _POST, **_ACCOUNT, **_WHY, "retryable": True, "thread_urls": []},
    ),
    EventType.POST_DELAYED: (
        "It could not go out there now, and is tried again by itself.",
        _of_post(**_why, next_attempt_at=shapes.moment()),
        {"post_id": _POST, **_ACCOUNT, **_WHY, "next_attempt_at": "2026-05-01T14:05:00Z"},
    ),
    EventType.POST_UNCONFIRMED: (
        "It was sent, and the platform, which did not say whether it took it, is being asked.",
        _of_post(**_why),
        {
            "post_id": _POST,
            **_ACCOUNT,
            "error": "The answer was lost. Bluesky is being asked whether it is live.",
            "code": "answer_lost",
        },
    ),
    EventType.POST_COMPLETED: (
        "Nothing of the post is left to do.",
        shapes.obj(
            post_id=shapes.uuid(),
            status=shapes.text("`failed` when something failed.", enum=["published", "failed"]),
            targets=shapes.array(_target),
        ),
        {
            "post_id": _POST,
            "status": "published",
            "targets": [{**_ACCOUNT, "status": "published", "platform_post_url": _URL, "error": None}],
        },
    ),
    EventType.INTEGRATION_CONNECTED: (
        "An account was connected, or connected again.",
        shapes.obj(integration_id=shapes.uuid(), platform=_account["platform"], username=shapes.text()),
        {"integration_id": _ACCOUNT["integration_id"], "platform": "bluesky", "username": "alice.bsky.social"},
    ),
    EventType.INTEGRATION_DISCONNECTED: (
        "We may not speak for an account any more.",
        shapes.obj(
            integration_id=shapes.uuid(),
            platform=_account["platform"],
            reason=shapes.text("A sentence for people."),
        ),
        {
            "integration_id": _ACCOUNT["integration_id"],
            "platform": "bluesky",
            "reason": "Bluesky no longer accepts the app password.",
        },
    ),
    EventType.WEBHOOK_DISABLED: (
        "One of your webhooks gets nothing any more; the others hear of it.",
        shapes.obj(webhook_id=shapes.uuid(), url=shapes.address(), reason=shapes.text("A sentence for people.")),
        {
            "webhook_id": "7d1e2f30-0000-4000-8000-000000000001",
            "url": "https://hooks.example.com/openpost",
            "reason": "It answered 410 Gone, which says that it wants nothing any more.",
        },
    ),
    EventType.WEBHOOK_TEST: (
        "You asked for a test; it goes to that webhook only.",
        shapes.obj(webhook_id=shapes.uuid()),
        {"webhook_id": "7d1e2f30-0000-4000-8000-000000000001"},
    ),
}

_HEADERS = {
    "X-OpenPost-Signature": "Lowercase hex of HMAC-SHA256 of the raw body; the key is the secret as it is written, "
    f"`{signing.PREFIX}` included.",
    "webhook-id": "The event's id: the same at every try. What you have seen before, answer with 200 and drop.",
    "webhook-timestamp": "When this try was made, seconds since 1970.",
    "webhook-signature": "By Standard Webhooks: `v1,<base64>`, one for each secret that is good, with spaces between.",
}

NOTICES = {
    name: Notice(
        text=text,
        headers=_HEADERS,
        shape=shapes.obj(event=shapes.choice([name]), data=data, timestamp=shapes.moment("When it happened.")),
        example={"event": str(name), "data": example, "timestamp": "2026-05-01T14:00:01Z"},
    )
    for name, (text, data, example) in _TOLD.items()
}
