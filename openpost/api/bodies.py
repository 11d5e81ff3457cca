"""What a request says in its body: a JSON object, read by a serializer that names its fields."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from .errors import refuse


class StrictSerializer(serializers.Serializer[Any]):
    """An object that has no other fields than these: nothing is done for whoever was only half understood."""

    default_error_messages = {"invalid": "must be an object."}

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown(data) if isinstance(data, dict) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            found: Any = error.detail
            raise serializers.ValidationError({**unknown, **found}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def _unknown(self, data: dict[str, Any]) -> dict[str, list[ErrorDetail]]:
        there_are = f"there are {', '.join(self.fields)}" if self.fields else "there are none"
        wrong = [ErrorDetail(f"is no field here; {there_are}.", code="unknown_field")]
        return {name: wrong for name in data if name not in self.fields}


class Nothing(StrictSerializer):
    """The body of what is asked for by its address alone: none, or an empty object."""


def checked(serializer: type[serializers.Serializer[Any]], request: Request, **options: Any) -> dict[str, Any]:
    """This will give what the body says; raises what becomes a 400 that names the fields."""
    if not isinstance(request.data, dict):
        raise refuse("invalid_value", "The body must be a JSON object.")
    data = serializer(data=request.data, **options)
    data.is_valid(raise_exception=True)
    said: dict[str, Any] = data.validated_data
    return said
