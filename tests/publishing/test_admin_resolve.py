"""A target's page in admin: its story, and the two buttons for an outcome that nobody knows."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry, Role
from integrations.platforms.errors import Rejected
from posts.models import Event, PostTarget, TargetStatus
from publishing.models import Delivery, DeliveryState
from tests import builders
from tests.integrations.test_admin import staff

from .engine import ScriptedClient, step, unknown

pytestmark = pytest.mark.django_db

URL = "https://x.com/somebody/status/1790001"
LABELS = ("It is live …", "It is not live: send it again")


def page_of(target: PostTarget) -> str:
    return reverse("admin:posts_posttarget_change", args=[target.id])


def press(client: Client, target: PostTarget, button: str, **said: str) -> Any:
    return client.post(reverse("admin:posts_posttarget_run", args=[target.id, button]), said, follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_it_asks_for_the_address_and_records_it(platform: ScriptedClient, admin_client: Client) -> None:
    target = unknown(platform)
    page = press(admin_client, target, "resolve_live").content.decode()
    assert 'name="url"' in page
    target.refresh_from_db()
    assert target.status == TargetStatus.FAILED

    assert said(press(admin_client, target, "resolve_live", url=URL)) == ["It is recorded as live."]

    target.refresh_from_db()
    assert (target.status, target.platform_post_url) == (TargetStatus.PUBLISHED, URL)
    event = Event.objects.get(target=target)
    assert (event.kind, event.actor) == ("resolved_live", "admin")
    assert AuditEntry.objects.get(action="post.resolved").after["target"] == str(target.id)


@pytest.mark.parametrize("url", ["", "x.com/1", "javascript:alert(1)", "https://x.com/" + "a" * 987])
def test_it_asks_again_for_an_address_that_is_none(platform: ScriptedClient, admin_client: Client, url: str) -> None:
    target = unknown(platform)
    page = press(admin_client, target, "resolve_live", url=url).content.decode()
    assert "This must be " in page
    target.refresh_from_db()
    assert target.status == TargetStatus.FAILED


def test_it_sends_again_what_is_not_live(platform: ScriptedClient, admin_client: Client) -> None:
    target = unknown(platform)
    assert said(press(admin_client, target, "resolve_absent")) == ["It is on its way again."]
    target.refresh_from_db()
    assert target.status == TargetStatus.PENDING
    assert Delivery.objects.get().state == DeliveryState.PREPARED


def test_it_says_why_there_is_nothing_to_resolve(platform: ScriptedClient, admin_client: Client) -> None:
    target = unknown(platform)
    press(admin_client, target, "resolve_live", url=URL)
    for button in ("resolve_live", "resolve_absent"):
        (message,) = said(press(admin_client, target, button, url=URL))
        assert "only a failed one" in message
    assert Event.objects.filter(target=target).count() == 1


def test_it_names_the_post_that_is_there_already(platform: ScriptedClient, admin_client: Client) -> None:
    workspace = builders.workspace()
    other = builders.published(workspace)
    PostTarget.objects.filter(post=other).update(platform_post_id="1790001")
    (message,) = said(press(admin_client, unknown(platform, workspace), "resolve_live", url=URL))
    assert str(other.id) in message


def test_it_offers_the_buttons_only_where_nobody_knows(platform: ScriptedClient, admin_client: Client) -> None:
    target = unknown(platform)
    page = admin_client.get(page_of(target)).content.decode()
    assert all(label in page for label in LABELS)
    press(admin_client, target, "resolve_live", url=URL)
    page = admin_client.get(page_of(target)).content.decode()
    assert not any(label in page for label in LABELS)


def test_it_offers_them_on_no_list(platform: ScriptedClient, admin_client: Client) -> None:
    target = unknown(platform)
    url = reverse("admin:posts_posttarget_changelist")
    assert not any(label in admin_client.get(url).content.decode() for label in LABELS)
    admin_client.post(url, {"action": "resolve_absent", "_selected_action": [target.id]})
    target.refresh_from_db()
    assert target.status == TargetStatus.FAILED


def test_it_is_only_for_those_who_may_publish(platform: ScriptedClient) -> None:
    target = unknown(platform)
    looker = staff(target.post.workspace, Role.VIEWER)
    page = looker.get(page_of(target)).content.decode()
    assert not any(label in page for label in LABELS)
    for button in ("resolve_live", "resolve_absent"):
        assert press(looker, target, button, url=URL).status_code == 403
    target.refresh_from_db()
    assert target.status == TargetStatus.FAILED


def test_it_lets_those_who_may_and_only_by_post(platform: ScriptedClient) -> None:
    target = unknown(platform)
    person = builders.member(target.post.workspace, Role.EDITOR)
    helper = Client()
    helper.force_login(person)
    url = reverse("admin:posts_posttarget_run", args=[target.id, "resolve_absent"])
    assert helper.get(url).status_code == 405
    assert helper.post(url).status_code == 302
    target.refresh_from_db()
    assert target.status == TargetStatus.PENDING
    assert Event.objects.get(target=target).actor == person.username


def test_it_tells_the_story_with_worker_and_raw_answer(platform: ScriptedClient, admin_client: Client) -> None:
    platform.before = [Rejected("Too <rude>.", detail="HTTP 403 <raw>")]
    target = step(builders.due(builders.workspace(), content="Hello"))
    worker = target.tries.get().worker
    for url in (page_of(target), reverse("admin:posts_post_change", args=[target.post_id])):
        page = admin_client.get(url).content.decode()
        for shown in ("Created for X.", "Too &lt;rude&gt;.", "HTTP 403 &lt;raw&gt;", worker, "Author’s side"):
            assert shown in page


def test_it_tells_on_a_targets_page_nothing_of_another_target(platform: ScriptedClient, admin_client: Client) -> None:
    target = unknown(platform)
    post = target.post
    other = PostTarget.objects.create(post=post, integration=builders.account(post.workspace, "bluesky"))
    press(admin_client, target, "resolve_live", url=URL)
    assert "It was found to be live" in admin_client.get(page_of(target)).content.decode()
    page = admin_client.get(page_of(other)).content.decode()
    assert "Created for X." in page
    assert "It was found to be live" not in page
