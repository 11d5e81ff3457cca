"""The same words for the same account within a day: a warning that names the other post."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db

BODY = {"content": "Hello world", "platforms": ["twitter"]}


def told(post: dict[str, Any]) -> list[str]:
    """The posts that the warnings name."""
    return [warning["post_id"] for warning in post["warnings"] if warning["code"] == "duplicate_text"]


def make(client: builders.ApiClient, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    time = {"schedule_at": builders.iso(at)} if at else {}
    made: dict[str, Any] = client.post("/v1/posts", {**BODY, **time, **fields}).json()["data"]
    return made


def test_it_names_the_other_post() -> None:
    client = builders.client(builders.workspace())
    first = make(client)

    second = make(client, at=builders.soon())

    assert told(first) == []
    (warning,) = second["warnings"]
    assert (warning["code"], warning["field"], warning["post_id"]) == ("duplicate_text", "/content", first["id"])
    assert first["id"] in warning["message"]


def test_it_names_the_newest_of_several() -> None:
    client = builders.client(builders.workspace())
    made = [make(client) for _ in range(3)]

    assert told(make(client)) == [made[2]["id"]]


@pytest.mark.parametrize(
    "fields",
    [
        {"content": "Hello World"},
        {"content": "Hello world "},
        {"platforms": ["bluesky"]},
        {"platform_overrides": {"twitter": "Hello X"}},
    ],
)
def test_it_says_nothing_of_other_words_or_another_account(fields: dict[str, Any]) -> None:
    client = builders.client(builders.workspace())
    make(client)

    assert told(make(client, **fields)) == []


def test_it_says_so_for_each_account_that_gets_the_same() -> None:
    client = builders.client(builders.workspace())
    first = make(client, platforms=["twitter", "bluesky"])

    second = make(client, platforms=["bluesky", "twitter", "mastodon"])

    assert told(second) == [first["id"], first["id"]]


def test_it_says_nothing_of_another_workspace() -> None:
    make(builders.client(builders.workspace()))

    assert told(make(builders.stranger())) == []


@pytest.mark.parametrize(("apart", "same"), [({"hours": 23}, True), ({"hours": 25}, False), ({"days": 7}, False)])
def test_it_says_so_of_what_goes_out_within_a_day(apart: dict[str, int], same: bool) -> None:
    client, at = builders.client(builders.workspace()), builders.soon(days=10)
    first = make(client, at=at)

    for sign in (1, -1):
        assert (first["id"] in told(make(client, at=at + sign * timedelta(**apart)))) is same


def test_it_says_nothing_of_a_draft_of_last_week() -> None:
    client = builders.client(builders.workspace())
    make(client)
    Post.objects.update(created_at=timezone.now() - timedelta(days=7))

    assert told(make(client)) == []


def test_it_says_so_of_a_change_and_never_of_the_post_itself() -> None:
    client = builders.client(builders.workspace())
    first, second = make(client), make(client, content="Other words")
    path = f"/v1/posts/{second['id']}"

    assert told(client.patch(path, {"content": "Hello world"}).json()["data"]) == [first["id"]]
    assert told(client.patch(path, {"content": "Other words"}).json()["data"]) == []
    assert told(client.patch(path, {"tags": ["a"]}).json()["data"]) == []


def test_it_says_so_beforehand() -> None:
    client = builders.client(builders.workspace())
    first = make(client)

    (target,) = client.post("/v1/posts/validate", BODY).json()["data"]["targets"]

    assert told(target) == [first["id"]]


def test_it_costs_as_little_among_many_posts_of_the_same_words() -> None:
    workspace = builders.workspace()
    account = builders.account(workspace)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH made AS (
                INSERT INTO posts_post (id, workspace_id, status, content, platform_overrides, platform_settings, tags,
                                        warnings, created_at, updated_at)
                SELECT gen_random_uuid(), %(workspace)s, 'draft',
                       CASE WHEN n %% 2 = 0 THEN 'Hello world' ELSE n::text END,
                       '{}', '{}', '{}', '[]', %(then)s + n * interval '1 second', %(then)s
                FROM generate_series(1, 20000) n RETURNING id
            )
            INSERT INTO posts_posttarget (id, post_id, integration_id, position, status, attempts, failures, error_code,
                                          error_message, error_retryable, in_doubt, platform_post_id, created_at,
                                          updated_at)
            SELECT gen_random_uuid(), id, %(account)s, 0, 'pending', 0, 0, '', '', false, false, '', %(then)s, %(then)s
            FROM made
            """,
            {"workspace": workspace.id, "account": account.id, "then": timezone.now() - timedelta(days=30)},
        )
        cursor.execute("ANALYZE posts_post, posts_posttarget")
        with CaptureQueriesContext(connection) as queries:
            assert told(make(builders.client(workspace))) == []
        (looked,) = [query["sql"] for query in queries if "MD5" in query["sql"]]
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {looked}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "post_same_text" in plan
    assert "Seq Scan" not in plan, plan
    touched = next(line for line in plan.splitlines() if "Buffers" in line)
    assert int(touched.split("hit=")[1].split()[0]) < 2000, plan


def test_it_reads_one_post_for_an_account_however_many_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty posts of a group, each for a hundred accounts, read ten thousand rows each."""
    client = builders.client(builders.workspace())
    made = [make(client) for _ in range(5)]
    read: list[Any] = []
    from_db = Post.from_db

    def counted(db: Any, names: Any, values: Any) -> Post:
        read.append(values)
        return from_db(db, names, values)

    monkeypatch.setattr(Post, "from_db", counted)
    said = client.post("/v1/posts/validate", BODY).json()["data"]

    assert said["targets"][0]["warnings"][0]["post_id"] == made[-1]["id"]
    assert len(read) == 1
