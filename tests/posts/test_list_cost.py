"""What a page of GET /v1/posts costs PostgreSQL: the thousandth as much as the first, by whatever it is narrowed."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.request import Request

from integrations.models import Workspace
from openpost.api.pages import _signer
from posts.models import Post
from tests import builders

#: Posts of one workspace; `rare` is true of one in a thousand.
MANY = 30_000


@pytest.fixture(scope="module")
def workspace(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Workspace]:
    """A workspace with many posts, made once for all tests here."""
    with django_db_blocker.unblock():
        made = builders.workspace()
        _fill(made)
        yield made
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE integrations_workspace CASCADE")


def _fill(workspace: Workspace) -> None:
    accounts = [builders.account(workspace, name).id for name in ("twitter", "mastodon")]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH made AS (
                INSERT INTO posts_post (id, workspace_id, status, content, platform_overrides, platform_settings, tags,
                                        warnings, scheduled_at, group_id, created_at, updated_at)
                SELECT gen_random_uuid(), %(workspace)s, CASE WHEN rare THEN 'failed' ELSE 'scheduled' END,
                       'The post number ' || n || CASE WHEN rare THEN ' of a quiet evening' ELSE ' of many' END,
                       '{}', '{}', CASE WHEN rare THEN ARRAY['rare', 'all'] ELSE ARRAY['all'] END, '[]',
                       %(now)s + n * interval '1 minute', CASE WHEN rare THEN %(workspace)s::uuid END,
                       %(now)s + n * interval '1 second', %(now)s
                FROM (SELECT n, n %% 1000 = 0 AS rare FROM generate_series(1, %(many)s) n) AS numbers
                RETURNING id, status
            )
            INSERT INTO posts_posttarget (id, post_id, integration_id, position, status, attempts, failures, error_code,
                                          error_message, error_retryable, in_doubt, platform_post_id, created_at,
                                          updated_at)
            SELECT gen_random_uuid(), id, CASE WHEN status = 'failed' THEN %(mastodon)s ELSE %(twitter)s END::uuid,
                   0, 'pending', 0, 0, '', '', false, false, '', %(now)s, %(now)s
            FROM made
            """,
            {
                "workspace": str(workspace.id),
                "twitter": str(accounts[0]),
                "mastodon": str(accounts[1]),
                "now": timezone.now(),
                "many": MANY,
            },
        )
        cursor.execute("VACUUM ANALYZE posts_post, posts_posttarget")


def cost(client: builders.ApiClient, query: dict[str, Any]) -> tuple[int, str, Any]:
    """The pages of memory that PostgreSQL touched for a page of posts, its plans, and the answer.

    A page of more than twenty is read in two goes (openpost/api/pages.py).
    """
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/v1/posts", query)
    assert answer.status_code == 200, answer.content
    listings = [one["sql"] for one in queries if "ORDER BY" in one["sql"] and 'FROM "posts_post"' in one["sql"]]
    assert 1 <= len(listings) <= 2
    plans = [_plan(listing) for listing in listings]
    touched = sum(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] for plan in plans)
    return touched, json.dumps(plans), answer.json()


def _plan(listing: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {listing}")
        (plan,) = cursor.fetchone()[0]
    return plan


FILTERS = {
    "nothing": {},
    "status": {"status": "scheduled"},
    "tag": {"tag": "all"},
    "platform": {"platform": "twitter"},
    "from": {"from": "2020-01-01T00:00:00Z"},
    "q": {"q": "post number"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", FILTERS)
def test_it_costs_as_much_at_the_end_as_at_the_beginning(workspace: Workspace, name: str) -> None:
    client, query = builders.client(workspace), {"limit": 20, **FILTERS[name]}
    first, _, answer = cost(client, query)
    assert len(answer["data"]) == 20
    # As a program's cursor in the last hundred of 30,000.
    almost = Post.objects.filter(workspace=workspace).order_by("created_at")[100]
    deep = _cursor(query, almost)

    last, plan, answer = cost(client, {**query, "cursor": deep})

    assert len(answer["data"]) == 20
    assert "Seq Scan" not in plan, plan
    assert last <= 2 * first + 20, (first, last, plan)
    assert first < 1000, plan


RARE: dict[str, tuple[dict[str, Any], str]] = {
    "status": ({"status": "failed"}, "post_list_by_status"),
    "tag": ({"tag": "rare"}, "post_list_by_tag"),
    "platform": ({"platform": "mastodon"}, "posts_posttarget"),
    "group_id": ({"group_id": ...}, "post_list_of_group"),
    "q": ({"q": "quiet EVENING"}, "post_list_by_text"),
    "from and to": ({"from": ..., "to": ...}, "post_list_by_time"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", RARE)
def test_it_finds_what_is_rare_by_its_index(workspace: Workspace, name: str) -> None:
    filters, index = RARE[name]
    at = Post.objects.filter(workspace=workspace).order_by("created_at")[200].scheduled_at
    assert at
    known: dict[str, Any] = {
        "group_id": workspace.id,
        "from": builders.iso(at),
        "to": builders.iso(at + timedelta(minutes=30)),
    }
    query = {key: known[key] if value is ... else value for key, value in filters.items()}

    touched, plan, answer = cost(builders.client(workspace), {"limit": 200, **query})

    assert len(answer["data"]) == 30
    assert index in plan, plan
    assert "Seq Scan" not in plan, plan
    assert touched < 1000, plan


@pytest.mark.django_db
def test_it_begins_a_list_of_long_ago_there(workspace: Workspace) -> None:
    Post.objects.filter(workspace=workspace).update(created_at=F("created_at") - timedelta(days=1))
    oldest = Post.objects.filter(workspace=workspace).order_by("created_at")
    Post.objects.filter(id__in=oldest.values("id")[: MANY // 50]).update(
        created_at=F("created_at") - timedelta(days=300), scheduled_at=F("created_at") - timedelta(days=299)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE posts_post")
    query = {"from": "2000-01-01T00:00:00Z", "to": builders.iso(timezone.now() - timedelta(days=200))}

    touched, plan, answer = cost(builders.client(workspace), query)

    assert len(answer["data"]) == 20
    assert touched < 1000, plan


@pytest.mark.django_db
def test_it_finds_nothing_quickly(workspace: Workspace) -> None:
    client = builders.client(workspace)

    for query in ({"q": "a noisy morning"}, {"q": "zq"}, {"tag": "none"}, {"platform": "threads"}):
        begun = time.monotonic()
        touched, plan, answer = cost(client, query)
        assert answer["data"] == []
        assert touched < 1000, plan
        assert time.monotonic() - begun < 10


def _cursor(query: dict[str, Any], post: Post) -> str:
    """The cursor that a page of this list ends with when this post is its last."""
    request = Request(RequestFactory().get("/v1/posts", query))
    return _signer(request).sign_object([post.created_at.isoformat(), str(post.id)])
