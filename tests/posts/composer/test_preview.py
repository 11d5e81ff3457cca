"""What the page hears half a second after a pause: what publishing would say, where it belongs, and never an input."""

import re
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from integrations.models import Integration, Role, Workspace
from integrations.platforms import registry
from integrations.platforms.base import Shown, choice, flag, text, text_list, url
from posts import validating
from tests import builders

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script> \"><img src=x onerror=alert(2)> https://e.example/?a=<b>&c=' @<i>"


def ask(client: Client, workspace: Workspace, **said: Any) -> Any:
    return client.post(reverse("admin:posts_compose_preview", args=[workspace.id]), {"content": "", **said})


def answer(client: Client, workspace: Workspace, **said: Any) -> str:
    response = ask(client, workspace, **said)
    assert response.status_code == 200
    page: str = response.content.decode()
    return page


def at(page: str, place: str, kind: str = "says") -> str:
    """The words that the answer puts at a place."""
    inside = page.partition(f'id="cp-{kind}-{place}"')[2].partition('id="cp-')[0]
    return " ".join(re.sub(r"<[^>]*>|^[^>]*>|<[^>]*$", " ", inside).split())


def test_it_counts_in_each_platforms_own_unit(admin_client: Client) -> None:
    workspace = builders.workspace()
    accounts = [builders.account(workspace, name).id for name in ("twitter", "bluesky", "youtube")]
    page = answer(admin_client, workspace, content="Ünïcode 👩‍👩‍👧‍👦", accounts=accounts)
    counted = at(page, "content", "meters")
    assert "10 / 280 weighted characters" in counted
    assert "9 / 300 graphemes" in counted
    assert "/ 5000 UTF-8 bytes" in counted


def test_it_counts_an_own_text_beside_it(admin_client: Client) -> None:
    workspace = builders.workspace()
    accounts = [builders.account(workspace, name).id for name in ("twitter", "bluesky")]
    said = {"content": "Hello", "accounts": accounts, "own-bluesky": "on", "text-bluesky": "Hello, sky"}
    page = answer(admin_client, workspace, **said)
    assert "graphemes" not in at(page, "content", "meters")
    assert "10 / 300 graphemes" in at(page, "text-bluesky", "meters")
    assert at(page, "bluesky", "differs") == "differs from the text above"
    assert at(page, "twitter", "differs") == ""


def test_it_takes_a_text_that_is_the_same_for_none_of_its_own(admin_client: Client) -> None:
    workspace = builders.workspace()
    said = {"accounts": [builders.account(workspace).id], "own-twitter": "on", "text-twitter": "Hello"}
    page = answer(admin_client, workspace, content="Hello", **said)
    assert at(page, "twitter", "differs") == ""


def test_it_says_what_validate_says_where_it_belongs(admin_client: Client) -> None:
    workspace = builders.workspace()
    accounts = [builders.account(workspace, name).id for name in ("twitter", "bluesky", "youtube")]
    page = answer(
        admin_client,
        workspace,
        content="x" * 290,
        accounts=accounts,
        parts=["k7"],
        **{"content-k7": "y" * 301, "set-twitter-reply_to": "nowhere", "text-bluesky": "z" * 400},
    )
    assert "has 290 weighted characters" in at(page, "content")
    assert "has 301 graphemes" in at(page, "content-k7")
    assert "has 400 graphemes" in at(page, "text-bluesky")
    assert "must be the address of a post at X" in at(page, "set-twitter-reply_to")
    assert "YouTube needs “Title”." in at(page, "set-youtube-title")
    assert "YouTube publishes images and videos only" in at(page, "media")


def test_it_asks_the_code_that_the_api_asks(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, asked = builders.workspace(), []
    real = validating.validate

    def spy(**said: Any) -> Any:
        asked.append(said["words"].content)
        return real(**said)

    monkeypatch.setattr(validating, "validate", spy)
    ask(admin_client, workspace, content="Hello", accounts=[builders.account(workspace).id])
    assert asked == ["Hello"]


def test_it_never_answers_with_an_input_that_people_type_in(admin_client: Client) -> None:
    workspace = builders.workspace()
    accounts = [one.id for one in workspace.integrations.all()]
    page = answer(admin_client, workspace, content="Hello", accounts=accounts, parts=["a"], **{"content-a": "Two"})
    assert "<textarea" not in page
    assert "<input" not in page
    assert "<select" not in page


@pytest.mark.parametrize("place", ["content", "thread", "override", "setting", "tags", "account", "file"])
def test_it_escapes_what_people_write(admin_client: Client, place: str) -> None:
    workspace = builders.workspace()
    account = builders.integration(workspace, "bluesky", username=HOSTILE, display_name=HOSTILE)
    media = builders.media(workspace, name=HOSTILE[:200], alt_text=HOSTILE)
    said_at: dict[str, dict[str, Any]] = {
        "content": {"content": HOSTILE},
        "thread": {"parts": ["a"], "content-a": HOSTILE},
        "override": {"own-bluesky": "on", "text-bluesky": HOSTILE},
        "setting": {"set-bluesky-quote": HOSTILE, "set-bluesky-languages": HOSTILE},
        "tags": {"tags_new": HOSTILE * 3, "group_id": HOSTILE},
        "account": {"content": "Hello"},
        "file": {"media_ids": [media.id]},
    }
    page = answer(admin_client, workspace, **{"accounts": [account.id], **said_at[place]})
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<i>" not in page


def test_it_shows_a_card_per_account_with_links_in_colour(admin_client: Client) -> None:
    workspace = builders.workspace()
    accounts = [builders.account(workspace, name).id for name in ("bluesky", "linkedin")]
    page = answer(admin_client, workspace, content="Look: https://example.com/a #now", accounts=accounts)
    assert page.count('<article class="cp-card') == 2
    assert '<span class="cp-facet">https://example.com/a</span>' in page
    assert '<span class="cp-facet">#now</span>' in page
    assert '<p class="cp-hint">example.com</p>' in page
    assert "fetched when it is sent" in page
    assert "Who can reply: everyone" in page


def test_it_shows_what_any_platform_declares(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a platform, or a setting, that is still to be written."""
    made_up = (
        choice("mood", "calm", "veryWild", label="Mood"),
        flag("loud", label="Loud"),
        text_list("moods", label="Moods"),
        text("heading", label="Heading", shown=Shown.TITLE),
        url("song", label="Song", shown=Shown.BESIDE),
        flag("no_card", default=True, shown=Shown.LINK_CARD),
    )
    monkeypatch.setattr(type(registry.PLATFORMS["linkedin"]), "settings", made_up)
    workspace = builders.workspace()
    said = {"content": "See https://example.com/a", "accounts": [builders.account(workspace, "linkedin").id]}
    bare = answer(admin_client, workspace, **said, **{"set-linkedin-no_card": "on"})
    assert '<p class="cp-link-address">https://example.com/a</p>' in bare
    assert "Mood:" not in bare
    assert "Loud:" not in bare
    settings = {"mood": "veryWild", "loud": "on", "moods": "one, two", "heading": "Big", "song": "https://s.example/"}
    typed = {f"set-linkedin-{name}": value for name, value in settings.items()}
    page = answer(admin_client, workspace, **said, **typed)
    for shown in ("Mood: very wild", "Loud: yes", "Moods: one, two", '<p class="cp-card-title" dir="auto">Big</p>'):
        assert shown in page
    assert "https://s.example/" in page
    assert "cp-link-address" not in page


def test_it_shows_a_poll_and_no_card_beside_it(admin_client: Client) -> None:
    workspace = builders.workspace()
    poll = {"set-twitter-poll": ["Yes", "No", "", ""], "set-twitter-poll-minutes": "1440"}
    said = {"content": "https://example.com/a ?", "accounts": [builders.account(workspace).id], **poll}
    page = answer(admin_client, workspace, **said)
    assert '<li dir="auto">Yes</li><li dir="auto">No</li></ul>' in page
    assert "cp-link-address" not in page


def test_it_leads_to_the_post_that_says_the_same(admin_client: Client) -> None:
    workspace = builders.workspace()
    other = builders.post(workspace, "Hello")
    page = answer(admin_client, workspace, content="Hello", accounts=[builders.account(workspace).id])
    assert "says the same on X in another post" in at(page, "content")
    assert reverse("admin:posts_post_change", args=[other.id]) in page
    again = answer(admin_client, workspace, content="Hello", accounts=[builders.account(workspace).id], post=other.id)
    assert "says the same" not in again


def test_it_asks_which_moment_is_meant_where_the_clocks_change(admin_client: Client) -> None:
    workspace = builders.workspace()
    Workspace.objects.filter(id=workspace.id).update(timezone="Europe/Berlin")
    skipped = ask(admin_client, workspace, at_0="2027-03-28", at_1="02:30").content.decode()
    assert "never show this time" in at(skipped, "at")
    assert [choice in skipped for choice in ("01:30 CET", "03:30 CEST")] == [True, True]
    doubled = ask(admin_client, workspace, at_0="2027-10-31", at_1="02:30").content.decode()
    assert "twice" in at(doubled, "at")
    assert doubled.count('name="at_2"') == 2
    chosen = ask(admin_client, workspace, at_0="2027-10-31", at_1="02:30", at_2="2027-10-31T01:30:00+00:00")
    assert at(chosen.content.decode(), "at") == ""
    assert "Sunday, 31 October 2027, 02:30 CET" in chosen.content.decode().partition('id="cp-when"')[2]


def test_it_shows_a_post_that_needs_another_account_first(admin_client: Client) -> None:
    workspace = builders.workspace()
    lost = builders.integration(workspace, "bluesky", status="needs_refresh")
    page = answer(admin_client, workspace, content="Hello", accounts=[lost.id, builders.account(workspace).id])
    assert "is not connected any more; connect it again first" in at(page, "accounts")
    assert page.count('<article class="cp-card') == 1


def test_it_answers_a_stranger_as_if_there_were_nothing() -> None:
    workspace = builders.workspace()
    media = builders.media(workspace)
    stranger = Client()
    stranger.force_login(builders.member(builders.workspace(), Role.OWNER))
    reader = Client()
    reader.force_login(builders.member(workspace, Role.VIEWER))
    for client in (stranger, reader):
        for name, method, ids in (
            ("preview", "post", [workspace.id]),
            ("slot", "get", [workspace.id]),
            ("files", "get", [workspace.id]),
            ("upload", "post", [workspace.id]),
            ("file", "get", [workspace.id, media.id]),
            ("describe", "post", [workspace.id, media.id]),
        ):
            url = reverse(f"admin:posts_compose_{name}", args=ids)
            assert getattr(client, method)(url).status_code == 404, name


def test_it_knows_no_file_and_no_post_of_another_workspace() -> None:
    mine, other = builders.workspace(), builders.workspace()
    client = Client()
    client.force_login(builders.member(mine, Role.EDITOR))
    foreign, post = builders.media(other, name="secret.png", alt_text="Secret"), builders.post(other)
    for name, method in (("file", "get"), ("describe", "post")):
        url = reverse(f"admin:posts_compose_{name}", args=[mine.id, foreign.id])
        assert getattr(client, method)(url).status_code == 404
    assert ask(client, mine, post=str(post.id)).status_code == 404
    page = answer(client, mine, content="Hello", accounts=[builders.account(mine).id], media_ids=[foreign.id])
    assert "Secret" not in page
    assert str(builders.account(other).id) not in answer(client, mine, accounts=[builders.account(other).id])


def test_it_asks_as_few_questions_for_nine_accounts_as_for_one(admin_client: Client) -> None:
    workspace = builders.workspace()
    one = [builders.account(workspace).id]
    nine = list(Integration.objects.filter(workspace=workspace).values_list("id", flat=True))
    files = [builders.media(workspace).id for _ in range(4)]
    answer(admin_client, workspace, content="Warm", accounts=one)

    def queries(**said: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            answer(admin_client, workspace, content="Hello", **said)
        return len(captured)

    few = queries(accounts=one, media_ids=files[:1])
    assert queries(accounts=nine, media_ids=files) <= few
    assert few <= 12


def test_it_answers_within_a_tenth_of_a_second_for_five_accounts(admin_client: Client) -> None:
    workspace = builders.workspace()
    names = ("twitter", "bluesky", "mastodon", "linkedin", "threads")
    accounts = [builders.account(workspace, name).id for name in names]
    said = {"accounts": accounts, "parts": ["a"], "content-a": "And then https://example.com/two #more " * 5}
    content = "A post with a link https://example.com/one, a mention @alice.bsky.social and words. " * 3
    taken = []
    for number in range(12):
        begun = time.process_time()
        answer(admin_client, workspace, content=f"{content}{number}", **said)
        taken.append(time.process_time() - begun)
    # Of this process alone, and the best of several: what else the machine does is nothing of ours.
    assert min(taken) < 0.1


def test_a_post_that_is_out_shows_its_cards_and_no_fields(admin_client: Client) -> None:
    post = builders.published(builders.workspace())
    page = admin_client.get(reverse("admin:posts_post_change", args=[post.id])).content.decode()
    assert "As it went out" in page
    assert page.count('<article class="cp-card') == post.targets.count()
    assert 'name="content"' not in page
