"""Is this post what became of that body? Its text, its media, what it answers and what it quotes say so. Pure.

https://docs.x.com/x-api/fundamentals/data-dictionary
"""

from collections.abc import Mapping
from typing import Any

from .texts import is_same


def is_what_was_sent(post: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether `post`, as `GET /2/users/:id/tweets` gives it, came of `POST /2/tweets` with `body`."""
    answers, quotes = body.get("reply", {}).get("in_reply_to_tweet_id"), body.get("quote_tweet_id")
    return (
        _referenced(post, "replied_to") == answers
        # A post whose text links to another quotes it, though nobody asked for that.
        and (quotes is None or _referenced(post, "quoted") == quotes)
        and ("poll" in body or not _attachments(post).get("poll_ids"))
        and _media_of(post) == set(body.get("media", {}).get("media_ids", ()))
        and is_same(post, body.get("text", ""), quotes=quotes, answers=answers is not None)
    )


def _referenced(post: Mapping[str, Any], how: str) -> str | None:
    # X's description of its API calls the answer's field by the second name, and the request's by the first.
    for reference in post.get("referenced_tweets") or post.get("referenced_posts") or ():
        if reference.get("type") == how:
            return str(reference.get("id"))
    return None


def _media_of(post: Mapping[str, Any]) -> set[str]:
    """The upload's ids: a media key is a number for its kind, `_`, and the id."""
    links = (post.get("entities") or {}).get("urls") or ()
    linked = [link["media_key"] for link in links if "media_key" in link]
    keys = [*(_attachments(post).get("media_keys") or ()), *linked]
    return {str(key).rpartition("_")[2] for key in keys}


def _attachments(post: Mapping[str, Any]) -> Mapping[str, Any]:
    return post.get("attachments") or {}
