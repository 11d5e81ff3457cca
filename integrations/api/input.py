"""What the views of this room read: fields of bodies, ids from addresses."""

import uuid
from datetime import timedelta
from typing import Any

from django.http import Http404
from rest_framework import serializers

from integrations.models import Scope
from openpost.ids import id_in


class ScopeField(serializers.Field[str, Any, str, Any]):
    default_error_messages = {"invalid": f"must be one of {', '.join(Scope.values)}."}

    def to_internal_value(self, data: Any) -> str:
        if data not in Scope.values:
            self.fail("invalid")
        return str(data)


class SecondsField(serializers.Field[timedelta, Any, int, Any]):
    """A whole number of seconds, from none to `most`."""

    default_error_messages = {"invalid": "must be a whole number of seconds from 0 to {most}."}

    def __init__(self, *, most: timedelta, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> timedelta:
        most = int(self.most.total_seconds())
        if not isinstance(data, int) or isinstance(data, bool) or not 0 <= data <= most:
            self.fail("invalid", most=most)
        return timedelta(seconds=data)

    def to_representation(self, value: timedelta) -> int:
        return int(value.total_seconds())


def uuid_of(text: str) -> uuid.UUID:
    """A malformed id is one that does not exist."""
    found = id_in(text)
    if found is None:
        raise Http404
    return found
