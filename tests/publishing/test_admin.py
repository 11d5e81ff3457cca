"""The ledger in admin, and what holds for every list of ours: read-only where it must be, and no query per row."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations import keys
from integrations.models import Integration, PlatformRest, SandboxFault, SandboxPost, Workspace
from integrations.webhooks import deliveries, endpoints
from posts.models import PostTarget
from publishing.models import Attempt, Delivery, DeliveryState, Outcome
from tests import builders

from .engine import step

pytestmark = pytest.mark.django_db

ROOMS = ("integrations", "posts", "publishing")
OURS = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
#: Shown on the page of what it belongs to, on the home page, to the person whose it is alone, or to nobody.
NO_PAGE = {
    *("Attachment", "Autosave", "SecondFactor", "SignIn"),
    *("Alert", "AlertChoice", "FeedReader", "Letter", "Pulse", "Worker"),
}
LISTS = [model for model in OURS if model.__name__ not in NO_PAGE]


def went_out(workspace: Workspace, **kwargs: Any) -> PostTarget:
    """A target that took the whole path to the sandbox network."""
    return step(builders.due(workspace, **kwargs))


def one_of_each() -> None:
    """Another workspace with a row, or more, in every list: no row shares anything with another's."""
    workspace, now = builders.workspace(), timezone.now()
    keys.create_key(workspace=workspace, name="Website")
    builders.member(workspace)
    PlatformRest.objects.create(platform=workspace.id.hex[:30], until=now, code="billing", reason="No.", since=now)
    endpoint, _ = endpoints.create(workspace=workspace, url="https://example.com/hook")
    deliveries.test(endpoint=endpoint, now=now)
    went_out(workspace, content="Hello #sandbox-slow-0", media=[builders.media(workspace)])
    went_out(workspace, content="Hello #sandbox-reject", platforms=["bluesky"])


def list_of(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_it_registers_every_model() -> None:
    assert {model.__name__ for model in OURS if not admin.site.is_registered(model)} == NO_PAGE


def test_it_lists_ten_rows_with_the_queries_of_two(admin_client: Client) -> None:
    urls = {model.__name__: list_of(model) for model in LISTS}
    for _ in range(2):
        one_of_each()
    # Once without counting: the content types are then known.
    admin_client.get(list_of(Attempt))
    few = {name: queries_of(admin_client, url) for name, url in urls.items()}
    for _ in range(8):
        one_of_each()
    assert min(model._default_manager.count() for model in LISTS) >= 10
    assert {name: queries_of(admin_client, url) for name, url in urls.items()} == few
    assert max(few.values()) <= 11


def test_it_shows_a_post_with_the_same_queries_however_many_targets_and_attempts(admin_client: Client) -> None:
    workspace = builders.workspace()
    few = builders.published(workspace, platforms=["twitter"])
    many = builders.published(workspace, platforms=["twitter", "bluesky", "linkedin", "mastodon", "facebook"])
    for target in many.targets.all():
        for number in range(3):
            tried(target, number)
    tried(builders.target(few), 0)
    few_url, many_url = (reverse("admin:posts_post_change", args=[post.id]) for post in (few, many))
    admin_client.get(few_url)
    assert queries_of(admin_client, few_url) == queries_of(admin_client, many_url)


def test_it_searches_every_list_for_any_words(admin_client: Client) -> None:
    one_of_each()
    for url in map(list_of, LISTS):
        for words in ("hello", "7cf7d3a6-3e4f-4c8e-b0a6-5e6ed7d0b5a1", "%_\\'\""):
            assert admin_client.get(url, {"q": words}).status_code == 200, (url, words)


@pytest.mark.parametrize("last", [2, pytest.param(100, marks=pytest.mark.exhaustive)])
def test_it_filters_every_list_by_every_choice(admin_client: Client, last: int) -> None:
    """By the last choices of each filter: the first one is "All"."""
    one_of_each()
    for url in map(list_of, LISTS):
        changes = admin_client.get(url).context["cl"]
        for filter_ in changes.filter_specs:
            for choice in list(filter_.choices(changes))[-last:]:
                assert admin_client.get(url + choice["query_string"]).status_code == 200, (url, choice)


def test_it_shows_every_list_without_reading_the_accounts_credentials(admin_client: Client) -> None:
    one_of_each()
    for url in map(list_of, LISTS):
        with CaptureQueriesContext(connection) as queries:
            assert admin_client.get(url).status_code == 200
        assert not [query["sql"] for query in queries if '"credentials"' in query["sql"]], url


@pytest.mark.parametrize("model", [Attempt, Delivery, SandboxPost, SandboxFault], ids=lambda model: model.__name__)
def test_it_only_shows_what_the_machine_wrote(admin_client: Client, model: Any) -> None:
    one_of_each()
    if model is SandboxFault:
        assert model.objects.exists()
    row = model.objects.first()
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    before = model.objects.values().get(pk=row.pk)
    assert admin_client.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    assert admin_client.post(reverse(f"{name}_change", args=[row.pk]), {"word": "other"}).status_code == 403
    assert admin_client.get(reverse(f"{name}_add")).status_code == 403
    assert admin_client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    admin_client.post(reverse(f"{name}_changelist"), {"action": "delete_selected", "_selected_action": [row.pk]})
    assert model.objects.values().get(pk=row.pk) == before


def test_it_shows_no_secret_on_any_page(admin_client: Client) -> None:
    one_of_each()
    Integration.objects.update(credentials={"password": "s3cret"})
    for model in LISTS:
        row: Any = model._default_manager.first()
        for url in (
            list_of(model),
            reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]),
        ):
            page = admin_client.get(url).content.decode()
            assert "s3cret" not in page, url
            assert "key_hash" not in page, url


def test_it_tells_on_the_pages_of_post_and_target_what_was_tried(admin_client: Client) -> None:
    target = went_out(builders.workspace(), content="Hello #sandbox-reject")
    for url in (
        reverse("admin:posts_post_change", args=[target.post_id]),
        reverse("admin:posts_posttarget_change", args=[target.id]),
    ):
        page = admin_client.get(url).content.decode()
        assert "refused this post, as #sandbox-reject asked" in page
        assert reverse("admin:publishing_attempt_change", args=[Attempt.objects.get().pk]) in page


def test_it_shows_the_newest_attempts_and_links_to_the_rest(admin_client: Client) -> None:
    target = builders.due(builders.workspace())
    for number in range(60):
        tried(target, number)
    for url, asked in (
        (reverse("admin:posts_post_change", args=[target.post_id]), f"target__post__id__exact={target.post_id}"),
        (reverse("admin:posts_posttarget_change", args=[target.id]), f"target__id__exact={target.id}"),
    ):
        page = admin_client.get(url).content.decode()
        assert "Attempt 59<" in page
        assert "Attempt 9<" not in page
        rest = f"{reverse('admin:publishing_attempt_changelist')}?{asked}"
        assert f'href="{rest}"' in page
        assert admin_client.get(rest).context["cl"].result_count == 60


def test_it_shows_the_frozen_payload(admin_client: Client) -> None:
    target = went_out(builders.workspace(), content="Grüße <b>")
    delivery = Delivery.objects.get(target=target)
    assert delivery.state == DeliveryState.LIVE
    page = admin_client.get(reverse("admin:publishing_delivery_change", args=[delivery.id])).content.decode()
    assert "Grüße &lt;b&gt;" in page
    assert delivery.fingerprint in page


def tried(target: PostTarget, number: int) -> None:
    now = timezone.now()
    Attempt.objects.create(
        target=target, number=number, outcome=Outcome.NOT_NOW, worker="here:1", started_at=now, ended_at=now
    )
