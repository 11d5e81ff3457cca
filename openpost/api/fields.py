"""Serializer fields that take a JSON type for what it is: no number becomes a text, no naive time gets a zone."""

import unicodedata
import uuid
from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers


class StrictCharField(serializers.CharField):
    """A string, kept byte for byte: nothing is trimmed, nothing converted."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data

    default_error_messages = {
        "invalid": "must be a string.",
        "max_length": "must have at most {max_length} characters.",
    }


class PrintableCharField(StrictCharField):
    """A name, on one line: without characters that steer a screen or end a line."""

    default_error_messages = {"unprintable": "must not contain control characters."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in text):
            self.fail("unprintable")
        return text


class StrictBooleanField(serializers.Field[bool, Any, bool, Any]):
    """true or false; not 1, and not "yes"."""

    default_error_messages = {"invalid": "must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class StrictUUIDField(serializers.Field[uuid.UUID, Any, str, Any]):
    """A UUID as a string."""

    default_error_messages = {"invalid": "must be a UUID."}

    def to_internal_value(self, data: Any) -> uuid.UUID:
        try:
            return uuid.UUID(data if isinstance(data, str) else "")
        except ValueError:
            self.fail("invalid")


class AwareDateTimeField(serializers.Field[datetime, Any, str, Any]):
    """A point in time: ISO 8601 with an offset."""

    default_error_messages = {
        "invalid": "must be an ISO 8601 time such as 2026-05-01T14:00:00Z.",
        "naive": "must say its offset from UTC: end it with Z or with an offset such as +02:00.",
        "range": "must lie in the years 1900 to 2999.",
    }

    def to_internal_value(self, data: Any) -> datetime:
        try:
            value = datetime.fromisoformat(data if isinstance(data, str) else "")
            if value.utcoffset() is None:
                self.fail("naive")
            if not 1900 <= value.year < 3000:
                self.fail("range")  # nearer to the first and last moments there are, no zone and no sum would be safe
            return value.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid")


class BoundedList(serializers.ListField):
    """A list that is counted before anything in it is looked at: a long wrong one costs and says no more than one."""

    default_error_messages = {"max_length": "must have at most {max_length} items."}

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.most = max_length
        super().__init__(max_length=max_length, **kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > self.most:
            self.fail("max_length", max_length=self.most)
        items: list[Any] = super().to_internal_value(data)
        return items


class ObjectField(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """A JSON object of at most `max_length` keys, unchecked inside."""

    default_error_messages = {"invalid": "must be an object.", "max_length": "must have at most {max_length} keys."}

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.most = max_length
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("invalid")
        if len(data) > self.most:
            self.fail("max_length", max_length=self.most)
        return data
