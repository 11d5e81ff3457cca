"""Posting: `POST /2/tweets`."""

import re
from typing import Any

from integrations.platforms.twitter.weight import weight

from . import limits
from .forms import json_of
from .messages import Answer, Request, forbidden, invalid
from .oauth import speaker
from .schema import check_create
from .texts import Behind, composed, store
from .world import EPOCH_MS, Media, Post, World

CASHTAG = re.compile(r"(?<!\S)\$[A-Za-z]{1,6}\b")

#: The address of a post in a text: the last one is quoted.
STATUS = re.compile(r"(?:x|twitter)\.com/\w+/status/([0-9]+)")
MENTIONS = re.compile(r"(?:@\w{1,15} )*")

#: Seconds that a video may last, of accounts without and with Premium.
MOST_VIDEO_S, MOST_PREMIUM_VIDEO_S = 20 * 60, 125 * 60


def create(world: World, request: Request) -> Answer:
    family = speaker(world, request, "tweet.read", "tweet.write", "users.read")
    headers = limits.count(world, "POST /2/tweets", family.user_id)
    body = json_of(request)
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
    if weight(text) > (25_000 if user_id in world.settings.premium else 280):
        raise forbidden(
            "Your Tweet text is too long. For more information on how Twitter determines text length see "
            "https://github.com/twitter/twitter-text."
        )
    if len(CASHTAG.findall(text)) > 1:
        raise forbidden("You may only include one cashtag per post.")
    if "media" in body:
        check_media(world, body["media"]["media_ids"], user_id)
    if "quote_tweet_id" in body and not world.settings.enterprise:
        raise forbidden("Quoting this post is not allowed because you have not been mentioned.")
    if "quote_tweet_id" in body and body["quote_tweet_id"] not in world.posts:
        raise invalid("The post to quote does not exist.", quote_tweet_id=body["quote_tweet_id"])
    replied = body.get("reply", {}).get("in_reply_to_tweet_id")
    if replied:
        check_reply(world, replied, user_id)
    check_new(world, text, replied, media_keys(world, body), user_id)


def check_media(world: World, media_ids: list[str], user_id: str) -> None:
    """Ready uploads of one's own, for a post: four images, or one of what moves."""
    found = [world.media.get(media_id) for media_id in media_ids]
    for media in found:
        if media is None or media.user_id != user_id or not is_ready(world, media):
            # Refused as they are when X has lost them, or has not learnt of them yet, or dislikes what is in them.
            raise invalid("Your media IDs are invalid.", **{"media.media_ids": ",".join(media_ids)})
    kinds = [media.kind for media in found if media]
    if len(kinds) > 1 and set(kinds) != {"image"}:
        raise invalid("You may attach up to 4 photos, 1 animated GIF or 1 video in a Post.")
    most = MOST_PREMIUM_VIDEO_S if user_id in world.settings.premium else MOST_VIDEO_S
    if "video" in kinds and world.settings.video_s > most:
        raise forbidden(f"This user is not allowed to post a video longer than {most // 60} minutes.")


def is_ready(world: World, media: Media) -> bool:
    made = (int(media.id) >> 22) + EPOCH_MS
    return (
        media.finalized
        and media.category.startswith(("tweet_", "amplify_"))
        and media.steps[:1] in ([], ["succeeded"])
        and made / 1000 + world.settings.media_lag_s <= world.now() < media.ends
    )


def check_reply(world: World, replied: str, user_id: str) -> None:
    """Self-serve apps answer only who mentioned or quoted the account, and the account itself."""
    original = world.posts.get(replied)
    if original is None:
        raise forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
    quoted = world.posts.get(original.quotes)
    summoned = (
        f"@{world.users[user_id].username}" in original.written
        or (quoted and quoted.user_id == user_id)
        or world.settings.enterprise
    )
    if original.user_id != user_id and not summoned:
        raise forbidden("You can only reply to or quote posts where you are mentioned or are the author.")


def check_new(world: World, text: str, replied: str | None, keys: list[str], user_id: str) -> None:
    """X documents nothing about equal texts beside other media; here they are no duplicates, so nothing protects us."""
    since = (world.now() - world.settings.duplicate_window_s) * 1000
    for post in world.posts.values():
        same = (post.user_id, post.written, post.in_reply_to, post.media_keys) == (user_id, text, replied, keys)
        if same and (text or keys) and post.at >= since:
            raise forbidden("You are not allowed to create a Tweet with duplicate content.")


def media_keys(world: World, body: dict[str, Any]) -> list[str]:
    return [world.media[media_id].key for media_id in body.get("media", {}).get("media_ids", ())]


def add(world: World, user_id: str, body: dict[str, Any], *, at_ms: int, by: str) -> Post:
    post_id, keys = world.new_id(at_ms), media_keys(world, body)
    behind = []
    if keys:
        word = "photo" if world.media[body["media"]["media_ids"][0]].kind == "image" else "video"
        address = f"https://x.com/{world.users[user_id].username}/status/{post_id}/{word}/1"
        behind.append(Behind(address, tuple(keys)))
    if quoted := world.posts.get(body.get("quote_tweet_id", "")):
        behind.append(Behind(f"https://twitter.com/{world.users[quoted.user_id].username}/status/{quoted.id}"))
    addressed = addressees(world, body, user_id)
    stored = store(body.get("text", ""), addressed=addressed, behind=tuple(behind))
    post = Post(post_id, user_id, at_ms, stored.written, stored.text, stored.entities, body, by, keys, addressed)
    linked = STATUS.findall(post.written)[-1:]
    post.quotes = body.get("quote_tweet_id") or next((other for other in linked if other in world.posts), "")
    world.posts[post.id] = post
    return post


def addressees(world: World, body: dict[str, Any], user_id: str) -> str:
    """The @mentions that X puts before a reply: who wrote what it answers, and whom that was written to."""
    replied = world.posts.get(body.get("reply", {}).get("in_reply_to_tweet_id", ""))
    if replied is None:
        return ""
    names = [world.users[replied.user_id].username, *leading_names(replied.text)]
    given = {world.users[user_id].username, *leading_names(composed(body.get("text", "")))}
    return "".join(f"@{name} " for name in dict.fromkeys(names) if name not in given)


def leading_names(text: str) -> list[str]:
    mentions = MENTIONS.match(text)
    return mentions[0].replace("@", "").split() if mentions else []
