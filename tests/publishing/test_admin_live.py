"""The live part of a post's page: what it shows in every state, what its buttons do, and who sees none of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.models import AuditEntry, Integration, IntegrationStatus, Role, Workspace
from integrations.platforms.errors import NotNow, Rejected, Unconfirmed
from posts import actions, lifecycle
from posts.composer import live
from posts.models import Event, Post, PostStatus, PostTarget, TargetStatus
from publishing import evidence
from publishing.models import Delivery, DeliveryState
from tests import builders

from .engine import ScriptedClient, step, unknown

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true"}
URL = "https://x.com/somebody/status/1790001"


def person(workspace: Workspace, role: str = Role.EDITOR) -> Client:
    client = Client()
    client.force_login(builders.member(workspace, role))
    return client


def part_of(post: Post, client: Client | None = None, **query: str) -> Any:
    """The live part, as the page asks for it."""
    return (client or person(post.workspace)).get(
        reverse("admin:posts_post_live", args=[post.id]), query, headers=SCRIPT
    )


def press(client: Client, post: Post, verb: str, *, target: PostTarget | None = None, **said: str) -> Any:
    name, args = ("posts_post_act", [post.id, verb])
    if target:
        name, args = "posts_post_resolve", [post.id, target.id, verb]
    return client.post(reverse(f"admin:{name}", args=args), said, headers=SCRIPT)


def words(response: Any) -> str:
    """What somebody reads there, without the timeline."""
    assert response.status_code == 200, response.status_code
    html = response.content.decode().partition('<div id="timeline"')[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def pace_of(response: Any) -> int | None:
    found = re.search(r'hx-trigger="every (\d+)s', response.content.decode())
    return int(found[1]) if found else None


def mark_of(response: Any) -> str:
    found = re.search(r"\?seen=(\w+)", response.content.decode())
    assert found
    return found[1]


# What it shows ------------------------------------------------------------------------------------------------------


def scheduled(_: ScriptedClient) -> Post:
    return builders.post(builders.workspace(), at=builders.soon())


def sending(_: ScriptedClient) -> Post:
    return builders.publishing(builders.workspace())


def is_live(platform: ScriptedClient) -> Post:
    return step(builders.due(builders.workspace())).post


def refused(platform: ScriptedClient) -> Post:
    platform.before = [Rejected("It says nothing.")]
    return step(builders.due(builders.workspace())).post


def waiting(platform: ScriptedClient) -> Post:
    platform.before = [NotNow("It is down.", code="unreachable", retry_after=timedelta(minutes=10))]
    return step(builders.due(builders.workspace())).post


def asking(platform: ScriptedClient) -> Post:
    platform.after = [Unconfirmed("No answer.")]
    platform.looks = [NotNow("It is down.")]
    return step(builders.due(builders.workspace())).post


def in_doubt(platform: ScriptedClient) -> Post:
    return unknown(platform).post


@pytest.mark.parametrize(
    ("made", "shown", "paces"),
    [
        (scheduled, ["Scheduled", "Goes out"], (live.LATER,)),
        (sending, ["Being sent"], (live.AT_ONCE,)),
        (is_live, ["Live", "https://example.com/", "Duplicate"], (None,)),
        (
            refused,
            ["Failed", "Author’s side", "It says nothing.", "change what is wrong", "Retry failed"],
            (None,),
        ),
        (waiting, ["Waits for the next try", "Network", "It is down.", "Next try"], (live.LATER,)),
        (asking, ["Asking whether it is live", "Next look"], (live.AT_ONCE, live.SOON)),
        (in_doubt, ["Nobody knows", "It is live …", "It is not live …", "Ask the platform again"], (None,)),
    ],
)
def test_it_shows_each_state_and_asks_again_as_often_as_it_needs(
    platform: ScriptedClient, made: Callable[[ScriptedClient], Post], shown: list[str], paces: tuple[int | None, ...]
) -> None:
    answer = part_of(made(platform))
    text = words(answer)
    assert [one for one in shown if one not in text] == []
    assert pace_of(answer) in paces


def test_it_links_each_part_of_a_thread_and_counts_those_that_are_live(platform: ScriptedClient) -> None:
    platform.before = [None, NotNow("It is down.", code="unreachable")]
    post = step(builders.due(builders.workspace(), thread=["Two", "Three"])).post
    text = words(part_of(post))
    assert "1 of 3 parts live" in text
    assert text.count("https://example.com/key-") == 1
    assert text.count("To come") >= 1


def test_it_shows_what_a_worker_is_doing(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    claim = builders.claimed(target)
    evidence.tell(claim, "Uploaded clip.mp4: 40 %.", now=timezone.now())
    assert "Uploaded clip.mp4: 40 %." in words(part_of(target.post))


def test_it_leads_to_an_account_that_wants_signing_in(platform: ScriptedClient) -> None:
    post = refused(platform)
    Integration.objects.filter(targets__post=post).update(status=IntegrationStatus.NEEDS_REFRESH)
    account = Integration.objects.get(targets__post=post)
    answer = part_of(post)
    assert "Reconnect the account; then retry." in words(answer)
    assert reverse("admin:integrations_integration_change", args=[account.id]) in answer.content.decode()


def test_it_answers_nothing_while_nothing_changes(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    client, post = person(target.post.workspace), target.post
    mark = mark_of(part_of(post, client))
    assert part_of(post, client, seen=mark).status_code == 204
    step(target)
    changed = part_of(post, client, seen=mark)
    assert "Live" in words(changed)
    assert '<div id="timeline" hx-swap-oob="true">' in changed.content.decode()


def test_it_asks_the_database_as_often_for_many_accounts_as_for_one(platform: ScriptedClient) -> None:
    one = is_live(platform)
    many = builders.post(builders.workspace(), platforms=["twitter", "bluesky", "mastodon"], at=timezone.now())
    platform.before = [Rejected("No."), None, NotNow("It is down.", code="unreachable")]
    for target in many.targets.all():
        step(target)

    def asked(post: Post) -> int:
        client = person(post.workspace)
        with CaptureQueriesContext(connection) as queries:
            assert part_of(post, client).status_code == 200
        return sum('FROM "posts_' in one["sql"] or 'FROM "publishing_' in one["sql"] for one in queries)

    assert asked(many) == asked(one) == 8


def test_it_stands_on_the_page_of_a_post_with_its_timeline(platform: ScriptedClient) -> None:
    post = refused(platform)
    page = person(post.workspace).get(reverse("admin:posts_post_change", args=[post.id])).content.decode()
    assert 'id="live"' in page
    assert 'id="timeline"' in page
    assert page.count("It says nothing.") == 2
    assert "openpost/live.js" in page


# What its buttons do ------------------------------------------------------------------------------------------------


def test_it_retries_what_failed_and_says_so(platform: ScriptedClient) -> None:
    post = refused(platform)
    client = person(post.workspace)
    assert "What failed is tried again" in press(client, post, "retry").content.decode()
    assert builders.target(post).status == TargetStatus.PENDING
    assert Event.objects.filter(post=post, kind="retried", actor__startswith="person").count() == 1


def test_it_leads_to_the_copy(platform: ScriptedClient) -> None:
    post = is_live(platform)
    answer = press(person(post.workspace), post, "duplicate")
    copy = Post.objects.exclude(id=post.id).get()
    assert answer["HX-Redirect"] == reverse("admin:posts_post_change", args=[copy.id])
    assert copy.status == PostStatus.DRAFT


def test_it_says_what_a_verb_refuses(platform: ScriptedClient) -> None:
    post = is_live(platform)
    answer = press(person(post.workspace), post, "retry")
    assert "This post is published; it cannot be published again." in words(part_of(post)) + answer.content.decode()
    assert "live-wrong" in answer.content.decode()


def test_it_works_without_a_script_too(platform: ScriptedClient) -> None:
    post = refused(platform)
    page = person(post.workspace).post(reverse("admin:posts_post_act", args=[post.id, "retry"]), follow=True)
    assert [str(one) for one in page.context["messages"]] == [
        "What failed is tried again; what is live stays as it is."
    ]


def test_it_records_where_it_is_live(platform: ScriptedClient) -> None:
    target = unknown(platform)
    client = person(target.post.workspace)
    assert "It is recorded as live." in press(client, target.post, "live", target=target, url=URL).content.decode()
    target.refresh_from_db()
    assert (target.status, target.platform_post_url) == (TargetStatus.PUBLISHED, URL)
    assert Event.objects.get(target=target).kind == "resolved_live"
    assert AuditEntry.objects.get(action="post.resolved").after["target"] == str(target.id)
    second = press(client, target.post, "absent", target=target).content.decode()
    assert "only a failed one" in second


@pytest.mark.parametrize("url", ["", "x.com/1", "javascript:alert(1)", "https://x.com/" + "a" * 987])
def test_it_takes_no_address_that_is_none(platform: ScriptedClient, url: str) -> None:
    target = unknown(platform)
    wrong = press(person(target.post.workspace), target.post, "live", target=target, url=url).content.decode()
    assert "The address must be" in wrong
    target.refresh_from_db()
    assert target.status == TargetStatus.FAILED


def test_it_names_the_post_that_is_there_already(platform: ScriptedClient) -> None:
    workspace = builders.workspace()
    other = builders.published(workspace)
    PostTarget.objects.filter(post=other).update(platform_post_id="1790001")
    target = unknown(platform, workspace)
    assert str(other.id) in press(person(workspace), target.post, "live", target=target, url=URL).content.decode()


def test_it_sends_again_what_is_not_live(platform: ScriptedClient) -> None:
    target = unknown(platform)
    client = person(target.post.workspace)
    assert "It is on its way again." in press(client, target.post, "absent", target=target).content.decode()
    assert Delivery.objects.get().state == DeliveryState.PREPARED


def test_it_asks_for_the_address_of_the_part_that_is_in_doubt(platform: ScriptedClient) -> None:
    platform.before, platform.after = [], [None, Unconfirmed("No answer.")]
    platform.looks = [NotNow("It is down.") for _ in range(20)]
    target = builders.due(builders.workspace(), thread=["Two", "Three"])
    while target.status != TargetStatus.FAILED:
        step(target)
    text = words(part_of(target.post))
    assert "Address of part 2 there" in text
    assert "1 of 3 parts live" in text


# Who sees none of it ------------------------------------------------------------------------------------------------


def test_it_does_not_exist_for_strangers(platform: ScriptedClient) -> None:
    target = unknown(platform)
    stranger = person(builders.workspace(name="Somebody else's"), Role.OWNER)
    assert part_of(target.post, stranger).status_code == 404
    assert press(stranger, target.post, "retry").status_code == 404
    assert press(stranger, target.post, "absent", target=target).status_code == 404
    assert builders.target(target.post).status == TargetStatus.FAILED


@pytest.mark.parametrize("verb", ["retry", "absent"])
def test_it_is_gone_when_it_is_deleted_under_the_hand(
    platform: ScriptedClient, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    target = unknown(platform)
    client, lock = person(target.post.workspace), lifecycle.lock

    def too_late(post_id: Any) -> Post:
        actions.delete(post=target.post)
        return lock(post_id)

    monkeypatch.setattr(lifecycle, "lock", too_late)
    about = target if verb == "absent" else None
    assert press(client, target.post, verb, target=about).status_code == 404


def test_it_resolves_no_target_of_another_post(platform: ScriptedClient) -> None:
    target = unknown(platform)
    mine = builders.workspace()
    post = builders.post(mine)
    assert press(person(mine, Role.OWNER), post, "absent", target=target).status_code == 404


def test_it_gives_those_who_only_look_no_buttons(platform: ScriptedClient) -> None:
    target = unknown(platform)
    viewer = person(target.post.workspace, Role.VIEWER)
    page = part_of(target.post, viewer)
    assert "Nobody knows" in words(page)
    assert "<button" not in page.content.decode()
    for verb in ("retry", "duplicate", "publish"):
        assert press(viewer, target.post, verb).status_code == 404
    assert press(viewer, target.post, "absent", target=target).status_code == 404


def test_it_tells_a_script_that_nobody_is_signed_in(platform: ScriptedClient) -> None:
    post = is_live(platform)
    assert part_of(post, Client()).status_code == 401
    assert Client().get(reverse("admin:posts_post_live", args=[post.id])).status_code == 302


def test_it_changes_nothing_by_being_looked_at(platform: ScriptedClient) -> None:
    post = refused(platform)
    for name, args in (("posts_post_act", ["retry"]), ("posts_post_resolve", [builders.target(post).id, "absent"])):
        answer = person(post.workspace).get(reverse(f"admin:{name}", args=[post.id, *args]), headers=SCRIPT)
        assert answer.status_code == 405
