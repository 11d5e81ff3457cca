"""The bodies that X takes, field by field; no field beyond these is taken.

OpenAPI 2.168, `CreatePostsRequest`, `InitializeMediaUploadRequest`, `AppendMediaUploadRequest`, `MediaUploadRequest`,
`CreateMediaMetadataRequest`: https://api.x.com/2/openapi.json
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
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise wrong(path, value, f"must be an array of {least} to {most} items")
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


def raw_bytes(path: str, value: object) -> None:
    """The bytes of a file, in a form; in JSON they would be base64."""
    if not isinstance(value, bytes):
        raise wrong(path, value, f"{type(value).__name__} found, binary expected")


def number_in_a_form(least: int, most: int) -> Check:
    check_number = integer(least, most)

    def check(path: str, value: object) -> None:
        text(path, value)
        check_number(path, int(str(value)) if str(value).isdigit() else value)

    return check


# "everyone" is not among them: for everyone the field is left out.
REPLY_SETTINGS = one_of("following", "mentionedUsers", "subscribers", "verified")

_APP = an_object((), app_store_id=text, ipad_app_store_id=text, play_store_id=text)
_SITE = an_object(("url",), url=text)

CREATE_POSTS = an_object(
    text=text,
    reply=an_object(
        ("in_reply_to_tweet_id",),
        in_reply_to_tweet_id=an_id,
        exclude_reply_user_ids=some(text, 0, 50),
        auto_populate_reply_metadata=flag,
    ),
    quote_tweet_id=an_id,
    media=an_object(
        ("media_ids",),
        media_ids=some(an_id, 1, 4),
        tagged_user_ids=some(an_id, 0, 10),
        call_to_actions=an_object((), app_install=_APP, visit_site=_SITE, watch_now=_SITE),
        description=text,
        embeddable=flag,
        preview_media_id=an_id,
        title=text,
    ),
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
    geo=an_object(("place_id",), place_id=text),
    nullcast=flag,
    for_super_followers_only=flag,
    direct_message_deep_link=text,
)

CATEGORIES = ("tweet_image", "tweet_video", "tweet_gif", "dm_image", "dm_video", "dm_gif", "subtitles")
TYPES = (
    *("video/mp4", "video/webm", "video/mp2t", "video/quicktime", "text/srt", "text/vtt"),
    *("image/jpeg", "image/gif", "image/bmp", "image/png", "image/webp", "image/pjpeg", "image/tiff"),
    *("model/gltf-binary", "model/vnd.usdz+zip"),
)

INITIALIZE_MEDIA_UPLOAD = an_object(
    (),
    additional_owners=some(an_id, 0, 100),
    media_category=one_of("amplify_video", *CATEGORIES),
    media_type=one_of(*TYPES),
    shared=flag,
    total_bytes=integer(0, 17179869184),
)

APPEND_MEDIA_UPLOAD = an_object(("media", "segment_index"), media=raw_bytes, segment_index=number_in_a_form(0, 999))

MEDIA_UPLOAD = an_object(
    ("media", "media_category"), additional_owners=text, media=raw_bytes, media_category=one_of(*CATEGORIES)
)

# Of the metadata only what people write; X takes more, and nobody here sends it.
CREATE_MEDIA_METADATA = an_object(
    ("id",), id=an_id, metadata=an_object((), alt_text=an_object(("text",), text=short_text(1000)))
)


def check_create(body: Any) -> None:
    """This will refuse a body of `POST /2/tweets` that X's specification does not allow."""
    CREATE_POSTS("$", body)
    # Until version 2.167 the specification said so; its texts got shorter since.
    if sum(name in body for name in ("media", "poll", "quote_tweet_id", "card_uri")) > 1:
        raise invalid("$: media, poll, quote_tweet_id and card_uri exclude each other")
