"""/v1/posts."""

from collections.abc import Iterable, Mapping

from integrations.platforms import registry
from openpost.api.openapi import shapes
from openpost.api.openapi.calls import Answer, Body, Call, Parameter, Section
from openpost.api.openapi.manners import PAGING
from posts.api.filters import LONGEST_PIECE, SHORTEST_PIECE
from posts.api.input import GroupInput, PostInput
from posts.api.views import GroupViewSet, PostViewSet
from posts.bounds import MOST
from posts.checking import LONGEST_TEXT, MOST_KEYS
from posts.models import PostStatus
from posts.words import FURTHEST

from . import fields as fields  # loaded, and so known to drf-spectacular
from .examples import COPY, CREATE, DUE, GROUP, PER_PLATFORM, POST, THREAD, VALIDATED

_NAMES = [*registry.NAMES, *(alias for rules in registry.PLATFORMS.values() for alias in rules.aliases)]


def _settings() -> str:
    """This will list the settings of every platform, as its rules check them."""
    lines = ["`{platform: {field: value}}`. Fields that a platform does not have are named in `warnings`."]
    for rules in registry.PLATFORMS.values():
        for setting in rules.settings:
            needed = "needed; " if setting.required else ""
            lines.append(f"- `{rules.name}.{setting.name}`: {needed}{setting.check(None)}")
    return "\n".join(lines)


_NOTES = {
    "content": "The text. Where a platform shall have another, say it in `platform_overrides`.",
    "media_ids": "Files beside the text, by the ids that uploading gave.",
    "media": "Another name of `media_ids`.",
    "platforms": f"Names of connected platforms: {', '.join(registry.NAMES)} (`x` is `twitter`).",
    "integrations": "Accounts by their ids, where a platform has several; beside `platforms` or in its place.",
    "schedule_at": f"When to publish; at most {FURTHEST.days} days ahead. Without it, the post is a draft. Up to a "
    "minute before or after now means now.",
    "scheduled_at": "Another name of `schedule_at`.",
    "status": "`draft` keeps a post with a time from going out. Usually left unset.",
    "tags": "Not published.",
    "platform_overrides": "`{platform: text}`: takes the place of `content` there.",
    "platform_settings": _settings(),
    "group_id": "Of your choice: links posts of a workspace.",
    "thread": "The parts that follow, each in reply to the one before.",
    "split": "Makes a thread of a text that is too long for a platform.",
}
_LEADS = {"post_id": "/data/id", "group_id": "/data/group_id", "target_id": "/data/post_targets/0/id"}
_TO_SOMEWHERE = {
    "anyOf": [{"required": [name], "properties": {name: {"minItems": 1}}} for name in ("platforms", "integrations")]
}

#: Why a post cannot be understood, and why it cannot go out to a platform as it stands.
NOT_UNDERSTOOD = [
    *("unknown_platform", "platform_not_connected", "platform_ambiguous"),
    *("integration_not_found", "integration_not_active"),
    *("override_without_target", "invalid_setting", "media_not_found", "named_twice"),
    *("conflicting_times", "time_required", "invalid_status", "too_much_at_once"),
]
_TIMES = ["time_in_past", "time_too_far"]
_CONTENT = [
    *("text_required", "text_too_long", "text_characters", "too_many_links", "too_many_cashtags"),
    *("poll_option_too_long", "setting_required", "settings_conflict", "thread_not_supported", "thread_too_long"),
    *("media_required", "media_not_supported", "media_kind_not_supported", "media_type_not_supported"),
    *("media_format_not_supported", "media_mixed", "too_many_media", "media_too_large", "media_too_long"),
    *("media_too_short", "alt_text_too_long"),
]
NOT_TO_BE_SCHEDULED = [*_TIMES, *_CONTENT]

_BOUNDS = (
    f"at most {MOST.parts:,} parts, {MOST.files:,} files and {MOST.characters:,} characters, each counted once for "
    "each account."
)


_FIELDS: dict[str, shapes.Shape] = {
    "platforms": {"items": shapes.choice(_NAMES)},
    "status": {"enum": [PostStatus.DRAFT, PostStatus.SCHEDULED]},
    "platform_overrides": {"additionalProperties": shapes.text(maxLength=LONGEST_TEXT)},
    "platform_settings": {"additionalProperties": shapes.mapping(maxProperties=MOST_KEYS)},
}


def _one(description: str, example: object, leads: Mapping[str, str] | None = None) -> Answer:
    return Answer(description, shapes.data(shapes.ref("Post")), {"data": example}, ["ETag"], leads or {})


def _many(description: str, example: object) -> Answer:
    return Answer(description, shapes.obj(data=shapes.array(shapes.ref("Post"))), {"data": example})


def _refused(*codes: Iterable[str]) -> dict[int, list[str]]:
    return {400: [code for some in codes for code in some]}


POSTS = Section(
    "Posts",
    "Made once, and live on every platform they are meant for.",
    {
        PostViewSet: {
            "list": Call(
                name="listPosts",
                summary="List posts",
                description="Newest first. All filters that are given must hold.",
                query=(
                    Parameter("status", shapes.choice(PostStatus.values), "Posts of this status.", "scheduled"),
                    Parameter("tag", shapes.text(), "Posts with this tag, letter by letter."),
                    Parameter("platform", shapes.text(), "Posts for any account of this platform, such as `bluesky`."),
                    Parameter("group_id", shapes.uuid(), "Posts of this group."),
                    Parameter("from", shapes.moment(), "Posts whose `scheduled_at` is not before this."),
                    Parameter("to", shapes.moment(), "Posts whose `scheduled_at` is before this."),
                    Parameter(
                        "q",
                        shapes.text(minLength=SHORTEST_PIECE, maxLength=LONGEST_PIECE),
                        "Posts that have this piece of text, in small or capital letters.",
                    ),
                    *PAGING,
                ),
                answers={
                    200: Answer("The posts.", shapes.page(shapes.ref("Post")), {"data": [POST], "next_cursor": None})
                },
                refusals={400: ["invalid_status", "unknown_platform", "invalid_value", "invalid_text"]},
            ),
            "create": Call(
                name="createPost",
                summary="Create a post",
                description=f"Makes a draft, or schedules the post when there is a `schedule_at`. Of one "
                f"request {_BOUNDS}",
                body=Body(
                    PostInput,
                    notes=_NOTES,
                    narrower=_FIELDS,
                    further=_TO_SOMEWHERE,
                    examples={"Scheduled": CREATE, "Per platform": PER_PLATFORM, "A thread": THREAD},
                ),
                answers={201: _one("The post.", POST, _LEADS)},
                refusals=_refused(NOT_UNDERSTOOD, NOT_TO_BE_SCHEDULED),
            ),
            "validate": Call(
                name="validatePost",
                summary="See what would be sent",
                description=f"Takes what creating takes, and writes nothing. Of one request {_BOUNDS}",
                body=Body(
                    PostInput,
                    notes=_NOTES,
                    narrower=_FIELDS,
                    further=_TO_SOMEWHERE,
                    examples={"Per platform": PER_PLATFORM},
                ),
                answers={
                    200: Answer("What each account would be sent.", shapes.data(shapes.ref("Findings")), VALIDATED)
                },
                refusals=_refused(NOT_UNDERSTOOD),
            ),
            "retrieve": Call(
                name="getPost",
                summary="Get a post",
                headers=["If-None-Match", "If-Match"],
                answers={
                    200: _one("The post, and how far it got.", POST),
                    304: Answer("It is as you know it.", headers=["ETag"]),
                },
            ),
            "partial_update": Call(
                name="updatePost",
                summary="Change a post",
                description="Only what is given is changed, and only of drafts and scheduled posts.",
                headers=["If-Match"],
                body=Body(
                    PostInput(partial=True),
                    notes={**_NOTES, "scheduled_at": "When to publish; null makes a draft."},
                    narrower=_FIELDS,
                    examples={"Another text": {"content": "Bigger launch today", "tags": ["launch", "big"]}},
                ),
                answers={200: _one("The post as it is now.", {**POST, "content": "Bigger launch today"})},
                refusals=_refused(NOT_UNDERSTOOD, NOT_TO_BE_SCHEDULED, ["post_not_editable"]),
            ),
            "destroy": Call(
                name="deletePost",
                summary="Delete a post",
                description="A scheduled post is cancelled. What is live stays live on its platform.",
                headers=["If-Match"],
                answers={204: Answer("It is gone, and nothing of it goes out.")},
                refusals={409: ["post_is_publishing"]},
            ),
            "publish": Call(
                name="publishPost",
                summary="Publish now",
                description="A draft or a scheduled post goes out at once; of a failed one, the targets that failed.",
                headers=["If-Match"],
                answers={202: _one("It is on its way.", DUE)},
                refusals=_refused(_CONTENT, ["post_not_editable", "integration_not_active", "media_not_found"]),
            ),
            "cancel": Call(
                name="cancelPost",
                summary="Cancel a scheduled post",
                description="It becomes a draft without a time.",
                headers=["If-Match"],
                answers={200: _one("The draft.", {**POST, "status": "draft", "scheduled_at": None})},
                refusals={400: ["post_not_editable"]},
            ),
            "duplicate": Call(
                name="duplicatePost",
                summary="Duplicate a post",
                answers={201: _one("A draft with the same words for the same accounts.", COPY)},
                refusals=_refused(["integration_not_active", "platform_not_connected"]),
            ),
        }
    },
)

GROUPS = Section(
    "Groups",
    "Posts with the same `group_id`.",
    {
        GroupViewSet: {
            "create": Call(
                name="createGroup",
                summary="Create many posts",
                description=f"All of them, or none; an error names the post. Of all together {_BOUNDS}",
                body=Body(
                    GroupInput,
                    notes={"posts": "Each as for creating one.", "group_id": "Of all; one is made when there is none."},
                    items={
                        "posts": Body(
                            PostInput,
                            notes={**_NOTES, "group_id": "Stands beside `posts`."},
                            narrower=_FIELDS,
                            further={**_TO_SOMEWHERE, "not": {"required": ["group_id"]}},
                        )
                    },
                    examples={"Two": {"posts": [CREATE, PER_PLATFORM]}},
                ),
                answers={201: _many("The posts, as they were given.", GROUP)},
                refusals=_refused(NOT_UNDERSTOOD, NOT_TO_BE_SCHEDULED),
            ),
            "list": Call(
                name="listGroup",
                summary="List the posts of a group",
                answers={
                    200: _many("All posts of the group, oldest first; none of a group that does not exist.", GROUP)
                },
            ),
            "destroy": Call(
                name="deleteGroup",
                summary="Delete a group",
                description="Every post of it, or none.",
                answers={204: Answer("They are gone, and nothing of them goes out.")},
                refusals={409: ["post_is_publishing"]},
            ),
        }
    },
)
