"""A target's page in admin: its story, and the way to where an outcome is said that nobody knows."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.platforms.errors import Rejected
from posts.models import PostTarget, TargetStatus
from publishing import resolve
from tests import builders

from .engine import ScriptedClient, step, unknown

pytestmark = pytest.mark.django_db

URL = "https://x.com/somebody/status/1790001"
SAY_IT = "Say on the post’s page what you found"


def page_of(target: PostTarget) -> str:
    return reverse("admin:posts_posttarget_change", args=[target.id])


def test_it_says_where_an_outcome_that_nobody_knows_is_resolved(platform: ScriptedClient, admin_client: Client) -> None:
    target = unknown(platform)
    pages = (page_of(target), reverse("admin:posts_posttarget_changelist"))
    for url in (*pages, reverse("admin:index")):
        page = admin_client.get(url).text
        assert "say whether it is live" in page
        assert "/resolve" not in page
        assert "(resolve)" not in page
        assert reverse("admin:posts_post_change", args=[target.post_id]) in page
    assert all(SAY_IT in admin_client.get(url).text for url in pages)
    resolve.live(target=target, url=URL)
    assert not any(SAY_IT in admin_client.get(url).text for url in pages)


def test_it_has_no_buttons_of_its_own(platform: ScriptedClient, admin_client: Client) -> None:
    target = unknown(platform)
    for word in ("resolve_live", "resolve_absent"):
        url = reverse("admin:posts_posttarget_run", args=[target.id, word])
        assert admin_client.post(url, {"url": URL}).status_code == 403
    target.refresh_from_db()
    assert target.status == TargetStatus.FAILED


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
    resolve.live(target=target, url=URL)
    assert "It was found to be live" in admin_client.get(page_of(target)).content.decode()
    page = admin_client.get(page_of(other)).content.decode()
    assert "Created for X." in page
    assert "It was found to be live" not in page
