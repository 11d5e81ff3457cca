"""How the serializer fields of this room look in JSON Schema."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from integrations.api.webhooks import CHOICES
from integrations.models import Scope
from openpost.api.openapi import shapes
from openpost.api.openapi.shapes import Shape


class ScopeName(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # it has no types
    target_class = "integrations.api.input.ScopeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Shape:
        return shapes.choice(Scope.values)


class EventName(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "integrations.api.webhooks.EventTypeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Shape:
        return shapes.choice(CHOICES)


class Seconds(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "integrations.api.input.SecondsField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Shape:
        return shapes.number(minimum=0, maximum=self.target.to_representation(self.target.most))
