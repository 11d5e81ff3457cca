"""Reading: `GET /2/users/:id/tweets`, `GET /2/users/me`."""

from datetime import UTC, datetime
from typing import Any

from . import limits
from .messages import PROBLEMS, Answer, Request, invalid
from .oauth import speaker
from .parameters import bounds, listed, number, only
from .schema import ID
from .world import Post, World

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
# Of X's fields those that this double can tell; it refuses the others, so that nobody relies on them.
TWEET_FIELDS = (
    *("attachments", "author_id", "conversation_id", "created_at", "display_text_range", "edit_history_tweet_ids"),
    *("entities", "id", "in_reply_to_user_id", "note_tweet", "referenced_tweets", "reply_settings", "text"),
)
USER_FIELDS = ("id", "name", "profile_image_url", "username")


def timeline(world: World, request: Request, user_id: str) -> Answer:
    family = speaker(world, request, "tweet.read", "users.read")
    headers = limits.count(world, "GET /2/users/:id/tweets", family.user_id)
    query = request.query
    only(query, TIMELINE_PARAMETERS)
    if not ID.fullmatch(user_id):
        raise invalid(f"The `id` query parameter value [{user_id}] is not valid", id=user_id)
    fields = listed(query, "tweet.fields", TWEET_FIELDS)
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
        body["data"] = [shown(world, post, fields) for post in page]
        body["meta"] |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
    if offset + size < len(found):
        body["meta"]["next_token"] = str(offset + size)
    return Answer(200, body, headers)


def shown(world: World, post: Post, wanted: list[str]) -> dict[str, Any]:
    """The default fields, and those that were asked for, if there is anything in them."""
    answered, poll = world.posts.get(post.in_reply_to or ""), "poll" in post.body
    extra = {
        "attachments": {
            **({"media_keys": post.media_keys} if post.media_keys else {}),
            **({"poll_ids": [post.id]} if poll else {}),
        },
        "author_id": post.user_id,
        "conversation_id": conversation(world, post),
        "created_at": datetime.fromtimestamp(post.at / 1000, tz=UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "display_text_range": [len(post.addressed), len(post.text)],
        "entities": post.entities,
        "in_reply_to_user_id": answered.user_id if answered else "",
        "referenced_tweets": [
            {"type": kind, "id": other}
            for kind, other in (("replied_to", post.in_reply_to), ("quoted", post.quotes))
            if other
        ],
        "reply_settings": post.body.get("reply_settings", "everyone"),
    }
    asked = {name: extra[name] for name in wanted if extra.get(name)}
    return {"id": post.id, "text": post.text, "edit_history_tweet_ids": [post.id]} | asked


def conversation(world: World, post: Post) -> str:
    while post.in_reply_to in world.posts:
        post = world.posts[post.in_reply_to]
    return post.id


def me(world: World, request: Request) -> Answer:
    family = speaker(world, request, "users.read", "tweet.read")
    headers = limits.count(world, "GET /2/users/me", family.user_id)
    only(request.query, ("user.fields", "expansions", "tweet.fields"))
    wanted = ("id", "name", "username", *listed(request.query, "user.fields", USER_FIELDS))
    user = world.users[family.user_id]
    return Answer(200, {"data": {name: getattr(user, name) for name in wanted}}, headers)
