"""How the serializer fields of this room look in JSON Schema."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from openpost.api.openapi import shapes
from openpost.api.openapi.shapes import Shape


class File(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # it has no types
    target_class = "posts.api.input.MediaField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Shape:
        return {"anyOf": [shapes.uuid("A file by its id,"), shapes.obj("or as answers show it.", id=shapes.uuid())]}
