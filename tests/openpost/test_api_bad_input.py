"""Whatever is sent: a 4xx that says what is wrong, in the one shape, and never a 500."""

import json
import random
import tracemalloc
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from openpost.api.parsers import StrictJSONParser
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db

GOOD = {"content": "Hello", "platforms": ["twitter"]}


def send(body: bytes | str, content_type: str = "application/json", **extra: Any) -> dict[str, Any]:
    """The 400 for a raw body."""
    return builders.error(builders.client(builders.workspace()).post("/v1/posts", body, content_type, **extra))


@pytest.mark.parametrize("body", ["{", "nonsense", "{'a': 1}", '{"a": 1,}', "[1", '"', "{}{}", "\ufeff{}", "NaN"])
def test_it_refuses_what_is_not_json(body: str) -> None:
    assert send(body)["code"] == "invalid_json"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1" * 5000])
def test_it_refuses_numbers_that_json_or_we_do_not_know(number: str) -> None:
    assert send(f'{{"content": {number}, "platforms": ["twitter"]}}')["code"] == "invalid_json"


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1e-999", "9" * 4000, "-0"])
def test_it_refuses_a_number_for_a_text_however_large(number: str) -> None:
    assert send(f'{{"content": {number}, "platforms": ["twitter"]}}')["field"] == "/content"


@pytest.mark.parametrize("body", ["[]", '["content"]', '"content"', "1", "true", "null", "[{}]", "1e999"])
def test_it_refuses_json_that_is_not_an_object(body: str) -> None:
    assert send(body)["error"] == "The body must be a JSON object."


@pytest.mark.parametrize("raw", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"])
def test_it_refuses_invalid_utf_8(raw: bytes) -> None:
    assert send(b'{"content": "' + raw + b'", "platforms": ["twitter"]}')["code"] == "invalid_utf8"


@pytest.mark.parametrize("text", [r"\u0000", r"\ud800", r"\udfff", r"\ude00\ud83d", r"a\u0000b"])
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ('{"content": "%s", "platforms": ["twitter"]}', "/content"),
        ('{"content": "a", "platforms": ["%s"]}', "/platforms/0"),
        ('{"content": "a", "platforms": ["twitter"], "tags": ["a", "%s"]}', "/tags/1"),
        ('{"content": "a", "platforms": ["twitter"], "platform_overrides": {"x": "%s"}}', "/platform_overrides/x"),
        ('{"content": "a", "platforms": ["twitter"], "deep": [{"a/b": "%s"}]}', "/deep/0/a~1b"),
        ('{"content": "a", "platforms": ["twitter"], "%s": 1}', None),
    ],
)
def test_it_refuses_text_that_postgresql_could_not_keep(text: str, body: str, pointer: str | None) -> None:
    answer = send(body % text)

    assert answer["code"] == "invalid_text"
    if pointer:
        assert answer["field"] == pointer


def test_it_keeps_paired_surrogates() -> None:
    answer = builders.client(builders.workspace()).post(
        "/v1/posts", r'{"content": "\ud83d\ude00", "platforms": ["twitter"]}'
    )

    assert answer.json()["data"]["content"] == "😀"


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_it_refuses_deep_nesting(opening: str) -> None:
    assert send(opening * 100_000)["code"] == "invalid_json"
    closing = {"[": "]", '{"a":': "}"}[opening]
    deep = opening * 5000 + "1" + closing * 5000
    builders.error(builders.client(builders.workspace()).post("/v1/posts", f'{{"content": {deep}}}'))


def test_it_takes_a_body_of_1_mib_and_no_more() -> None:
    client = builders.client(builders.workspace())

    def padded(size: int) -> str:
        body = json.dumps(GOOD)
        return body + " " * (size - len(body))

    assert client.post("/v1/posts", padded(1024 * 1024)).status_code == 201
    assert builders.error(client.post("/v1/posts", padded(1024 * 1024 + 1)), 413)["code"] == "body_too_large"
    assert builders.error(client.post("/v1/posts", "x" * 6_000_000), 413)["code"] == "body_too_large"


@pytest.mark.parametrize(
    "value",
    [
        [0] * 80_000,
        [""] * 30_000,
        [[]] * 30_000,
        dict.fromkeys(map(str, range(9000))),
        json.loads("[" * 500 + "]" * 500),
    ],
    ids=["numbers", "texts", "lists", "keys", "deep"],
)
def test_it_reads_a_body_in_memory_of_the_bodys_order(value: Any) -> None:
    body = json.dumps({"x" * 100_000: value})
    tracemalloc.start()
    try:
        StrictJSONParser().parse(BytesIO(body.encode()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 8 * 1024 * 1024


def test_it_cuts_a_long_name_in_a_pointer() -> None:
    answer = send('{"%s": {"a/b": ["\\u0000"]}}' % ("x" * 500))

    assert (answer["code"], answer["field"]) == ("invalid_text", "/" + "x" * 99 + "…/a~1b/0")


@pytest.mark.parametrize(("field", "most"), [("tags", 50), ("platforms", 100), ("integrations", 100)])
def test_it_counts_a_list_before_it_looks_at_what_is_in_it(field: str, most: int) -> None:
    answer = send(json.dumps(GOOD | {field: [0] * 500_000}, separators=(",", ":"))[: 1024 * 1024])

    assert (answer["code"], answer["field"]) == ("invalid_value", f"/{field}")
    assert answer["error"] == f"{field} must have at most {most} items."
    assert "details" not in answer


def test_it_lists_20_faults_and_says_that_there_are_more() -> None:
    few = send(json.dumps(GOOD | {"tags": [0] * 20}))["details"]
    many = send(json.dumps(GOOD | {"tags": [0] * 21}))["details"]

    assert [fault["field"] for fault in few] == [f"/tags/{index}" for index in range(20)]
    assert many[:20] == few
    assert [fault["code"] for fault in many[20:]] == ["more_errors"]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
        "json",
        "/",
    ],
)
def test_it_refuses_another_content_type(content_type: str) -> None:
    client = builders.client(builders.workspace())
    post = builders.post(builders.workspace())

    for answer in (
        client.generic("POST", "/v1/posts", json.dumps(GOOD), content_type),
        client.generic("PATCH", f"/v1/posts/{post.id}", json.dumps(GOOD), content_type),
    ):
        if answer.status_code != 404:  # the post is a stranger's
            assert builders.error(answer, 415)["code"] == "unsupported_media_type"


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;x=y"]
)
def test_it_takes_json_with_parameters(content_type: str) -> None:
    client = builders.client(builders.workspace())

    assert client.post("/v1/posts", json.dumps(GOOD), content_type).status_code == 201


def test_it_requires_a_body_to_create() -> None:
    client = builders.client(builders.workspace())

    for content_type in ("application/json", "", "application/x-www-form-urlencoded"):
        body = builders.error(client.generic("POST", "/v1/posts", b"", content_type))
        assert body["code"] in ("field_required", "invalid_json")


# A small fuzz -------------------------------------------------------------------------------------------------------

FIELDS = (
    "content", "platforms", "integrations", "schedule_at", "scheduled_at", "status", "tags", "platform_overrides",
    "platform_settings", "group_id", "media", "thread", "unknown", "", "a/b~", "__class__", "non_field_errors",
)  # fmt: skip
WORDS = (
    "", " ", "x", "twitter", "bluesky", "youtube", "draft", "scheduled", "published", "\0", "\ud800", "😀" * 90,
    "a" * 400,
    "2026-05-01T14:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2027-01-01T00:00:00.1234567891Z",
    "2027-W01-1T00:00Z", "%s", "{}", "../..", "00000000-0000-0000-0000-000000000000",
    "{00000000000000000000000000000000}",
    "who_can_reply", "title", "thumbnail_url", "http://[::1", "https://ａ.example/\u202e", "#sandbox-down",
)  # fmt: skip


def anything(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.randrange(6 if depth > 3 else 8)
    if kind < 3:
        return dice.choice(WORDS)
    if kind == 3:
        return dice.choice([0, 1, -1, 10**30, 2**63, 1.5, 1e308, float("inf")])
    if kind < 6:
        return dice.choice([None, True, False, [], {}])
    if kind == 6:
        return [anything(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {dice.choice(WORDS + FIELDS): anything(dice, depth + 1) for _ in range(dice.randrange(4))}


def something(dice: random.Random) -> Any:
    """Mostly a body that could be good, with one or more parts that are not."""
    if dice.random() < 0.05:
        return anything(dice)
    body: dict[str, Any] = {
        "content": dice.choice(["Hello", "Hello", "a" * 999]),
        "platforms": dice.sample(["twitter", "x", "bluesky", "youtube", "mastodon", "tiktok"], dice.randint(1, 4)),
    }
    for _ in range(dice.randrange(4)):
        body[dice.choice(FIELDS)] = anything(dice)
    if dice.random() < 0.3:
        body["platform_settings"] = {name: anything(dice) for name in ("twitter", "x", "youtube")}
    return body


def test_it_never_answers_500() -> None:
    dice = random.Random(20260501)
    workspace = builders.workspace()
    client = builders.client(workspace)
    posts = [
        str(builders.post(workspace).id),
        str(builders.publishing(workspace).id),
        str(builders.failed(workspace).id),
    ]
    seen: dict[int, int] = {}
    for _ in range(400):
        name = dice.choice([*posts, *WORDS[:4], "group/" + dice.choice([*posts, "x"])]).strip("\0") or "x"
        path = dice.choice(["/v1/posts", "/v1/posts", "/v1/posts/", f"/v1/posts/{name}", f"/v1/posts/{name}/publish",
                            f"/v1/posts/{name}/cancel", f"/v1/posts/{name}/duplicate", f"/v1/{name}"])  # fmt: skip
        method = dice.choice(["POST", "POST", "PATCH", "GET", "PUT", "OPTIONS", "HEAD", "BREW"])
        raw = json.dumps(something(dice)).encode()
        if dice.random() < 0.1:
            cut = dice.randrange(len(raw))
            raw = raw[:cut] + dice.randbytes(3) + raw[cut + dice.randrange(5) :]
        query = {
            dice.choice(["limit", "status", "format", "x"]): dice.choice(WORDS).encode("utf-8", "replace").decode()
        }
        query = query if dice.random() < 0.3 else {}

        answer = client.generic(method, path, raw, "application/json", query_params=query)

        assert answer.status_code < 500, (method, path, raw, answer.content)
        if answer.status_code >= 400 and method != "HEAD":
            builders.error(answer, answer.status_code)
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1

    assert {200, 201, 400, 404, 405} <= set(seen)
    assert Post.objects.filter(workspace=workspace).count() > 3
    assert Client().get("/healthz").status_code == 200
