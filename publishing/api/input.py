"""What a request body may say about an unknown outcome."""

from typing import Any

from integrations.platforms.base import url as address
from openpost.api.bodies import StrictSerializer
from openpost.api.errors import refuse
from openpost.api.fields import StrictBooleanField, StrictCharField

#: Characters of an address that is kept.
LONGEST_URL = 1000


class ResolveInput(StrictSerializer):
    """`{"published": true, "url": "https://…"}` or `{"published": false}`, and nothing else."""

    published = StrictBooleanField()
    url = StrictCharField(required=False, allow_null=True, allow_blank=True, max_length=LONGEST_URL)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        url = attrs.get("url")
        if not attrs["published"]:
            if url is not None:
                raise refuse("invalid_value", "url belongs to published: true; leave it out.", field="/url")
        elif url is None:
            raise refuse("field_required", "url is required when published is true: where it is live.", field="/url")
        elif wrong := wrong_url(url):
            raise refuse("invalid_value", f"url must be {wrong}.", field="/url")
        return attrs


def wrong_url(url: str) -> str:
    """What completes "must be …" when this cannot be the address of a post; "" when it can."""
    if len(url) > LONGEST_URL:
        return f"at most {LONGEST_URL} characters long"
    if any(char.isspace() or not char.isprintable() for char in url):
        return "an http or https address without spaces"
    return address("url").check(url)
