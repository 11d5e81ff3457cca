"""The composer's buttons: each does by the verbs what it says, and says what it did; what is refused loses nothing."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from integrations.models import Role, Workspace
from openpost.api.errors import refuse
from posts import actions
from posts.models import Media, Post, PostStatus
from tests import builders
from tests.posts.test_admin import form_of, page_of, said

pytestmark = pytest.mark.django_db


def write(client: Client, workspace: Workspace, **typed: Any) -> Any:
    """What the browser sends of a new post; what comes back is followed."""
    url = f"{reverse('admin:posts_post_add')}?workspace={workspace.id}"
    return client.post(url, {"content": "Hello", "accounts": [builders.account(workspace).id], **typed}, follow=True)


def change(client: Client, post: Post, **typed: Any) -> Any:
    return client.post(page_of(post), form_of(post, **typed), follow=True)


def shown(response: Any) -> str:
    page: str = response.content.decode()
    return page


# Buttons ------------------------------------------------------------------------------------------------------------


def test_it_saves_a_draft_that_could_not_go_out_and_keeps_its_time(admin_client: Client) -> None:
    workspace, at = builders.workspace(), builders.soon(days=1).replace(second=0)
    response = write(admin_client, workspace, content="x" * 300, do="draft", at_0=f"{at:%Y-%m-%d}", at_1=f"{at:%H:%M}")
    post = Post.objects.get()
    assert (post.status, post.scheduled_at) == (PostStatus.DRAFT, at)
    assert said(response) == ["Saved as a draft."]
    assert "has 300 weighted characters" in shown(response)


def test_it_schedules_by_the_workspaces_clock_and_says_so(admin_client: Client) -> None:
    workspace = builders.workspace()
    Workspace.objects.filter(id=workspace.id).update(timezone="America/New_York")
    day = builders.soon(days=2)
    response = write(admin_client, workspace, do="schedule", at_0=f"{day:%Y-%m-%d}", at_1="09:30")
    post = Post.objects.get()
    assert post.status == PostStatus.SCHEDULED
    assert post.scheduled_at is not None
    assert f"{post.scheduled_at.astimezone(post.workspace.timezone):%H:%M}" == "09:30"
    assert said(response)[0].startswith("Scheduled for ")
    assert "09:30 E" in said(response)[0]


def test_it_schedules_nothing_without_a_time(admin_client: Client) -> None:
    response = write(admin_client, builders.workspace(), do="schedule")
    assert "A scheduled post needs a time." in response.context["adminform"].form.errors["schedule_at"][0]
    assert not Post.objects.exists()


def test_it_publishes_a_new_post_at_once_whatever_time_stands_there(admin_client: Client) -> None:
    workspace, at = builders.workspace(), builders.soon(days=1)
    response = write(admin_client, workspace, do="now", at_0=f"{at:%Y-%m-%d}", at_1="10:00")
    post = Post.objects.get()
    assert (post.status, builders.target(post).due_at) == (PostStatus.SCHEDULED, post.scheduled_at)
    assert post.scheduled_at is not None
    assert post.scheduled_at < at
    assert said(response) == ["It is on its way."]


def test_it_publishes_a_changed_post_as_it_was_changed(admin_client: Client) -> None:
    post = builders.post(builders.workspace(), at=builders.soon(days=1))
    change(admin_client, post, content="Changed", do="now")
    post.refresh_from_db()
    assert post.content == "Changed"
    assert post.scheduled_at == builders.target(post).due_at


def test_it_cancels_and_keeps_what_was_typed(admin_client: Client) -> None:
    post = builders.post(builders.workspace(), at=builders.soon(days=1))
    response = change(admin_client, post, content="Changed", do="cancel")
    post.refresh_from_db()
    assert (post.status, post.scheduled_at, post.content) == (PostStatus.DRAFT, None, "Changed")
    assert said(response)[0].startswith("Cancelled")


def test_it_duplicates_what_stands_there_and_opens_the_copy(admin_client: Client) -> None:
    post = builders.post(builders.workspace())
    response = change(admin_client, post, content="Changed", do="duplicate")
    copy = Post.objects.exclude(id=post.id).get()
    assert response.redirect_chain[-1][0] == page_of(copy)
    assert [one.content for one in Post.objects.all()] == ["Changed", "Changed"]


def test_it_lets_nobody_publish_who_may_only_look() -> None:
    post = builders.post(builders.workspace())
    reader = Client()
    reader.force_login(builders.member(post.workspace, Role.VIEWER))
    assert b'name="content"' not in reader.get(page_of(post)).content
    reader.post(page_of(post), form_of(post, do="now"))
    post.refresh_from_db()
    assert post.status == PostStatus.DRAFT


@pytest.mark.parametrize("do", ["now", "duplicate"])
def test_it_does_once_what_a_button_says(admin_client: Client, monkeypatch: pytest.MonkeyPatch, do: str) -> None:
    """Asked a second time, the verb might refuse what it has just taken."""
    verb, asked = {"now": actions.publish_now, "duplicate": actions.duplicate}[do], []

    def once(**said: Any) -> Post:
        asked.append(said)
        if len(asked) > 1:
            raise refuse("time_in_past", "Too late.")
        return verb(**said)

    monkeypatch.setattr(actions, verb.__name__, once)
    post = builders.post(builders.workspace())
    assert change(admin_client, post, do=do).redirect_chain
    assert len(asked) == 1


def test_it_takes_back_all_of_what_a_button_began_when_it_refuses(admin_client: Client) -> None:
    post = builders.post(builders.workspace())
    response = change(admin_client, post, content="x" * 300, tags_new="new", do="now")
    assert "has 300 weighted characters" in shown(response)
    assert (Post.objects.get().content, Post.objects.get().tags) == (post.content, [])


def test_it_loses_nothing_of_what_was_typed_when_it_refuses(admin_client: Client) -> None:
    workspace = builders.workspace()
    media = builders.media(workspace)
    typed = {
        "content": "A text that is refused " * 20,
        "parts": ["zz1"],
        "content-zz1": "The second part",
        "media-zz1": [media.id],
        "own-twitter": "on",
        "text-twitter": "Another text " * 30,
        "set-twitter-who_can_reply": "verified",
        "set-twitter-poll": ["Red", "Blue", "", ""],
        "set-twitter-poll-minutes": "60",
        "tags": ["one"],
        "tags_new": "two, three",
        "at_0": "2000-01-01",
        "at_1": "10:00",
    }
    page = shown(write(admin_client, workspace, do="schedule", **typed))
    assert "nothing was saved" in page
    for text in (
        "A text that is refused",
        "The second part",
        "Another text",
        'value="Red"',
        "2000-01-01",
        'value="10:00"',
    ):
        assert text in page
    assert '<option value="verified" selected>' in page
    assert all(f'name="tags" value="{tag}" checked' in page for tag in ("one", "two", "three"))
    assert f'name="media-zz1" value="{media.id}"' in page
    assert not Post.objects.exists()


# What is carried ----------------------------------------------------------------------------------------------------


def test_it_carries_every_setting_there_and_back(admin_client: Client) -> None:
    workspace = builders.workspace()
    settings = {
        "twitter": {
            "who_can_reply": "following",
            "poll": {"options": ["Red", "Blue"], "duration_minutes": 45},
            "made_with_ai": True,
            "reply_to": "https://x.com/somebody/status/1234567890",
        },
        "bluesky": {
            "who_can_reply": "nobody",
            "languages": ["en", "pt-BR"],
            "labels": ["nudity"],
            "link_card": False,
        },
    }
    post = builders.post(workspace, platforms=["twitter", "bluesky"], settings=settings)
    page = shown(admin_client.get(page_of(post)))
    assert 'value="en, pt-BR"' in page
    typed = {
        "set-twitter-who_can_reply": "following",
        "set-twitter-poll": ["Red", "Blue", ""],
        "set-twitter-poll-minutes": "45",
        "set-twitter-made_with_ai": "on",
        "set-twitter-reply_to": "https://x.com/somebody/status/1234567890",
        "set-bluesky-who_can_reply": "nobody",
        "set-bluesky-languages": "en, pt-BR",
        "set-bluesky-labels": ["nudity"],
    }
    change(admin_client, post, content="Other", **typed)
    post.refresh_from_db()
    assert (post.content, post.platform_settings) == ("Other", settings)
    change(admin_client, post, content="Other")
    post.refresh_from_db()
    assert post.platform_settings == {"bluesky": {"link_card": False}}  # a box that is not ticked


def test_it_drops_the_text_and_settings_of_an_account_that_leaves(admin_client: Client) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, platforms=["twitter", "bluesky"], overrides={"bluesky": "Sky"})
    typed = {"own-bluesky": "on", "text-bluesky": "Sky", "accounts": [builders.account(workspace).id]}
    change(admin_client, post, **typed)
    post.refresh_from_db()
    assert post.platform_overrides == {}


def test_it_keeps_a_text_of_its_own_that_is_empty(admin_client: Client) -> None:
    workspace = builders.workspace()
    media = builders.media(workspace)
    post = builders.post(workspace, overrides={"twitter": ""}, media=[media])
    change(admin_client, post, content="Other", **{"own-twitter": "on", "text-twitter": ""})
    post.refresh_from_db()
    assert (post.content, post.platform_overrides) == ("Other", {"twitter": ""})


def test_it_leaves_out_a_part_that_was_added_and_not_written(admin_client: Client) -> None:
    write(admin_client, builders.workspace(), parts=["a", "newpart"], **{"content-a": "Two", "content-newpart": ""})
    assert Post.objects.get().thread == ["Two"]


def test_it_begins_at_the_time_that_the_calendar_says(admin_client: Client) -> None:
    workspace = builders.workspace()
    Workspace.objects.filter(id=workspace.id).update(timezone="Asia/Tokyo")
    url = reverse("admin:posts_post_add")
    response = admin_client.get(url, {"at": "2027-05-01T09:00"}, follow=True)
    assert 'value="2027-05-01"' in shown(response)
    assert 'value="09:00"' in shown(response)
    assert 'value="18:00"' in shown(admin_client.get(url, {"at": "2027-05-01T09:00+00:00"}, follow=True))


# Files --------------------------------------------------------------------------------------------------------------


def test_it_keeps_a_file_that_was_dropped_and_gives_its_item(admin_client: Client) -> None:
    workspace = builders.workspace()
    url = reverse("admin:posts_compose_upload", args=[workspace.id])
    picture = SimpleUploadedFile("dot.png", builders.PNG, "image/png")
    response = admin_client.post(url, {"part": "k1", "file": picture})
    media = Media.objects.get()
    assert media.workspace == workspace
    assert f'name="media-k1" value="{media.id}"' in shown(response)
    refused = admin_client.post(url, {"part": "", "file": SimpleUploadedFile("a.txt", b"words" * 30)})
    assert (refused.status_code, "no file that we take" in shown(refused)) == (415, True)
    assert admin_client.post(url, {"part": ""}).status_code == 400


def test_it_offers_the_newest_files_and_finds_others(admin_client: Client) -> None:
    workspace = builders.workspace()
    one = builders.media(workspace, name="sea.png")
    two = builders.media(workspace, name="hill.png", alt_text="A green hill")
    builders.media(builders.workspace(), name="secret.png")
    url = reverse("admin:posts_compose_files", args=[workspace.id])
    page = shown(admin_client.get(url))
    assert page.index(str(two.id)) < page.index(str(one.id))
    assert "secret" not in page
    page = shown(admin_client.get(url, {"find": "green"}))
    assert (str(two.id) in page, str(one.id) in page) == (True, False)


def test_it_keeps_what_a_file_shows_at_once_and_with_the_form(admin_client: Client) -> None:
    workspace = builders.workspace()
    media = builders.media(workspace)
    url = reverse("admin:posts_compose_describe", args=[workspace.id, media.id])
    assert admin_client.post(url, {f"alt-{media.id}": "A dot"}).status_code == 204
    assert Media.objects.get().alt_text == "A dot"
    assert admin_client.post(url, {f"alt-{media.id}": "x" * 2001}).status_code == 400
    write(admin_client, workspace, media_ids=[media.id], **{f"alt-{media.id}": "A red dot"})
    assert Media.objects.get().alt_text == "A red dot"


def test_it_refuses_what_a_file_shows_when_that_is_too_long_and_keeps_nothing(admin_client: Client) -> None:
    workspace = builders.workspace()
    media = builders.media(workspace)
    page = shown(write(admin_client, workspace, media_ids=[media.id], **{f"alt-{media.id}": "x" * 2001}))
    assert "At most 2000 characters are kept of this text, and it has 2001" in page
    assert (Post.objects.count(), Media.objects.get().alt_text) == (0, "")


def test_it_offers_a_slot_that_is_free_on_all_accounts(admin_client: Client) -> None:
    workspace = builders.workspace()
    url = reverse("admin:posts_compose_slot", args=[workspace.id])
    accounts = [builders.account(workspace, name) for name in ("twitter", "bluesky")]
    first = shown(admin_client.get(url, {"accounts": str(accounts[0].id)}))
    hour = builders.soon(hours=1).replace(minute=0)
    builders.post(workspace, platforms=["bluesky"], at=hour if hour > builders.soon(minutes=2) else builders.soon())
    assert first == shown(admin_client.get(url, {"accounts": str(accounts[0].id)}))
    assert first != shown(admin_client.get(url, {"accounts": [str(one.id) for one in accounts]}))
    assert "choose accounts" in shown(admin_client.get(url))


# The page -----------------------------------------------------------------------------------------------------------


def test_it_chooses_the_only_account_there_is(admin_client: Client) -> None:
    workspace = builders.workspace("live")
    account = builders.integration(workspace, "bluesky")
    builders.integration(workspace, "mastodon", status="needs_refresh")
    url = f"{reverse('admin:posts_post_add')}?workspace={workspace.id}"
    assert f'value="{account.id}" data-platform="bluesky" checked' in shown(admin_client.get(url))
    builders.integration(workspace, "twitter")
    assert 'data-platform="bluesky" checked' not in shown(admin_client.get(url))


def test_it_needs_no_script_to_write_and_to_hear_what_is_wrong(admin_client: Client) -> None:
    workspace = builders.workspace()
    page = shown(admin_client.get(f"{reverse('admin:posts_post_add')}?workspace={workspace.id}"))
    for name in ("content", "accounts", "text-twitter", "set-youtube-title", "tags_new", "at_0", "at_1", "do"):
        assert f'name="{name}"' in page
    assert "<script>" not in page
    assert " onclick" not in page
    # Below each part stands an empty one, whose key is its own.
    first = write(
        admin_client, workspace, content="x" * 300, do="schedule", parts=["more0"], **{"content-more0": "Two"}
    )
    assert [f'name="parts" value="more{number}"' in shown(first) for number in (0, 1, 2)] == [True, True, False]


def test_it_escapes_what_people_wrote(admin_client: Client) -> None:
    workspace = builders.workspace()
    hostile = '</textarea><script>alert(1)</script>"><img src=x onerror=alert(2)>'
    media = builders.media(workspace, name=hostile, alt_text=hostile)
    settings = {"twitter": {"poll": {"options": [hostile, "Blue"], "duration_minutes": 60}}}
    post = builders.post(
        workspace,
        hostile,
        overrides={"twitter": hostile},
        settings=settings,
        thread=[hostile],
        tags=[hostile],
        media=[media],
    )
    page = shown(admin_client.get(page_of(post)))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;/textarea&gt;&lt;script&gt;") > 5


def test_it_asks_as_few_questions_for_a_full_page_as_for_a_bare_one(admin_client: Client) -> None:
    workspace = builders.workspace()
    bare = builders.post(workspace)
    names = ["twitter", "bluesky", "mastodon", "threads", "linkedin", "facebook"]
    files = [builders.media(workspace) for _ in range(4)]
    full = builders.post(workspace, platforms=names, media=files, thread=["Two", ("Three", files)], tags=["a", "b"])
    admin_client.get(page_of(bare))

    def queries(post: Post) -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(page_of(post))
        return len(captured)

    # The page and the rules read the files, however many: what has none asks for none.
    assert queries(full) <= queries(bare) + 2


# Others -------------------------------------------------------------------------------------------------------------


def test_it_publishes_nothing_that_somebody_else_has_changed_since(admin_client: Client) -> None:
    post = builders.post(builders.workspace())
    seen = post.updated_at.isoformat()
    change(admin_client, post, content="Changed by another")
    response = change(admin_client, Post.objects.get(), version=seen, do="now")
    assert "Somebody else has changed this post" in shown(response)
    assert Post.objects.get().status == PostStatus.DRAFT


def test_it_asks_for_approval_and_gives_it() -> None:
    workspace, day = builders.workspace(), builders.soon(days=1)
    Workspace.objects.filter(id=workspace.id).update(needs_approval=True)
    editor, owner = Client(), Client()
    editor.force_login(builders.member(workspace, Role.EDITOR))
    owner.force_login(builders.member(workspace, Role.OWNER))
    response = write(editor, workspace, do="schedule", at_0=f"{day:%Y-%m-%d}", at_1="10:00")
    post = Post.objects.get()
    assert said(response) == ["Saved. It goes out when an admin or owner has approved it."]
    assert "Ask to schedule" in shown(response)
    assert 'value="approve"' not in shown(response)
    assert (post.status, post.awaits_approval) == (PostStatus.DRAFT, True)
    assert 'value="approve"' in shown(owner.get(page_of(post)))
    asked = post.approval_requested_at.isoformat() if post.approval_requested_at else ""

    change(editor, post, do="approve", asked_at=asked)
    assert Post.objects.get().status == PostStatus.DRAFT
    changed = change(owner, post, do="approve", asked_at=asked, content="Other")
    assert "You have changed it" in shown(changed)
    response = change(owner, post, do="approve", asked_at=asked)

    assert said(response) == ["Approved: it goes out."]
    assert Post.objects.get().status == PostStatus.SCHEDULED


def test_it_declines_with_a_reason() -> None:
    workspace = builders.workspace()
    Workspace.objects.filter(id=workspace.id).update(needs_approval=True)
    editor, owner = Client(), Client()
    editor.force_login(builders.member(workspace, Role.EDITOR))
    owner.force_login(builders.member(workspace, Role.OWNER))
    write(editor, workspace, do="now")
    post = Post.objects.get()
    assert "it has 501" in shown(change(owner, post, do="decline", reason="x" * 501))
    response = change(owner, post, do="decline", reason="Too loud")
    assert said(response)[0].startswith("Declined")
    assert "Declined: Too loud" in [event.message for event in post.events.all()]
    assert not Post.objects.get().awaits_approval
