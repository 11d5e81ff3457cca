"""The pages of one thing ask the database as often, whatever hangs on it: members, posts that wait, deliveries."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import Workspace
from integrations.webhooks import deliveries, endpoints
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db

POSTS = reverse("admin:posts_post_changelist")


@pytest.fixture
def workspace() -> Workspace:
    return builders.workspace()


def page_of(obj: Any, name: str = "change") -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_{name}", args=[obj.pk])


def test_pages_of_one_thing_cost_the_same_however_much_hangs_on_it(admin_client: Client, workspace: Workspace) -> None:
    account, file = builders.account(workspace), builders.media(workspace)
    endpoint, _ = endpoints.create(workspace=workspace, url="https://example.com/hook")
    pages = [page_of(account), page_of(account, "disconnect"), page_of(file), page_of(endpoint), page_of(workspace)]

    def grow() -> None:
        builders.member(workspace)
        builders.post(workspace, at=builders.soon(days=1), media=[file])
        deliveries.test(endpoint=endpoint, now=timezone.now())

    def costs() -> list[int]:
        return [cost(admin_client, page) for page in pages]

    grow()
    costs()  # once without counting: the content types are then known
    few = costs()
    for _ in range(5):
        grow()
    assert costs() == few


def test_the_question_before_a_verb_costs_the_same_for_one_and_for_many(
    admin_client: Client, workspace: Workspace
) -> None:
    def asked(posts: list[Post]) -> int:
        chosen = {"action": "cancel", "_selected_action": [str(post.id) for post in posts]}
        return cost(admin_client, POSTS, chosen)

    posts = [builders.post(workspace, at=builders.soon(days=1)) for _ in range(6)]
    asked(posts)
    assert asked(posts[:1]) == asked(posts)


def cost(client: Client, page: str, body: dict[str, Any] | None = None) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(page) if body is None else client.post(page, body)
    assert answer.status_code == 200, page
    return len(queries)
