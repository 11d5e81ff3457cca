"""POST /v1/posts/import: a table of posts."""

from typing import Any

import pytest

from posts.models import Event, Post
from tests import builders

pytestmark = pytest.mark.django_db

HEAD = "content,platforms,schedule_at,tags\n"


def send(table: str | bytes, client: builders.ApiClient | None = None, **query: str) -> Any:
    client = client or builders.client(builders.workspace())
    return client.post("/v1/posts/import", table, "text/csv", query_params=query)


def counts() -> tuple[int, int]:
    return Post.objects.count(), Event.objects.count()


def test_it_makes_a_post_of_each_line() -> None:
    at = builders.iso(builders.soon())

    answer = send(f'{HEAD}"Hello, world",twitter,,\n"Two\nlines","twitter, bluesky",{at},"spring, sale"\n\n')

    assert answer.status_code == 201
    first, second = answer.json()["data"]
    assert (first["content"], first["status"], first["tags"]) == ("Hello, world", "draft", [])
    assert (second["content"], second["status"], second["scheduled_at"]) == ("Two\nlines", "scheduled", at)
    assert second["tags"] == ["spring", "sale"]
    assert [one["integrations"]["platform"] for one in second["post_targets"]] == ["twitter", "bluesky"]


def test_it_tries_and_makes_nothing() -> None:
    at = builders.iso(builders.soon())

    answer = send(f"{HEAD}Hello,twitter,{at},\n{'a' * 281},twitter,{at},\nHello,myspace,,\n", dry_run="true")

    assert answer.status_code == 200
    good, long, nowhere = answer.json()["data"]
    assert good == {
        "line": 2, "valid": True, "status": "scheduled", "scheduled_at": at, "problems": [], "warnings": [],
    }  # fmt: skip
    assert (long["line"], long["valid"], [one["code"] for one in long["problems"]]) == (3, False, ["text_too_long"])
    assert [(one["code"], one["field"]) for one in nowhere["problems"]] == [("unknown_platform", "/platforms/0")]
    (problem,) = long["problems"]
    assert (problem["platform"], problem["count"], problem["limit"]) == ("twitter", 281, 280)
    assert "twitter" in nowhere["problems"][0]["connected"]
    assert counts() == (0, 0)


def test_a_post_of_several_lines_is_known_by_its_first() -> None:
    answer = send(f'{HEAD}"Two\nlines",twitter,,\n\nHello,twitter,,\n', dry_run="true")
    assert [one["line"] for one in answer.json()["data"]] == [2, 5]


def test_it_says_of_two_equal_lines_that_they_are() -> None:
    answer = send(f"{HEAD}Hello,twitter,,\nHello,twitter,,\n", dry_run="true")

    assert [[one["code"] for one in line["warnings"]] for line in answer.json()["data"]] == [[], ["duplicate_text"]]


def test_it_makes_none_when_a_line_is_wrong_and_says_which() -> None:
    said = builders.error(send(f"{HEAD}Hello,twitter,,\nHello,,,\nHello,twitter,tomorrow,\n"))

    assert [(one["line"], one["code"], one["field"]) for one in said["details"]] == [
        (3, "field_required", "/platforms"),
        (4, "invalid_value", "/schedule_at"),
    ]
    assert said["error"].startswith("Line 3: ")
    assert counts() == (0, 0)


def test_it_says_so_of_twenty_and_that_there_are_more() -> None:
    said = builders.error(send(HEAD + "Hello,,,\n" * 30))

    assert (len(said["details"]), said["details"][-1]["code"]) == (21, "more_errors")


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffcontent,platforms\nHello,twitter\n",
        "Content ; PLATFORMS\r\nHello;x\r\n",
        '"content","platforms"\n"Hello","twitter"',
        "platforms,content,tags\ntwitter,Hello\n",
    ],
)
def test_it_reads_what_spreadsheets_write(table: str) -> None:
    assert [post["content"] for post in send(table.encode()).json()["data"]] == ["Hello"]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("", "invalid_csv"),
        ("content,platforms\n", "invalid_csv"),
        ("content,platforms,colour\nHello,twitter,red\n", "invalid_csv"),
        ("content,content\nHello,Hello\n", "invalid_csv"),
        ("content,platforms\nHello,twitter,more\n", "invalid_csv"),
        ('content,platforms\n"Hello,twitter\n', "invalid_csv"),
        ('content,platforms\n"Hel"lo,twitter\n', "invalid_csv"),
        (HEAD + "Hello,twitter,,\n" * 201, "invalid_csv"),
        ("content,platforms\nHel\0lo,twitter\n", "invalid_text"),
        (b"content,platforms\nHell\xf6,twitter\n", "invalid_utf8"),
    ],
)
def test_it_refuses_what_is_no_such_table(table: str | bytes, code: str) -> None:
    assert builders.error(send(table))["code"] == code
    assert builders.error(send(table, dry_run="true"))["code"] == code
    assert counts() == (0, 0)


def test_it_refuses_another_type_and_a_table_that_is_too_large() -> None:
    client = builders.client(builders.workspace())

    json = client.post("/v1/posts/import", {"content": "Hello"})
    assert builders.error(json, 415)["code"] == "unsupported_media_type"
    assert builders.error(send(HEAD + "a" * 2**20, client), 413)["code"] == "body_too_large"
    assert builders.error(send(HEAD, client, dry_run="maybe"))["field"] == "dry_run"


def test_it_is_done_once_under_an_idempotency_key() -> None:
    client = builders.client(builders.workspace())
    table, headers = f"{HEAD}Hello,twitter,,\n", {"Idempotency-Key": "one"}

    first, again = (client.post("/v1/posts/import", table, "text/csv", headers=headers) for _ in range(2))

    assert first.content == again.content
    assert Post.objects.count() == 1
    other = client.post("/v1/posts/import", f"{table}More,twitter,,\n", "text/csv", headers=headers)
    assert builders.error(other, 409)["code"] == "idempotency_key_reused"


def test_it_imports_as_many_as_a_table_may_have() -> None:
    assert len(send(HEAD + "".join(f"Hello {n},twitter,,\n" for n in range(200))).json()["data"]) == 200
