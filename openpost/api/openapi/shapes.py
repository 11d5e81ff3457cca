"""JSON Schema (2020-12) in few words: what bodies and answers look like."""

from collections.abc import Iterable
from typing import Any

Shape = dict[str, Any]


def text(description: str = "", **facts: Any) -> Shape:
    return _said({"type": "string", **facts}, description)


def uuid(description: str = "") -> Shape:
    return text(description, format="uuid")


def moment(description: str = "") -> Shape:
    """ISO 8601, in UTC."""
    return text(description, format="date-time")


def address(description: str = "") -> Shape:
    return text(description, format="uri")


def number(description: str = "", **facts: Any) -> Shape:
    return _said({"type": "integer", **facts}, description)


def flag(description: str = "") -> Shape:
    return _said({"type": "boolean"}, description)


def choice(values: Iterable[str], description: str = "") -> Shape:
    return text(description, enum=list(values))


def array(of: Shape, description: str = "", **facts: Any) -> Shape:
    return _said({"type": "array", "items": of, **facts}, description)


def mapping(values: Shape | None = None, description: str = "", **facts: Any) -> Shape:
    """An object whose keys are not known beforehand."""
    return _said({"type": "object", "additionalProperties": values or {}, **facts}, description)


def obj(description: str = "", /, *, optional: Iterable[str] = (), **fields: Shape) -> Shape:
    """An object that always has all of these fields, but for the optional ones."""
    required = [name for name in fields if name not in set(optional)]
    return _said({"type": "object", "properties": fields, "required": required}, description)


def more(shape: Shape) -> Shape:
    """The shape, which may have fields that are not named."""
    return {**shape, "additionalProperties": True}


def also(shape: Shape, *, optional: Iterable[str] = (), **fields: Shape) -> Shape:
    """The shape, with more fields."""
    return {"allOf": [shape, obj("", optional=optional, **fields)]}


def ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(shape: Shape) -> Shape:
    """The shape, or null."""
    if "$ref" in shape or "allOf" in shape:
        return {"anyOf": [shape, {"type": "null"}]}
    enum = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return {**shape, "type": [shape["type"], "null"], **enum}


def data(shape: Shape) -> Shape:
    """One thing, as answers hold it."""
    return obj(data=shape)


def page(shape: Shape) -> Shape:
    """A page of a list."""
    return obj(
        data=array(shape),
        next_cursor=nullable(text("Ask for the next page with `cursor=` this; null on the last page.")),
    )


def noted(shape: Shape, note: str) -> Shape:
    """The shape, explained."""
    return {**shape, "description": note}


def _said(shape: Shape, description: str) -> Shape:
    return noted(shape, description) if description else shape
