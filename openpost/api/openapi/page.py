"""/docs: the description as a page for people. Plain HTML, made once: no script, nothing from another host."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from .shapes import Shape

#: The page may load its own style, and nothing else.
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
#: Seconds: a new version of this service is seen that soon.
KEPT = 300


@gzip_page
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    content = page()
    etag = f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={KEPT}", "Content-Security-Policy": POLICY}
    response = HttpResponse(content, headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response


@cache
def page() -> str:
    from .generator import document  # what makes it is loaded by the first who asks

    made = document()
    calls = [
        _call(path, method, operation)
        for path, methods in (*made["paths"].items(), *made["webhooks"].items())
        for method, operation in methods.items()
    ]
    sections = [
        {
            "title": tag["name"],
            "text": prose(tag["description"]),
            "calls": [c for c in calls if c["tag"] == tag["name"]],
        }
        for tag in made["tags"]
    ]
    objects = [{"name": name, **_object(shape)} for name, shape in made["components"]["schemas"].items()]
    context = {"title": made["info"]["title"], "text": prose(made["info"]["description"])}
    return render_to_string("api/docs.html", {**context, "sections": sections, "objects": objects})


def _call(path: str, method: str, operation: Shape) -> dict[str, Any]:
    answers = operation["responses"].items()
    return {
        "id": operation["operationId"],
        "tag": operation["tags"][0],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "text": prose(operation.get("description", "")),
        "parameters": [
            {"name": one["name"], "place": one["in"], "kind": kind(one["schema"]), "note": note(one)}
            for one in operation.get("parameters", ())
        ],
        "bodies": [_body(*one) for one in operation.get("requestBody", {}).get("content", {}).items()],
        "answers": [_answer(status, one) for status, one in answers if status < "400"],
        "refusals": [
            {"status": status, "text": prose(one["description"])} for status, one in answers if status >= "400"
        ],
    }


def _body(media_type: str, content: Shape) -> dict[str, Any]:
    return {
        "type": media_type,
        "rows": list(_rows(content["schema"])),
        "examples": [(name, _shown(one["value"])) for name, one in content.get("examples", {}).items()],
    }


def _answer(status: str, answer: Shape) -> dict[str, Any]:
    content = answer.get("content", {}).get("application/json", {})
    return {
        "status": status,
        "text": prose(answer["description"]),
        "kind": kind(content["schema"]) if content else "",
        "example": _shown(content["example"]) if "example" in content else "",
    }


def _object(shape: Shape) -> dict[str, Any]:
    return {"text": prose(shape.get("description", "")), "rows": list(_rows(shape))}


def _rows(shape: Shape) -> Iterator[Mapping[str, Any]]:
    """The fields of an object; of one that is more than another, that one first."""
    for part in shape.get("allOf", ()):
        if "$ref" in part:
            yield {"name": "…", "kind": kind(part), "needed": True, "note": "all of its fields"}
        yield from _rows(part)
    needed = shape.get("required", ())
    for name, field in shape.get("properties", {}).items():
        yield {"name": name, "kind": kind(field), "needed": name in needed, "note": note(field)}


def kind(shape: Shape) -> SafeString | str:
    """This will say in few words what may stand there, with links to what has a name."""
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return format_html('<a href="#{0}">{0}</a>', name)
    for name, between in (("anyOf", " or "), ("oneOf", " or "), ("allOf", " and ")):
        if name in shape:
            return format_html_join(between, "{}", ((kind(one),) for one in shape[name]))
    if "enum" in shape:
        return format_html_join(" · ", "<code>{}</code>", (("null" if one is None else one,) for one in shape["enum"]))
    types = shape.get("type", "anything")
    said = " or ".join(types) if isinstance(types, list) else types
    if "array" in said:
        return format_html("list of {}", kind(shape["items"]))
    if shape.get("properties"):
        inner = format_html_join(", ", "{}: {}", ((name, kind(field)) for name, field in shape["properties"].items()))
        return format_html("{{ {} }}{}", inner, " or null" if "null" in said else "")
    return re.sub("^string", shape["format"], said) if "format" in shape else said


def note(shape: Shape) -> SafeString:
    """This will give what is said of a value, and its bounds."""
    facts = {**shape, **shape.get("schema", {})}
    bounds = [said.format(facts[name]) for name, said in _BOUNDS.items() if name in facts]
    return prose(f"{shape.get('description', '')} {' '.join(bounds)}".strip())


_BOUNDS = {
    "minLength": "At least {} characters.",
    "maxLength": "At most {:,} characters.",
    "minimum": "From {}.",
    "maximum": "At most {:,}.",
    "maxItems": "At most {} items.",
    "maxProperties": "At most {} keys.",
    "default": "Default: `{}`.",
}


def prose(text: str) -> SafeString:
    """The text, with what stands between backticks as code."""
    pieces = enumerate(text.split("`"))
    return format_html_join(
        "", "<{0}>{1}</{0}>", (("code" if number % 2 else "span", piece) for number, piece in pieces)
    )


def _shown(example: Any) -> str:
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
