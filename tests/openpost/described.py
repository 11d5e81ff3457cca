"""Real answers, held against the description: nothing may come back that it does not say."""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jsonschema_rs
from django.urls import Resolver404, resolve

from openpost.api.openapi import generator

Shape = dict[str, Any]

#: What the server says of every answer, whatever it is.
TRANSPORT = {"content-type", "content-length", "content-encoding", "vary", "x-frame-options"} | {
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "permissions-policy",
}
#: Where a schema holds other schemas of the same value, and where of others.
SAME = ("allOf", "anyOf", "oneOf")


@dataclass
class Seen:
    """What has been answered so far in this process: `("createPost", 201)`."""

    answers: set[tuple[str, int]] = field(default_factory=set)


seen = Seen()


@cache
def document() -> Any:
    return json.loads(generator.rendered())


def strict(schema: Shape) -> Shape:
    """The schema, without room for fields that it does not name."""
    inside = opened(schema)
    return {**inside, "unevaluatedProperties": False} if has_fields(inside) else inside


def opened(schema: Shape) -> Shape:
    """The schema, strict in everything that it holds."""
    made = dict(schema)
    for name in SAME:
        if name in made:
            made[name] = [opened(one) for one in made[name]]
    if "properties" in made:
        made["properties"] = {name: strict(one) for name, one in made["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(made.get(name), dict):
            made[name] = strict(made[name])
    return made


def has_fields(schema: Shape) -> bool:
    return (
        "$ref" in schema or "properties" in schema or any(map(has_fields, (s for n in SAME for s in schema.get(n, ()))))
    )


@cache
def operations() -> list[tuple[re.Pattern[str], str, Shape]]:
    """Each address that is described as what matches it, the exact ones first; with method and operation."""
    found = []
    for path, methods in sorted(document()["paths"].items(), key=lambda item: "{" in item[0]):
        pattern = re.compile(re.sub(r"{\w+}", "[^/]+", path).replace(".", r"\.") + "/*")
        found += [(pattern, method.upper(), operation) for method, operation in methods.items()]
    return found


def operation_of(method: str, path: str) -> Shape | None:
    """The operation that answers; None where none does (404, 405)."""
    method = "GET" if method == "HEAD" else method
    fitting = [one for one in operations() if one[0].fullmatch(path)]
    exact = [one for one in fitting if one[0] is fitting[0][0]]
    return next((operation for _, one, operation in exact if one == method), None)


@cache
def validator(name: str, status: str) -> Any:
    (operation,) = [one for *_, one in operations() if one["operationId"] == name]
    schema = operation["responses"][status]["content"]["application/json"]["schema"]
    parts = {name: opened(part) for name, part in document()["components"]["schemas"].items()}
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **strict(schema)}
    return jsonschema_rs.validator_for({**whole, "components": {"schemas": parts}}, validate_formats=True)


def check(method: str, path: str, answer: Any) -> None:
    """Fail unless the answer is one that the description says may come from there."""
    operation = operation_of(method, path)
    if operation is None:
        assert answer.status_code in {404, 405, 400, 401, 403, 200} or not is_ours(path), (
            method,
            path,
            answer.status_code,
        )
        return
    name, status = operation["operationId"], str(answer.status_code)
    assert status in operation["responses"], (
        f"{name} answered {status}, which is not described: {answer.content[:300]!r}"
    )
    said = operation["responses"][status]
    unsaid = {header.lower() for header in answer.headers} - {header.lower() for header in said["headers"]} - TRANSPORT
    assert not unsaid, f"{name} answered {status} with headers that are not described: {unsaid}"
    assert "X-Request-Id" in answer.headers
    if "content" in said and method != "HEAD":
        wrong = [f"{e.message} at {e.instance_path}" for e in validator(name, status).iter_errors(answer.json())]
        assert not wrong, f"{name} {status}: {wrong[:3]} in {answer.content[:1500]!r}"
    else:
        assert not answer.content, f"{name} answered {status} with a body that is not described"
    seen.answers.add((name, answer.status_code))


@cache
def told(event: str) -> Any:
    (content,) = document()["webhooks"][event]["post"]["requestBody"]["content"].values()
    return jsonschema_rs.validator_for(strict(content["schema"]), validate_formats=True)


def check_told(body: Shape) -> None:
    """Fail unless a webhook may be sent this, as the description says."""
    wrong = [f"{e.message} at {e.instance_path}" for e in told(body["event"]).iter_errors(body)]
    assert not wrong, f"{wrong[:3]} in {body}"


def is_ours(path: str) -> bool:
    try:
        return hasattr(resolve(path).func, "cls")
    except Resolver404:
        return False
