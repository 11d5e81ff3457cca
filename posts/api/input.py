"""What a request body may say about a post. Shapes only: what it means is for actions.py to decide."""

import uuid
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from integrations.platforms.base import MOST_PARTS
from openpost.api.bodies import StrictSerializer
from openpost.api.errors import pointer, refuse
from openpost.api.fields import (
    AwareDateTimeField,
    BoundedList,
    ObjectField,
    StrictBooleanField,
    StrictCharField,
    StrictUUIDField,
)
from posts.checking import LONGEST_TEXT, MOST_KEYS, Path
from posts.words import ThreadPart

#: Files beside one text: more than any platform takes (TikTok the most, 35).
MOST_MEDIA = 50
#: Posts made by one request.
MOST_POSTS = 50


class MediaField(StrictUUIDField):
    """A file by its id, or as our own answers show it: an object with its id."""

    default_error_messages = {"invalid": "must be the UUID of a file, or an object with it as id."}

    def to_internal_value(self, data: Any) -> uuid.UUID:
        return super().to_internal_value(data.get("id") if isinstance(data, dict) else data)


class PartInput(serializers.Serializer[Any]):
    """A text and its files: one item of `thread`, and the beginning of a post."""

    default_error_messages = {"invalid": "must be an object."}

    content = StrictCharField(allow_blank=True, max_length=LONGEST_TEXT)
    media_ids = BoundedList(child=MediaField(), required=False, max_length=MOST_MEDIA)
    media = BoundedList(child=MediaField(), required=False, max_length=MOST_MEDIA)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """`media` and `media_ids` are one field under two names. A part has a text even where a change need not."""
        if "content" not in attrs and self.root is not self:
            raise serializers.ValidationError({"content": [ErrorDetail("", code="required")]})
        both = [attrs.pop(name) for name in ("media_ids", "media") if name in attrs]
        if len(both) == 2 and both[0] != both[1]:
            raise serializers.ValidationError({"media_ids": ["and media name different files; send one."]})
        return attrs | ({"media_ids": both[0]} if both else {})


class ThreadField(BoundedList):
    """The parts of a post after its first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=PartInput(), max_length=MOST_PARTS - 1, **kwargs)

    def to_internal_value(self, data: Any) -> list[ThreadPart]:
        return [ThreadPart(**part) for part in super().to_internal_value(data)]


class PostInput(PartInput):
    """The body of POST /v1/posts, and with `partial=True` of PATCH."""

    platforms = BoundedList(child=StrictCharField(), required=False, allow_empty=True, max_length=100)
    integrations = BoundedList(child=StrictUUIDField(), required=False, allow_empty=True, max_length=100)
    schedule_at = AwareDateTimeField(required=False, allow_null=True)
    scheduled_at = AwareDateTimeField(required=False, allow_null=True)
    status = StrictCharField(required=False)
    tags = BoundedList(child=StrictCharField(max_length=100), required=False, max_length=50)
    platform_overrides = ObjectField(required=False, max_length=MOST_KEYS)
    platform_settings = ObjectField(required=False, max_length=MOST_KEYS)
    group_id = StrictUUIDField(required=False, allow_null=True)
    thread = ThreadField(required=False)
    split = StrictBooleanField(required=False)

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        unknown: list[Path] = [(name,) for name in data if name not in self.fields]
        for index, part in enumerate(data.get("thread", ())):
            unknown += [("thread", index, name) for name in part if name not in PartInput().fields]
        return value | {"unknown": unknown}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """`schedule_at` and `scheduled_at` are one field under two names."""
        attrs = super().validate(attrs)
        both = {name: attrs.pop(name) for name in ("schedule_at", "scheduled_at") if name in attrs}
        if len(set(both.values())) > 1:
            raise refuse(
                "conflicting_times",
                "schedule_at and scheduled_at name different times; send one.",
                field="/schedule_at",
            )
        if both:
            attrs["at"] = next(iter(both.values()))
        if not self.partial and not attrs.get("platforms") and not attrs.get("integrations"):
            missing = 'platforms is required: a list of connected platforms such as ["twitter", "bluesky"].'
            raise refuse("field_required", missing, field="/platforms")
        return attrs


class GroupInput(StrictSerializer):
    """The body of POST /v1/posts/group, but for what is in its posts."""

    posts = BoundedList(child=ObjectField(max_length=MOST_KEYS), allow_empty=False, max_length=MOST_POSTS)
    group_id = StrictUUIDField(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        for index, post in enumerate(value["posts"]):
            if "group_id" in post:
                place = pointer("posts", index, "group_id")
                raise refuse("invalid_value", "group_id stands beside posts: it is the same for all.", field=place)
        return value
