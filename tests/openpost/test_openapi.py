"""/v1/openapi.json says all of the API, and nothing but it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.validation import validate_schema

from integrations.models import EventType
from tests.openpost.test_api_codes import explained

from .described import document, operations
from .described import strict as closed

Shape = dict[str, Any]


def routes(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """Every address of the URL conf under /v1 with each of its methods, as the description would write it."""
    for pattern in resolver.url_patterns:
        path = prefix + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, path)
        elif isinstance(pattern, URLPattern) and path.startswith("/v1/"):
            methods = set(getattr(pattern.callback, "actions", {"undescribed"}))
            yield from ((path, method) for method in methods - {"head"})  # which DRF adds to those that have a get


def bodies() -> Iterator[tuple[str, Shape]]:
    """Each request's and answer's content, by a name for it."""
    for *_, operation in operations():
        name = operation["operationId"]
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name} {media_type}", content
        for status, answer in operation["responses"].items():
            for content in answer.get("content", {}).values():
                yield f"{name} {status}", content


def described() -> set[tuple[str, str]]:
    return {(path, method) for path, methods in document()["paths"].items() for method in methods}


def test_it_describes_every_address_with_each_of_its_methods() -> None:
    assert set(routes(get_resolver())) == described()


def test_it_is_valid_openapi() -> None:
    validate_schema(document())  # type: ignore[no-untyped-call]

    assert document()["openapi"] == "3.1.0"


def test_it_says_what_webhooks_are_sent_for_every_event_with_an_example_that_is_true() -> None:
    told = document()["webhooks"]

    assert list(told) == EventType.values
    for event, methods in told.items():
        (content,) = methods["post"]["requestBody"]["content"].values()
        (example,) = (one["value"] for one in content["examples"].values())
        jsonschema_rs.validator_for(closed(content["schema"]), validate_formats=True).validate(example)
        assert example["event"] == event


def test_it_says_of_the_posts_of_a_group_all_that_it_says_of_one() -> None:
    group, one = (
        document()["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        for path in ("/v1/posts/group", "/v1/posts")
    )
    post = group["properties"]["posts"]["items"]

    apart = {"group_id"}  # which stands beside them, since it is the same for all
    assert {name: of for name, of in post["properties"].items() if name not in apart} == {
        name: of for name, of in one["properties"].items() if name not in apart
    }
    validator = jsonschema_rs.validator_for({**post, "components": document()["components"]})
    assert validator.is_valid({"content": "Said once", "platforms": ["twitter"]})
    assert not validator.is_valid({"content": "Said once", "platforms": ["twitter"], "group_id": None})


def test_it_names_each_operation_once() -> None:
    names = [operation["operationId"] for *_, operation in operations()]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("name", "content"), [*bodies()], ids=lambda value: value if isinstance(value, str) else "")
def test_its_examples_are_true(name: str, content: Shape) -> None:
    examples = [one["value"] for one in content.get("examples", {}).values()]
    if "example" in content:
        examples.append(content["example"])

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **content["schema"]}
    validator = jsonschema_rs.validator_for({**schema, "components": document()["components"]}, validate_formats=True)
    for example in examples:
        assert [error.message for error in validator.iter_errors(example)] == []


def test_it_shows_an_example_of_every_body_of_json() -> None:
    bare = [name for name, content in bodies() if not content.keys() & {"example", "examples"}]

    assert [name for name in bare if "json" in name] == []


def test_it_explains_every_field_that_can_be_sent() -> None:
    unexplained = []
    for *_, operation in operations():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for field, shape in content["schema"].get("properties", {}).items():
                if "description" not in shape:
                    unexplained.append(f"{operation['operationId']} {field}")

    assert unexplained == []


def codes_by_status() -> dict[str, set[str]]:
    """Every code that is described, with the statuses that it comes with."""
    found: dict[str, set[str]] = {}
    for *_, operation in operations():
        for status, answer in operation["responses"].items():
            if status >= "400":
                for part in answer["content"]["application/json"]["schema"]["allOf"][1:]:
                    for code in part["properties"]["code"]["enum"]:
                        found.setdefault(code, set()).add(status)
    return found


def test_it_names_the_codes_that_the_page_of_errors_explains_with_the_same_statuses() -> None:
    page = {code: set(re.findall(r"[45]\d\d", paragraph.where)) for code, paragraph in explained().items()}
    # Where no operation is, what is never the first of several, what no view does, and the pages of the sign-in.
    of_no_call = {"method_not_allowed", "more_errors", "forbidden", "conflict", "sign_in_failed", "sandbox_workspace"}
    of_the_web_process = {"request_timeout", "uri_too_long", "headers_too_large"}
    of_people = {"changed_meanwhile", "approval_not_needed", "nothing_to_approve", "approval_is_for_others"}
    of_people.add("approval_needed")
    elsewhere = of_no_call | of_the_web_process | of_people
    said = codes_by_status()

    assert {code: said.get(code) for code in page if page[code] and code not in elsewhere} == {
        code: statuses for code, statuses in page.items() if statuses and code not in elsewhere
    }
    assert set(said) <= set(page) - elsewhere


def test_it_is_the_same_for_everybody_and_kept() -> None:
    first = Client().get("/v1/openapi.json")

    assert first.status_code == 200
    assert first.json() == document()
    assert first["Cache-Control"].startswith("public")
    again = Client().get("/v1/openapi.json", headers={"Authorization": "Bearer nonsense"})
    assert again.content == first.content
    assert Client().get("/v1/openapi.json", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert json.loads(first.content)["info"]["title"] == "OpenPost"
