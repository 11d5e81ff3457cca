"""Posts in admin: every change goes through the verbs, and what they refuse is said where it belongs."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from integrations import tokens
from integrations.models import Role
from posts.models import Post, PostStatus, TargetStatus
from tests import builders

pytestmark = pytest.mark.django_db

LIST = "admin:posts_post_changelist"


def page_of(post: Post) -> str:
    return reverse("admin:posts_post_change", args=[post.id])


def form_of(post: Post, **said: Any) -> dict[str, Any]:
    """What the browser sends when somebody opens the post, changes `said` and saves."""
    targets = list(post.targets.order_by("position", "id"))
    at = post.scheduled_at
    files = {part: [str(one.id) for one in media] for part, media in post.media_by_part().items()}
    parts = {f"content-p{part}": text.replace("\n", "\r\n") for part, text in enumerate(post.thread, 1)}
    return {
        "post": str(post.id),
        "media_ids": files.get(0, []),
        "parts": [f"p{part}" for part in range(1, len(post.thread) + 1)],
        **parts,
        **{f"media-p{part}": files.get(part, []) for part in range(1, len(post.thread) + 1)},
        **({"split": "on"} if post.split else {}),
        "content": post.content.replace("\n", "\r\n"),
        # In the order of the page, not in that of the post.
        "accounts": sorted(str(target.integration_id) for target in targets),
        "at_0": at.strftime("%Y-%m-%d") if at else "",
        "at_1": at.strftime("%H:%M:%S") if at else "",
        "tags": post.tags,
        "tags_new": "",
        "group_id": str(post.group_id or ""),
        **said,
    }


def faults(response: Any) -> Mapping[str, list[str]]:
    assert response.status_code == 200
    errors: Mapping[str, list[str]] = response.context["adminform"].form.errors
    return errors


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def act(client: Client, action: str, *posts: Post, **more: str) -> Any:
    chosen = {"action": action, "_selected_action": [post.id for post in posts], "sure": "yes", **more}
    return client.post(reverse(LIST), chosen, follow=True)


# Writing ------------------------------------------------------------------------------------------------------------


def test_it_asks_for_the_workspace_first(admin_client: Client) -> None:
    first, _ = builders.workspace(), builders.workspace()
    url = reverse("admin:posts_post_add")
    assert str(first.id) in admin_client.get(url).content.decode()
    page = admin_client.get(url, {"workspace": str(first.id)})
    assert {account.workspace_id for account in page.context["adminform"].form.accounts} == {first.id}


def test_it_goes_to_the_only_workspace_there_is(admin_client: Client) -> None:
    workspace = builders.workspace()
    response = admin_client.get(reverse("admin:posts_post_add"))
    assert response["Location"].endswith(f"?workspace={workspace.id}")


def test_it_writes_a_draft_as_typed(admin_client: Client) -> None:
    workspace = builders.workspace()
    body = {
        "content": " Hello\r\nworld ",
        "accounts": [builders.account(workspace).id],
        "tags": ["a, b"],
        "tags_new": "c",
    }
    response = admin_client.post(f"{reverse('admin:posts_post_add')}?workspace={workspace.id}", body)
    post = Post.objects.get()
    assert response.status_code == 302
    assert (post.content, post.tags, post.status) == (" Hello\nworld ", ["a, b", "c"], PostStatus.DRAFT)
    assert builders.target(post).integration == builders.account(workspace)


def test_it_schedules_a_post_with_a_time(admin_client: Client) -> None:
    workspace, at = builders.workspace(), builders.soon(days=1)
    body = {
        "content": "Hello",
        "accounts": [builders.account(workspace, "bluesky").id],
        "at_0": f"{at:%Y-%m-%d}",
        "at_1": f"{at:%H:%M:%S}",
    }
    admin_client.post(f"{reverse('admin:posts_post_add')}?workspace={workspace.id}", body)
    post = Post.objects.get()
    assert (post.status, post.scheduled_at, builders.target(post).due_at) == (PostStatus.SCHEDULED, at, at)


def test_it_says_at_the_field_what_the_verb_refuses(admin_client: Client) -> None:
    workspace, at = builders.workspace(), builders.soon(days=300)
    body = {
        "content": "x" * 500,
        "accounts": [builders.account(workspace).id],
        "at_0": f"{at:%Y-%m-%d}",
        "at_1": "12:00:00",
    }
    url = f"{reverse('admin:posts_post_add')}?workspace={workspace.id}"
    assert "180 days" in faults(admin_client.post(url, body))["schedule_at"][0]
    at = builders.soon(days=1)
    body |= {"at_0": f"{at:%Y-%m-%d}"}
    assert "280" in faults(admin_client.post(url, body))["content"][0]
    found = faults(admin_client.post(url, {**body, "content": "Hello", "text-twitter": "y" * 400}))
    assert "280" in found["platform_overrides"][0]
    found = faults(admin_client.post(url, {**body, "content": "Hello", "set-twitter-reply_to": "somewhere"}))
    assert "address of a post at X" in found["platform_settings"][0]
    assert not Post.objects.exists()


def test_it_writes_a_thread_with_files(admin_client: Client) -> None:
    workspace = builders.workspace()
    one, two = builders.media(workspace), builders.media(workspace)
    thread = {"parts": ["a", "b"], "content-b": "Three", "content-a": "Two", "media-a": [two.id]}
    files = {"media_ids": [two.id, one.id], "split": "on"}
    body = {"content": "One", "accounts": [builders.account(workspace).id], **thread, **files}
    url = f"{reverse('admin:posts_post_add')}?workspace={workspace.id}"

    assert admin_client.post(url, body).status_code == 302

    post = Post.objects.get()
    assert (post.thread, post.split) == (["Two", "Three"], True)
    assert post.media_by_part() == {0: [two, one], 1: [two]}


def test_it_changes_the_files_and_their_order(admin_client: Client) -> None:
    workspace = builders.workspace()
    one, two, three = (builders.media(workspace) for _ in range(3))
    post = builders.post(workspace, media=[three, one], thread=[("Two", [two])], split=True)

    assert admin_client.post(page_of(post), form_of(post, content="Other")).status_code == 302
    assert Post.objects.get().media_by_part() == {0: [three, one], 1: [two]}
    admin_client.post(page_of(post), form_of(post, content="Other", media_ids=[one.id, two.id, three.id], parts=[]))

    post = Post.objects.get()
    assert (post.media_by_part(), post.thread, post.split) == ({0: [one, two, three]}, [], True)


UNKNOWN = str(uuid.UUID(int=7))
MANY = [f"a{number}" for number in range(25)]


@pytest.mark.parametrize(
    ("sent", "name", "says"),
    [
        ({"parts": ["a"], "content-a": "Two\0"}, "thread", "Null characters are not allowed"),
        (
            {"parts": [f"a{n}" for n in range(25)], **{f"content-a{n}": "Two" for n in range(25)}},
            "thread",
            "at most 24",
        ),
        ({"parts": ["a"], "content-a": "Two", "media-a": [UNKNOWN]}, "thread", "no media"),
        ({"media_ids": [UNKNOWN]}, "media_ids", "no media"),
        ({"media_ids": ["x"]}, "media_ids", "must be the UUID"),
        ({"tags_new": "x" * 101}, "tags", "at most 100"),
        ({"group_id": "x"}, "group_id", "must be a UUID"),
        ({"at_0": "2027-01-01"}, "schedule_at", "both the day and the time"),
    ],
    ids=["nul", "parts", "part's file", "file", "no id", "tag", "group", "half a time"],
)
def test_it_says_what_is_wrong_where_it_stands(
    admin_client: Client, sent: dict[str, Any], name: str, says: str
) -> None:
    post = builders.post(builders.workspace())
    assert says in faults(admin_client.post(page_of(post), form_of(post, **sent)))[name][0]


def test_it_offers_no_file_of_another_workspace(admin_client: Client) -> None:
    foreign, post = builders.media(builders.workspace()), builders.post(builders.workspace())
    found = faults(admin_client.post(page_of(post), form_of(post, media_ids=[str(foreign.id)])))
    assert "no media" in found["media_ids"][0]


def test_it_shows_the_thread_and_the_files_of_what_is_out(admin_client: Client) -> None:
    workspace = builders.workspace()
    post = builders.published(workspace, media=[builders.media(workspace, name="dot.png")], thread=["The second part"])
    page = admin_client.get(page_of(post)).content.decode()
    assert "dot.png</a>" in page
    assert '<li value="2"><pre>The second part</pre>' in page


def test_it_takes_no_account_of_another_workspace(admin_client: Client) -> None:
    workspace, other = builders.workspace(), builders.workspace()
    body = {"content": "Hello", "accounts": [builders.account(other).id]}
    response = admin_client.post(f"{reverse('admin:posts_post_add')}?workspace={workspace.id}", body)
    assert "no integration" in faults(response)["integrations"][0]
    assert not Post.objects.exists()


def test_it_changes_only_what_was_changed(admin_client: Client) -> None:
    post = builders.post(
        builders.workspace(),
        "One\ntwo",
        platforms=["mastodon", "twitter"],
        at=builders.soon(days=1).replace(microsecond=123456),
        tags=["a"],
    )
    at, due_at = post.scheduled_at, builders.target(post, "twitter").due_at
    assert admin_client.post(page_of(post), form_of(post, content="Three\r\nfour")).status_code == 302
    post.refresh_from_db()
    assert (post.content, post.tags, post.scheduled_at) == ("Three\nfour", ["a"], at)
    assert builders.target(post, "twitter").due_at == due_at
    assert list(post.targets.order_by("position").values_list("integration__platform", flat=True)) == [
        "mastodon",
        "twitter",
    ]


def test_it_changes_the_accounts_of_a_post(admin_client: Client) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, platforms=["twitter", "bluesky"])
    accounts = [builders.account(workspace, name).id for name in ("bluesky", "linkedin")]
    assert admin_client.post(page_of(post), form_of(post, accounts=accounts)).status_code == 302
    assert set(post.targets.values_list("integration_id", flat=True)) == set(accounts)


def test_it_saves_a_draft_whose_account_was_lost(admin_client: Client) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)
    tokens.disconnect(builders.account(workspace), reason="Revoked.")
    assert admin_client.post(page_of(post), form_of(post, content="Other")).status_code == 302
    post.refresh_from_db()
    assert post.content == "Other"


def test_it_makes_a_post_without_a_time_a_draft(admin_client: Client) -> None:
    post = builders.post(builders.workspace(), at=builders.soon(days=1))
    assert admin_client.post(page_of(post), form_of(post, at_0="", at_1="")).status_code == 302
    post.refresh_from_db()
    assert (post.status, post.scheduled_at, builders.target(post).due_at) == (PostStatus.DRAFT, None, None)


@pytest.mark.parametrize("make", [builders.publishing, builders.published, builders.failed])
def test_it_shows_what_is_on_its_way_or_out_without_a_form(admin_client: Client, make: Any) -> None:
    post = make(builders.workspace())
    page = admin_client.get(page_of(post))
    assert page.status_code == 200
    assert b'name="content"' not in page.content
    answer = admin_client.post(page_of(post), form_of(post, content="Other"), follow=True)
    assert "nothing was changed" in said(answer)[0]
    post.refresh_from_db()
    assert post.content == "Hello world"


def test_it_never_takes_a_status_or_a_clock(admin_client: Client) -> None:
    post = builders.post(builders.workspace())
    forged = {"status": "published", "targets-0-status": "published", "targets-0-due_at": "2026-01-01 00:00:00"}
    admin_client.post(page_of(post), form_of(post, **forged))
    post.refresh_from_db()
    target = builders.target(post)
    assert (post.status, target.status, target.due_at) == (PostStatus.DRAFT, TargetStatus.PENDING, None)


def test_it_shows_where_a_post_is_live_and_why_it_is_not(admin_client: Client) -> None:
    workspace = builders.workspace()
    live, failed = builders.published(workspace), builders.failed(workspace)
    assert f"https://example.com/{builders.target(live).id}" in admin_client.get(page_of(live)).content.decode()
    assert "The platform refused it." in admin_client.get(page_of(failed)).content.decode()


def test_it_escapes_what_people_write(admin_client: Client) -> None:
    post = builders.published(builders.workspace(), content="<script>alert(1)</script>")
    for url in (page_of(post), reverse(LIST)):
        assert "<script>alert(1)" not in admin_client.get(url).content.decode()


def test_it_shows_posts_whose_accounts_credentials_no_key_opens(admin_client: Client) -> None:
    post = builders.published(builders.workspace())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE integrations_integration SET credentials = 'gone$nothing'")
    for url in (page_of(post), reverse(LIST), reverse("admin:posts_posttarget_changelist")):
        assert admin_client.get(url).status_code == 200


# Acting -------------------------------------------------------------------------------------------------------------


def test_it_cancels_what_is_scheduled_and_leaves_alone_what_waits_for_a_yes(admin_client: Client) -> None:
    workspace = builders.workspace()
    scheduled, waits = builders.post(workspace, at=builders.soon()), builders.post(workspace)
    Post.objects.filter(id=waits.id).update(approval_requested_at=builders.soon())
    assert said(act(admin_client, "cancel", scheduled, waits)) == ["Cancelled, now drafts: 1."]
    waits.refresh_from_db()
    assert waits.awaits_approval


def test_it_publishes_now_what_it_can_and_says_what_it_cannot(admin_client: Client) -> None:
    workspace = builders.workspace()
    draft, live = builders.post(workspace, "Draft"), builders.published(workspace, content="Live")
    response = act(admin_client, "publish_now", draft, live)
    assert said(response) == ["“Live”: This post is published; it cannot be published again.", "On their way: 1."]
    draft.refresh_from_db()
    assert draft.status == PostStatus.SCHEDULED
    assert builders.target(draft).due_at is not None


def test_it_cancels(admin_client: Client) -> None:
    post = builders.post(builders.workspace(), at=builders.soon(days=1))
    act(admin_client, "cancel", post)
    post.refresh_from_db()
    assert (post.status, builders.target(post).due_at) == (PostStatus.DRAFT, None)


def test_it_duplicates_and_opens_the_copy(admin_client: Client) -> None:
    post = builders.published(builders.workspace())
    response = act(admin_client, "duplicate", post)
    copy = Post.objects.exclude(id=post.id).get()
    assert response.redirect_chain[-1][0] == page_of(copy)
    assert (copy.content, copy.status) == (post.content, PostStatus.DRAFT)


@pytest.mark.parametrize("action", ["publish_now", "cancel", "duplicate", "delete_selected", "nonsense"])
def test_it_acts_on_a_posts_page_by_its_own_buttons_alone(admin_client: Client, action: str) -> None:
    post = builders.post(builders.workspace(), at=builders.soon(days=1))
    assert admin_client.post(reverse("admin:posts_post_run", args=[post.id, action])).status_code == 403
    assert Post.objects.get().status == PostStatus.SCHEDULED


def test_it_lets_nobody_act_who_may_only_look() -> None:
    post = builders.post(builders.workspace(), at=builders.soon(days=1))
    client = Client()
    client.force_login(builders.member(post.workspace, Role.VIEWER))
    assert client.get(page_of(post)).status_code == 200
    for action in ("publish_now", "cancel", "duplicate"):
        act(client, action, post)
    assert [row.status for row in Post.objects.all()] == [PostStatus.SCHEDULED]


# Deleting -----------------------------------------------------------------------------------------------------------


def test_it_deletes_a_post_with_its_ledger(admin_client: Client) -> None:
    post = builders.published(builders.workspace())
    url = reverse("admin:posts_post_delete", args=[post.id])
    assert admin_client.get(url).context["perms_lacking"] == set()
    assert admin_client.post(url, {"post": "yes"}).status_code == 302
    assert not Post.objects.exists()


def test_it_does_not_delete_a_post_that_is_being_published(admin_client: Client) -> None:
    post = builders.publishing(builders.workspace())
    response = admin_client.post(reverse("admin:posts_post_delete", args=[post.id]), {"post": "yes"}, follow=True)
    assert "may go out at this moment" in said(response)[0]
    assert Post.objects.exists()


def test_it_deletes_all_that_were_chosen_or_none(admin_client: Client) -> None:
    workspace = builders.workspace()
    draft, busy = builders.post(workspace), builders.publishing(workspace)
    assert act(admin_client, "delete_selected", draft, busy).context["perms_lacking"] == set()
    response = act(admin_client, "delete_selected", draft, busy, post="yes")
    assert [message.split(".")[0] for message in said(response)] == ["Nothing was deleted"]
    assert Post.objects.count() == 2
    act(admin_client, "delete_selected", draft, post="yes")
    assert set(Post.objects.all()) == {busy}
