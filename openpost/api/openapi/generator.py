"""The description as a whole: drf-spectacular walks the URL conf and reads the serializers; we say the rest."""

import json
import re
import threading
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.viewsets import ViewSet

from . import fields as fields  # loaded, and so known to drf-spectacular
from . import manners, shapes
from .calls import JSON, Answer, Body, Call, Description, Notice, Section
from .shapes import Shape

_lock = threading.Lock()


def document() -> Any:
    """This will give the description of the whole API, made anew."""
    return Generator().get_schema(public=True)  # type: ignore[no-untyped-call]


@cache
def _rendered() -> bytes:
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":")).encode()


def rendered() -> bytes:
    """This will give the description as JSON, made by the first who asks."""
    with _lock:
        return _rendered()


@cache
def descriptions() -> list[Description]:
    """What every room says of its addresses."""
    return [import_string(name) for name in settings.API_DESCRIPTIONS]


def sections() -> list[Section]:
    """All sections, in the order people read them; a title that comes again goes on where it began."""
    found: dict[str, Section] = {}
    for section in (one for description in descriptions() for one in description.sections):
        before = found.get(section.title)
        text, calls = (before.text, {**before.calls, **section.calls}) if before else (section.text, section.calls)
        found[section.title] = Section(section.title, text, calls)
    return list(found.values())


class Generator(SchemaGenerator):
    """Every view gets our Schema; what has a name is put beside the paths."""

    def create_view(self, callback: Any, method: str, request: Any = None) -> Any:
        view = super().create_view(callback, method, request)  # type: ignore[no-untyped-call]
        self._set_schema_to_view(view, Schema())  # type: ignore[no-untyped-call]
        return view

    def get_schema(self, request: Any = None, public: bool = True) -> Any:
        made = cast("dict[str, Any]", super().get_schema(request, public))  # type: ignore[no-untyped-call]
        made["paths"] = {path: _in_order(methods) for path, methods in made["paths"].items()}
        _link(made["paths"])
        made["webhooks"] = {
            name: {"post": _told(name, notice, description.told_in)}
            for description in descriptions()
            for name, notice in description.notices.items()
        }
        parts = dict(manners.PARTS)
        for description in descriptions():
            parts |= description.parts
        made["components"] = {
            "schemas": {**made["components"].get("schemas", {}), **parts},
            "headers": manners.headers(),
            "securitySchemes": manners.SECURITY,
        }
        made["security"] = [{name: []} for name in manners.SECURITY]
        made["tags"] = [{"name": section.title, "description": section.text} for section in sections()]
        return made


class Schema(AutoSchema):
    """One operation, from its Call."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Shape | None:
        self.path, self.method, self.registry = path, method, registry
        section, call = _call_of(cast("ViewSet", self.view))
        names = re.findall(r"{(\w+)}", path)
        operation: Shape = {
            "operationId": call.name,
            "summary": call.summary,
            "description": call.description,
            "tags": [section.title],
            "parameters": [*(_in_path(name) for name in names), *_in_query(call), *_in_headers(call, method)],
        }
        if call.public:
            operation["security"] = []
        if call.body:
            operation["requestBody"] = self._sent(call.body)
        refusals = manners.refusals(call, method, named=bool(names))
        operation["responses"] = {
            **{str(status): _answer(call, method, status, answer) for status, answer in call.answers.items()},
            **{str(status): manners.refusal(call, method, status, codes) for status, codes in refusals.items()},
        }
        return {name: value for name, value in operation.items() if value or name == "security"}

    def _sent(self, body: Body) -> Shape:
        examples = {name: {"value": value} for name, value in body.examples.items()}
        shape = self._shape(body)
        content = {"schema": shape, **({"examples": examples} if examples else {})}
        # Nothing at all is read as an empty object.
        needed = body.media_type != JSON or bool(shape.keys() & {"required", "anyOf"})
        return {"required": needed, "content": {body.media_type: content}}

    def _shape(self, body: Body) -> Shape:
        if isinstance(body.reader, dict):
            return body.reader
        shape = cast("Shape", self._map_serializer(body.reader, "request"))  # type: ignore[no-untyped-call]
        fields = shape["properties"]
        for name in fields:
            fields[name] = fields[name] | body.narrower.get(name, {})
            if name in body.items:
                fields[name] = fields[name] | {"items": self._shape(body.items[name])}
            if name in body.notes:
                fields[name] = shapes.noted(fields[name], body.notes[name])
        closed = {"unevaluatedProperties": False} if body.is_strict else {}
        return {**shape, **closed, **body.further}

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Shape:
        shape = cast("Shape", super()._map_basic_serializer(serializer, direction))  # type: ignore[no-untyped-call]
        shape.pop("description", None)  # the docstring, which is for whoever reads the code
        return shape


def _link(paths: Shape) -> None:
    """This will say of what is made which calls take it: `links`, from each answer that `leads` to all of these."""
    takers: dict[tuple[str, ...], list[str]] = {}
    for path, methods in paths.items():
        names = tuple(re.findall(r"{(\w+)}", path))
        takers.setdefault(names, []).extend(operation["operationId"] for operation in methods.values())
    calls = [call for section in sections() for calls in section.calls.values() for call in calls.values()]
    leads = {(call.name, str(status)): one.leads for call in calls for status, one in call.answers.items() if one.leads}
    for operation in (one for methods in paths.values() for one in methods.values()):
        for status, answer in operation["responses"].items():
            if found := leads.get((operation["operationId"], status)):
                values = {name: f"$response.body#{where}" for name, where in found.items()}
                answer["links"] = {
                    taker: {"operationId": taker, "parameters": {name: values[name] for name in names}}
                    for names, some in takers.items()
                    if names and set(names) <= set(values)
                    for taker in some
                }


def _told(event: str, notice: Notice, section: str) -> Shape:
    """What we send, and what we take for an answer. Keys of ours have nothing to do with it."""
    return {
        "operationId": event,
        "summary": event,
        "description": notice.text,
        "tags": [section],
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": text, "schema": shapes.text()}
            for name, text in notice.headers.items()
        ],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": notice.shape, "examples": {event: {"value": notice.example}}}},
        },
        "responses": {"2XX": {"description": "You have it. Anything else, and it is sent again."}},
    }


def _in_order(methods: Shape) -> Shape:
    """As people read them, and the same in every process."""
    return {name: methods[name] for name in ("get", "post", "patch", "delete") if name in methods}


def _call_of(view: ViewSet) -> tuple[Section, Call]:
    for section in sections():
        for kind, calls in section.calls.items():
            if kind is type(view) and view.action in calls:
                return section, calls[view.action]
    raise LookupError(f"{type(view).__name__}.{view.action} is not described: add it to the schema.py beside it.")


def _in_path(name: str) -> Shape:
    shape = next(one.path[name] for one in descriptions() if name in one.path)
    return {"name": name, "in": "path", "required": True, "schema": shape}


def _in_query(call: Call) -> list[Shape]:
    return [
        {
            "name": one.name,
            "in": "query",
            "description": one.description,
            "schema": one.shape,
            **({} if one.example is None else {"example": one.example}),
        }
        for one in call.query
    ]


def _in_headers(call: Call, method: str) -> list[Shape]:
    return [{"name": name, "in": "header", **manners.REQUEST_HEADERS[name]} for name in manners.sent(call, method)]


def _answer(call: Call, method: str, status: int, answer: Answer) -> Shape:
    said: Shape = {
        "description": answer.description,
        "headers": manners.returned(call, method, status, answer.headers),
    }
    if answer.shape is not None:
        example = {} if answer.example is None else {"example": answer.example}
        said["content"] = {"application/json": {"schema": answer.shape, **example}}
    return said
