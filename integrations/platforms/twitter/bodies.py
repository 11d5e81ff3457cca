"""The body of `POST /2/tweets` for one part of a thread. Pure.

https://docs.x.com/x-api/posts/create-post
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..base import Draft
from ..client import Published
from .settings import post_id_in


def body_of(draft: Draft, *, media_ids: Sequence[str], first: bool) -> dict[str, Any]:
    """The body, save what a later part answers: that is known when it is sent (`answering`)."""
    body: dict[str, Any] = {}
    if draft.text or not media_ids:
        body["text"] = draft.text
    if media_ids:
        body["media"] = {"media_ids": list(media_ids)}
    if draft.settings.get("made_with_ai"):
        body["made_with_ai"] = True
    return body | _of_the_first(draft.settings) if first else body


def _of_the_first(settings: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    who_can_reply = settings.get("who_can_reply", "everyone")
    if who_can_reply != "everyone":  # for everyone the field is left out
        body["reply_settings"] = who_can_reply
    if poll := settings.get("poll"):
        body["poll"] = {"options": list(poll["options"]), "duration_minutes": poll["duration_minutes"]}
    if quote := settings.get("quote"):
        body["quote_tweet_id"] = post_id_in(quote)
    if reply_to := settings.get("reply_to"):
        body["reply"] = {"in_reply_to_tweet_id": post_id_in(reply_to)}
    return body


def answering(body: Mapping[str, Any], after: Published | None) -> dict[str, Any]:
    """The whole body: a part that comes after another answers it."""
    return {**body, "reply": {"in_reply_to_tweet_id": after.remote_id}} if after else dict(body)
