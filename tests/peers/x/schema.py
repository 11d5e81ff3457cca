"""The body of `POST /2/tweets`, field by field; no field beyond these is taken.

OpenAPI 2.167, `TweetCreateRequest`: https://api.x.com/2/openapi.json
"""

import re
from collections.abc import Callable
from typing import Any

from .messages import invalid

Check = Callable[[str, object], None]

ID = re.compile(r"[0-9]{1,19}")


def wrong(path: str, value: object, wanted: str) -> Exception:
    return invalid(f"{path}: {wanted}", **{path: str(value)})


def text(path: str, value: object) -> None:
    if not isinstance(value, str):
        raise wrong(path, value, f"{type(value).__name__} found, string expected")


def flag(path: str, value: object) -> None:
    if not isinstance(value, bool):
        raise wrong(path, value, f"{type(value).__name__} found, boolean expected")


def an_id(path: str, value: object) -> None:
    text(path, value)
    if not ID.fullmatch(str(value)):
        raise wrong(path, value, "does not match the regex pattern ^[0-9]{1,19}$")


def one_of(*values: str) -> Check:
    def check(path: str, value: object) -> None:
        if value not in values:
            raise wrong(path, value, f"does not have a value in the enumeration [{', '.join(values)}]")

    return check


def integer(least: int, most: int) -> Check:
    def check(path: str, value: object) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise wrong(path, value, f"must be an integer from {least} to {most}")

    return check


def short_text(most: int) -> Check:
    def check(path: str, value: object) -> None:
        text(path, value)
        if not 1 <= len(str(value)) <= most:
            raise wrong(path, value, f"must be from 1 to {most} characters long")

    return check


def some(item: Check, least: int, most: int) -> Check:
    def check(path: str, value: object) -> None:
        if not isinstance(value, list) or not least <= len(value) <= most or len(set(map(str, value))) < len(value):
            raise wrong(path, value, f"must be an array of {least} to {most} different items")
        for number, entry in enumerate(value):
            item(f"{path}[{number}]", entry)

    return check


def an_object(required: tuple[str, ...] = (), **fields: Check) -> Check:
    def check(path: str, value: object) -> None:
        if not isinstance(value, dict):
            raise wrong(path, value, f"{type(value).__name__} found, object expected")
        for name in value:
            if name not in fields:
                raise wrong(
                    f"{path}.{name}",
                    value[name],
                    "is not defined in the schema and the schema does not allow additional properties",
                )
        for name in required:
            if name not in value:
                raise wrong(f"{path}.{name}", "", "is missing but it is required")
        for name, entry in value.items():
            fields[name](f"{path}.{name}", entry)

    return check


# "everyone" is not among them: for everyone the field is left out.
REPLY_SETTINGS = one_of("following", "mentionedUsers", "subscribers", "verified")

_CREATE = an_object(
    text=text,
    reply=an_object(
        ("in_reply_to_tweet_id",),
        in_reply_to_tweet_id=an_id,
        exclude_reply_user_ids=some(an_id, 0, 50),
        auto_populate_reply_metadata=flag,
    ),
    quote_tweet_id=an_id,
    media=an_object(("media_ids",), media_ids=some(an_id, 1, 4), tagged_user_ids=some(an_id, 0, 10)),
    poll=an_object(
        ("options", "duration_minutes"),
        options=some(short_text(25), 2, 4),
        duration_minutes=integer(5, 10080),
        reply_settings=REPLY_SETTINGS,
    ),
    reply_settings=REPLY_SETTINGS,
    community_id=an_id,
    share_with_followers=flag,
    made_with_ai=flag,
    paid_partnership=flag,
    edit_options=an_object(("previous_post_id",), previous_post_id=an_id),
    card_uri=text,
    geo=an_object((), place_id=text),
    nullcast=flag,
    for_super_followers_only=flag,
    direct_message_deep_link=text,
)


def check_create(body: Any) -> None:
    """This will refuse a body that X's specification does not allow."""
    _CREATE("$", body)
    if sum(name in body for name in ("media", "poll", "quote_tweet_id", "card_uri")) > 1:
        raise invalid("$: media, poll, quote_tweet_id and card_uri exclude each other")
