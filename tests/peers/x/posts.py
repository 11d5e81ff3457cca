"""Posting and reading: `POST /2/tweets`, `GET /2/users/:id/tweets`, `GET /2/users/me`."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from integrations.platforms.twitter.weight import weight

from . import limits
from .messages import PROBLEMS, Answer, Request, forbidden, invalid, plain
from .parameters import bounds, listed, number, only
from .schema import ID, check_create
from .texts import composed, store
from .world import Family, Post, World

CASHTAG = re.compile(r"(?<!\S)\$[A-Za-z]{1,6}\b")

TIMELINE_PARAMETERS = (
    "id",
    "since_id",
    "until_id",
    "max_results",
    "pagination_token",
    "exclude",
    "start_time",
    "end_time",
    "tweet.fields",
    "expansions",
    "media.fields",
    "poll.fields",
    "user.fields",
    "place.fields",
)
TWEET_FIELDS = ("author_id", "created_at", "edit_history_tweet_ids", "entities", "id", "note_tweet", "text")
USER_FIELDS = ("created_at", "id", "name", "username", "verified")


def create(world: World, request: Request) -> Answer:
    family = speaker(world, request, "tweet.read", "tweet.write", "users.read")
    headers = limits.count(world, "POST /2/tweets", family.user_id)
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise invalid("Requests with bodies must have content-type of application/json.")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise invalid("The body is not JSON") from None
    check_create(body)
    check_sense(world, body, family.user_id)
    post = add(world, family.user_id, body, at_ms=int(world.now() * 1000), by="api")
    answer = {"id": post.id, "text": post.text, "edit_history_tweet_ids": [post.id]}
    return Answer(201, {"data": answer}, headers)


def check_sense(world: World, body: dict[str, Any], user_id: str) -> None:
    """What the specification cannot say, and X refuses."""
    text = composed(body.get("text", ""))
    if not text and not body.keys() & {"media", "poll", "quote_tweet_id", "card_uri"}:
        raise invalid("At least one of text, media, poll, quote or card is required")
    if weight(text) > 280:
        raise forbidden(
            "Your Tweet text is too long. For more information on how Twitter determines text length see "
            "https://github.com/twitter/twitter-text."
        )
    if len(CASHTAG.findall(text)) > 1:
        raise forbidden("You may only include one cashtag per post.")
    if "media" in body:
        raise invalid("Your media IDs are invalid.")  # nothing can be uploaded here yet
    if "quote_tweet_id" in body:
        raise forbidden("Quoting this post is not allowed because you have not been mentioned.")
    replied = body.get("reply", {}).get("in_reply_to_tweet_id")
    if replied:
        check_reply(world, replied, user_id)
    check_new(world, text, replied, user_id)


def check_reply(world: World, replied: str, user_id: str) -> None:
    original = world.posts.get(replied)
    username = world.users[user_id].username
    if original is None:
        raise forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
    if original.user_id != user_id and f"@{username}" not in original.written:
        raise forbidden("You can only reply to or quote posts where you are mentioned or are the author.")


def check_new(world: World, text: str, replied: str | None, user_id: str) -> None:
    since = (world.now() - world.settings.duplicate_window_s) * 1000
    for post in world.posts.values():
        same = (post.user_id, post.written, post.in_reply_to) == (user_id, text, replied)
        if same and text and post.at >= since:
            raise forbidden("You are not allowed to create a Tweet with duplicate content.")


def add(world: World, user_id: str, body: dict[str, Any], *, at_ms: int, by: str) -> Post:
    stored = store(body.get("text", ""))
    post = Post(world.new_id(at_ms), user_id, at_ms, stored.written, stored.text, stored.entities, body, by)
    world.posts[post.id] = post
    return post


def timeline(world: World, request: Request, user_id: str) -> Answer:
    family = speaker(world, request, "tweet.read", "users.read")
    headers = limits.count(world, "GET /2/users/:id/tweets", family.user_id)
    query = request.query
    only(query, TIMELINE_PARAMETERS)
    if not ID.fullmatch(user_id):
        raise invalid(f"The `id` query parameter value [{user_id}] is not valid", id=user_id)
    wanted = listed(query, "tweet.fields", TWEET_FIELDS)
    exclude = listed(query, "exclude", ("replies", "retweets"))
    size = number(query, "max_results", 5, 100, 10)
    offset = number(query, "pagination_token", 0, 10**6, 0)
    least, most = bounds(world, query)
    if user_id not in world.users:
        problem = {
            "value": user_id,
            "detail": f"Could not find user with id: [{user_id}].",
            "title": "Not Found Error",
            "resource_type": "user",
            "parameter": "id",
            "resource_id": user_id,
            "type": f"{PROBLEMS}/resource-not-found",
        }
        return Answer(200, {"errors": [problem]}, headers)
    visible = (world.now() - world.lags.get(user_id, world.settings.timeline_lag_s)) * 1000
    found = [
        post
        for post in sorted(world.posts.values(), key=lambda post: int(post.id), reverse=True)
        if post.user_id == user_id
        and least <= int(post.id) < most
        and post.at <= visible
        and not (post.in_reply_to and "replies" in exclude)
    ]
    page = found[offset : offset + size]
    body: dict[str, Any] = {"meta": {"result_count": len(page)}}
    if page:
        body["data"] = [shown(post, wanted) for post in page]
        body["meta"] |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
    if offset + size < len(found):
        body["meta"]["next_token"] = str(offset + size)
    return Answer(200, body, headers)


def shown(post: Post, wanted: list[str]) -> dict[str, Any]:
    """The default fields, and those that were asked for, if there is anything in them."""
    extra = {
        "author_id": post.user_id,
        "created_at": datetime.fromtimestamp(post.at / 1000, tz=UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "entities": post.entities,
    }
    asked = {name: extra[name] for name in wanted if extra.get(name)}
    return {"id": post.id, "text": post.text, "edit_history_tweet_ids": [post.id]} | asked


def me(world: World, request: Request) -> Answer:
    family = speaker(world, request, "users.read", "tweet.read")
    headers = limits.count(world, "GET /2/users/me", family.user_id)
    only(request.query, ("user.fields", "expansions", "tweet.fields"))
    listed(request.query, "user.fields", USER_FIELDS)
    user = world.users[family.user_id]
    return Answer(200, {"data": {"id": user.id, "name": user.name, "username": user.username}}, headers)


def speaker(world: World, request: Request, *scopes: str) -> Family:
    """Who is speaking, if that may be said with these tokens."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind == "Bearer" and token in world.app_tokens:
        raise plain(
            403,
            "Unsupported Authentication",
            "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
            f"{PROBLEMS}/unsupported-authentication",
        )
    family = world.bearer(token) if kind == "Bearer" else None
    if family is None:
        raise plain(401, "Unauthorized")
    if not set(scopes) <= set(family.scope.split()):
        raise forbidden("You are not permitted to perform this action.")
    return family
