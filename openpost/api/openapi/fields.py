"""How our own serializer fields look in JSON Schema. drf-spectacular finds these classes by their being loaded."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from . import shapes
from .shapes import Shape


class Text(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # it has no types
    target_class = "openpost.api.fields.StrictCharField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Shape:
        field = self.target
        least, most = {"minLength": 1}, {"maxLength": field.max_length}
        return {**shapes.text(), **({} if field.allow_blank else least), **(most if field.max_length else {})}


class Flag(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "openpost.api.fields.StrictBooleanField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Shape:
        return shapes.flag()


class Id(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "openpost.api.fields.StrictUUIDField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Shape:
        return shapes.uuid()


class Moment(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "openpost.api.fields.AwareDateTimeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Shape:
        return shapes.moment()


class Object(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "openpost.api.fields.ObjectField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Shape:
        return shapes.mapping(maxProperties=self.target.most)


class Many(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "openpost.api.fields.BoundedList"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Shape:
        field = self.target
        item = auto_schema._map_serializer_field(field.child, direction)
        return {**shapes.array(item, maxItems=field.most), **({} if field.allow_empty else {"minItems": 1})}
