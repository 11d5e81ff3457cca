"""What a request body may say about a post. Shapes only: what it means is for actions.py to decide."""

from typing import Any

from rest_framework import serializers

from openpost.api.errors import refuse
from openpost.api.fields import AwareDateTimeField, BoundedList, ObjectField, StrictCharField, StrictUUIDField
from posts.checking import LONGEST_TEXT, MOST_KEYS

#: Fields of later versions of the API: refused, since a post without its picture is another post.
NOT_YET = ("media", "media_ids", "thread")


class PostInput(serializers.Serializer[Any]):
    """The body of POST /v1/posts, and with `partial=True` of PATCH."""

    content = StrictCharField(allow_blank=True, max_length=LONGEST_TEXT)
    platforms = BoundedList(child=StrictCharField(), required=False, allow_empty=True, max_length=100)
    integrations = BoundedList(child=StrictUUIDField(), required=False, allow_empty=True, max_length=100)
    schedule_at = AwareDateTimeField(required=False, allow_null=True)
    scheduled_at = AwareDateTimeField(required=False, allow_null=True)
    status = StrictCharField(required=False)
    tags = BoundedList(child=StrictCharField(max_length=100), required=False, max_length=50)
    platform_overrides = ObjectField(required=False, max_length=MOST_KEYS)
    platform_settings = ObjectField(required=False, max_length=MOST_KEYS)
    group_id = StrictUUIDField(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        for name in NOT_YET:
            if data.get(name):
                raise refuse("not_supported", f"{name} is not supported yet; leave it out.", field=f"/{name}")
        value = super().to_internal_value(data)
        value["unknown"] = [name for name in data if name not in self.fields and name not in NOT_YET]
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """`schedule_at` and `scheduled_at` are one field under two names."""
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
