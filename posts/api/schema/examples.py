"""What stands in the description as examples: first of all those of the API's reference, as they stand there."""

from typing import Any

CREATE: dict[str, Any] = {
    "content": "Big launch today",
    "platforms": ["twitter", "bluesky"],
    "schedule_at": "2026-05-01T14:00:00Z",
    "tags": ["launch"],
}

PER_PLATFORM: dict[str, Any] = {
    "content": "Big launch today",
    "platforms": ["twitter", "bluesky"],
    "platform_overrides": {"bluesky": "Big launch today on Bluesky too!"},
    "platform_settings": {"twitter": {"who_can_reply": "following"}},
}

THREAD: dict[str, Any] = {
    "content": "One",
    "thread": [{"content": "Two"}, {"content": "Three"}],
    "platforms": ["twitter", "bluesky"],
}


def _target(number: int, platform: str) -> dict[str, Any]:
    return {
        "id": f"6a1c2d3e-0000-4000-8000-00000000000{number}",
        "status": "pending",
        "platform_post_url": None,
        "thread_urls": [],
        "published_at": None,
        "error": None,
        "integrations": {
            "platform": platform,
            "id": f"9b2d3e4f-0000-4000-8000-00000000000{number}",
            "username": "alice.bsky.social" if platform == "bluesky" else "alice",
        },
    }


#: The Post object of the reference, and what we add to it.
POST: dict[str, Any] = {
    "id": "3a6f1e9e-4c2b-4a1d-9e3a-112233445566",
    "status": "scheduled",
    "content": "Hello world",
    "media": [],
    "thread": [],
    "split": False,
    "scheduled_at": "2026-05-01T14:00:00Z",
    "published_at": None,
    "tags": ["launch"],
    "post_targets": [_target(1, "twitter"), _target(2, "bluesky")],
    "created_at": "2026-04-16T10:22:14Z",
    "updated_at": "2026-04-16T10:22:14Z",
    "group_id": None,
    "platform_overrides": {},
    "platform_settings": {},
    "warnings": [],
}

DUE = {**POST, "scheduled_at": "2026-04-16T10:25:00Z", "updated_at": "2026-04-16T10:25:00Z"}

COPY = {**POST, "id": "4b7f2fae-4c2b-4a1d-9e3a-112233445566", "status": "draft", "scheduled_at": None}

GROUP = [{**POST, "group_id": "c0ffee00-0000-4000-8000-000000000001"}]


def _part(text: str, limit: int, unit: str) -> dict[str, Any]:
    length = {"count": len(text), "limit": limit, "unit": unit}
    return {"content": text, **length, "counts": [length], "facets": [], "media": []}


def _found(number: int, platform: str, part: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "integrations": _target(number, platform)["integrations"],
        "settings": settings,
        **{name: part[name] for name in ("content", "count", "limit", "unit", "counts")},
        "parts": [part],
        "problems": [],
        "warnings": [],
    }


VALIDATED: dict[str, Any] = {
    "data": {
        "valid": True,
        "problems": [],
        "ignored": [],
        "targets": [
            _found(
                1,
                "twitter",
                _part("Big launch today", 280, "weighted characters"),
                {"who_can_reply": "following"},
            ),
            _found(2, "bluesky", _part("Big launch today on Bluesky too!", 300, "graphemes"), {}),
        ],
    }
}
