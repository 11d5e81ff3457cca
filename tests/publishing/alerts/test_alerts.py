"""Who is told of what, by a real mail server: one message per cause, once, until it is cured."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations import tokens
from integrations.models import Integration, IntegrationStatus, Role, Workspace
from integrations.webhooks import fan_out
from posts import lifecycle
from posts.lifecycle import Failure
from posts.models import PostTarget
from publishing.alerts import causes, people, sending
from publishing.health import service
from publishing.health.finding import bad, good
from publishing.models import Alert, AlertKind, Letter
from tests import builders

from .server import MailServer

pytestmark = pytest.mark.django_db

OWNER = "ann@example.com"


@pytest.fixture
def ours(post_office: MailServer) -> Workspace:
    """A workspace whose owner has an address; what failed before is read."""
    room = builders.workspace(name="Ours")
    builders.member(room, Role.OWNER, email=OWNER)
    causes.of_the_feed(now=timezone.now())
    return room


def rounds(*, after: timedelta = timedelta(0)) -> datetime:
    """One round now, and the letters' as it will be after a while; gives that time."""
    now, later = timezone.now(), timezone.now() + after
    fan_out.place(now=now)
    causes.of_the_feed(now=now)
    causes.of_late_posts(now=now)
    causes.cure(now=now)
    sending.write(now=later)
    sending.send(now=later)
    return later


def fail(target: PostTarget, code: str = "rejected", message: str = "X refused it.") -> None:
    failure = Failure(code=code, message=message)
    assert lifecycle.fail(builders.claimed(target), failure=failure, now=timezone.now())


def texts(message: Any) -> tuple[str, str]:
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    return plain.get_content(), html.get_content()


# What failed ---------------------------------------------------------------------------------------------------------


def test_a_hundred_posts_that_fail_for_one_reason_make_one_message(ours: Workspace, post_office: MailServer) -> None:
    for number in range(100):
        fail(builders.due(ours, content=f"Post number {number}"))
    rounds()
    assert post_office.taken == [], "it gathers first"
    rounds(after=causes.GATHERS)
    rounds(after=causes.GATHERS * 2)
    (message,) = post_office.to(OWNER)
    account = builders.account(ours)
    assert message["Subject"] == f"[OpenPost] Ours (sandbox): 100 posts failed on {account}"
    post = PostTarget.objects.get(post__content="Post number 0").post_id
    listed = f"https://openpost.example/admin/posts/post/?status=failed&account={account.id}"
    for text in texts(message):
        assert "X refused it." in text
        assert "Post number 0" in text
        assert f"https://openpost.example/admin/posts/post/{post}/change/" in text
        assert "and 95 more" in text
        assert listed in unescape(text)
        assert "https://openpost.example/admin/alerts/" in text


def test_each_reason_and_each_account_is_told_of_once(ours: Workspace, post_office: MailServer) -> None:
    fail(builders.due(ours, platforms=["twitter"]))
    fail(builders.due(ours, platforms=["bluesky"]))
    fail(builders.due(ours, platforms=["bluesky"]), code="text_too_long", message="It is too long.")
    rounds(after=causes.GATHERS)
    assert len(post_office.to(OWNER)) == 3
    fail(builders.due(ours, platforms=["twitter"]))
    rounds(after=causes.GATHERS)
    assert len(post_office.to(OWNER)) == 3, "it is known"


def test_what_fails_again_after_the_account_published_is_another_cause(
    ours: Workspace, post_office: MailServer
) -> None:
    fail(builders.due(ours))
    rounds(after=causes.GATHERS)
    builders.published(ours)
    rounds()
    assert Alert.objects.get().cured_at
    fail(builders.due(ours))
    rounds(after=causes.GATHERS)
    assert len(post_office.to(OWNER)) == 2


def test_what_failed_is_told_although_the_account_published_since(ours: Workspace, post_office: MailServer) -> None:
    fail(builders.due(ours))
    rounds()
    builders.published(ours)
    rounds()
    rounds(after=causes.GATHERS)
    assert len(post_office.to(OWNER)) == 1
    rounds()
    assert Alert.objects.get().cured_at
    causes.forget(now=timezone.now() + causes.KEPT * 2)
    assert not Alert.objects.exists()


def test_nothing_is_told_of_what_was_rolled_back_or_failed_before_the_first_round(post_office: MailServer) -> None:
    room = builders.workspace()
    builders.member(room, Role.OWNER, email=OWNER)
    fail(builders.due(room))
    fan_out.place(now=timezone.now())
    rounds(after=causes.GATHERS)
    assert post_office.taken == []


def test_it_is_told_without_reading_the_accounts_credentials(ours: Workspace, post_office: MailServer) -> None:
    tokens.disconnect(builders.account(ours), reason="X says that our access was taken away.")
    with CaptureQueriesContext(connection) as queries:
        rounds(after=causes.GATHERS)
    assert len(post_office.to(OWNER)) == 1
    assert not [query["sql"] for query in queries if '"credentials"' in query["sql"]]


def test_what_an_account_that_is_lost_makes_fail_has_its_one_cause(ours: Workspace, post_office: MailServer) -> None:
    account = builders.account(ours)
    targets = [builders.due(ours) for _ in range(3)]
    tokens.disconnect(account, reason="X says that our access was taken away.")
    for target in targets:
        fail(target, code="account_disconnected", message="Connect it again.")
    rounds(after=causes.GATHERS)
    (message,) = post_office.to(OWNER)
    assert "must be connected again" in message["Subject"]
    text = texts(message)[0]
    assert "our access was taken away" in text
    assert f"https://openpost.example/admin/integrations/integration/{account.id}/change/" in text
    assert Alert.objects.get().count == 3
    Integration.objects.filter(id=account.id).update(status=IntegrationStatus.ACTIVE)
    rounds()
    assert Alert.objects.get().cured_at


def test_an_account_that_a_person_disconnected_is_told_to_nobody(ours: Workspace, post_office: MailServer) -> None:
    Integration.objects.filter(workspace=ours).update(status=IntegrationStatus.DISCONNECTED)
    rounds(after=causes.GATHERS)
    assert not Alert.objects.exists()


def test_every_link_opens_to_the_owner(ours: Workspace, post_office: MailServer) -> None:
    owner = Client()
    owner.force_login(User.objects.get(email=OWNER))
    fail(builders.due(ours, content="It failed"))
    late = builders.due(ours, platforms=["mastodon"])
    PostTarget.objects.filter(id=late.id).update(wanted_at=timezone.now() - causes.LATE * 2)
    tokens.disconnect(builders.account(ours, "bluesky"), reason="Our access was taken away.")
    rounds(after=causes.GATHERS)
    assert len(post_office.to(OWNER)) == 3
    for message in post_office.to(OWNER):
        links = re.findall(r"https://openpost\.example(\S+)", texts(message)[0])
        assert len(links) >= 2
        assert {link: owner.get(link).status_code for link in links} == dict.fromkeys(links, 200)
    listed = owner.get(f"/admin/posts/post/?status=failed&account={builders.account(ours).id}").content.decode()
    assert "It failed" in listed


def test_its_lists_are_of_its_workspace_whichever_the_reader_works_in(ours: Workspace, post_office: MailServer) -> None:
    ann, elsewhere = User.objects.get(email=OWNER), builders.workspace(name="Elsewhere")
    elsewhere.memberships.create(user=ann, role=Role.OWNER)
    reader, stranger = Client(), Client()
    for browser, who in ((reader, ann), (stranger, builders.member(elsewhere, Role.OWNER))):
        browser.force_login(who)
        browser.post("/admin/integrations/workspace/switch/", {"workspace": elsewhere.id})
    fail(builders.due(ours, content="It failed"))
    late = builders.due(ours, content="It is late", platforms=["mastodon"])
    long_ago = timezone.now() - causes.LATE * 2
    PostTarget.objects.filter(id=late.id).update(wanted_at=long_ago, due_at=long_ago)
    rounds(after=causes.GATHERS)
    links = [re.findall(r"https://openpost\.example(\S+\?\S+)", texts(one)[0]) for one in post_office.to(OWNER)]
    assert len(links) == 2
    for listed, preferences in links:
        said = "It is late" if "affairs=overdue" in listed else "It failed"
        assert said in reader.get(listed).content.decode()
        assert "Ours" in reader.get(preferences).content.decode()
        assert [stranger.get(link).status_code for link in (listed, preferences)] == [404, 404]


# What is late --------------------------------------------------------------------------------------------------------


def test_late_posts_are_told_once_and_that_they_are_out(ours: Workspace, post_office: MailServer) -> None:
    late = [builders.due(ours, content=f"Late {number}") for number in range(3)]
    PostTarget.objects.filter(id__in=[target.id for target in late]).update(wanted_at=timezone.now() - causes.LATE * 2)
    rounds()
    rounds()
    (message,) = post_office.to(OWNER)
    assert message["Subject"] == "[OpenPost] Ours (sandbox): 3 posts late"
    assert "Late 1" in texts(message)[0]
    assert "It waits for its turn" in texts(message)[0]
    for target in late:
        builders.go_live(target)
    rounds()
    rounds()
    assert len(post_office.to(OWNER)) == 2
    assert "are out" in post_office.to(OWNER)[1]["Subject"]


# The service ---------------------------------------------------------------------------------------------------------


def test_operators_are_told_what_is_red_for_a_minute_and_when_it_is_well(
    post_office: MailServer, settings: Any
) -> None:
    settings.OPERATORS = ["ops@example.com"]
    now = timezone.now()
    down = [bad("beat", "Its last tick was an hour ago.", "Start beat."), good("redis", "It answers.")]
    causes.of_the_service(down, now=now)
    for passed in (timedelta(0), causes.GATHERS, causes.GATHERS * 2):
        causes.of_the_service(down, now=now + passed)
        sending.write(now=now + passed)
        sending.send(now=now + passed)
    (message,) = post_office.to("ops@example.com")
    assert message["Subject"] == "[OpenPost] the service is not well: beat"
    assert "Start beat." in texts(message)[0]
    causes.of_the_service([good("beat", "It ticks.")], now=now + timedelta(minutes=5))
    sending.write(now=now + timedelta(minutes=5))
    sending.send(now=now + timedelta(minutes=5))
    assert post_office.to("ops@example.com")[1]["Subject"] == "[OpenPost] well again: beat"


def test_what_cannot_be_known_is_neither_told_nor_cured() -> None:
    now = timezone.now()
    unknown = [bad("database", "It does not answer.", "Look at it."), bad("beat", service.UNKNOWN, "See above.")]
    causes.of_the_service([good("database", ""), bad("workers", "None is running.", "Start one.")], now=now)
    causes.of_the_service([*unknown, bad("workers", service.UNKNOWN, "See above.")], now=now)
    assert set(Alert.objects.filter(cured_at=None).values_list("cause", flat=True)) == {"database", "workers"}


def test_what_is_red_for_a_moment_only_is_told_to_nobody(post_office: MailServer, settings: Any) -> None:
    settings.OPERATORS = ["ops@example.com"]
    now = timezone.now()
    causes.of_the_service([bad("workers", "None lives.", "Start one.")], now=now)
    causes.of_the_service([good("workers", "1 lives.")], now=now + timedelta(seconds=30))
    sending.write(now=now + causes.GATHERS)
    assert not Letter.objects.exists()


# Who is told ---------------------------------------------------------------------------------------------------------


def test_owners_are_told_unless_they_turn_it_off_and_others_if_they_turn_it_on(
    ours: Workspace, post_office: MailServer
) -> None:
    second = builders.member(ours, Role.OWNER, email="off@example.com")
    editor = builders.member(ours, Role.EDITOR, email="on@example.com")
    builders.member(ours, Role.ADMIN, email="admin@example.com")
    builders.member(ours, Role.OWNER)
    builders.member(ours, Role.OWNER, email="gone@example.com", is_active=False)
    builders.member(builders.workspace(), Role.OWNER, email="stranger@example.com")
    people.choose(membership=second.memberships.get(), wanted=False)
    people.choose(membership=editor.memberships.get(), wanted=True)
    fail(builders.due(ours))
    rounds(after=causes.GATHERS)
    assert sorted(to for recipients, _ in post_office.taken for to in recipients) == [OWNER, "on@example.com"]
    assert all(len(recipients) == 1 for recipients, _ in post_office.taken), "nobody sees who else is told"


def test_a_workspace_is_told_of_so_many_causes_an_hour_and_of_the_rest_later(
    ours: Workspace, post_office: MailServer
) -> None:
    codes = [f"code_{number}" for number in range(sending.MOST + 2)]
    for code in codes:
        fail(builders.due(ours), code=code)
    later = rounds(after=causes.GATHERS)
    assert len(post_office.taken) == sending.MOST
    after_that = later + sending.PER + timedelta(seconds=1)
    sending.write(now=after_that)
    sending.send(now=after_that)
    assert len(post_office.taken) == len(codes)


# The mail server -----------------------------------------------------------------------------------------------------


def test_a_letter_that_is_not_taken_is_tried_again_later_and_later(ours: Workspace, post_office: MailServer) -> None:
    post_office.refuse["RCPT"] = "450 come again"
    fail(builders.due(ours))
    rounds(after=causes.GATHERS)
    letter = Letter.objects.get()
    assert letter.due_at
    assert "come again" in letter.error
    first = letter.due_at - timezone.now()
    sending.send(now=letter.due_at)
    letter.refresh_from_db()
    assert letter.due_at
    assert letter.due_at - timezone.now() > first * 1.5
    post_office.refuse.clear()
    sending.send(now=letter.due_at)
    assert len(post_office.to(OWNER)) == 1
    assert post_office.to(OWNER)[0]["Message-ID"] == f"<{letter.id}@127.0.0.1>"
    sending.send(now=letter.due_at + timedelta(days=1))
    assert len(post_office.to(OWNER)) == 1


def test_a_letter_that_is_refused_for_good_is_given_up(ours: Workspace, post_office: MailServer) -> None:
    post_office.refuse["RCPT"] = "550 nobody here"
    fail(builders.due(ours))
    rounds(after=causes.GATHERS)
    letter = Letter.objects.get()
    assert (letter.due_at, letter.sent_at) == (None, None)
    assert "nobody here" in letter.error


def test_without_a_mail_server_nothing_breaks_and_it_is_said(ours: Workspace, settings: Any) -> None:
    settings.MAIL_IS_SET_UP = False
    fail(builders.due(ours))
    rounds(after=causes.GATHERS)
    assert Alert.objects.get(kind=AlertKind.FAILED).told_at
    assert not Letter.objects.exists()
    assert "EMAIL_URL" in people.nowhere_to_go(Workspace.objects.all())[0]


def test_it_is_said_when_no_owner_has_an_address(ours: Workspace) -> None:
    assert people.nowhere_to_go(Workspace.objects.filter(id=ours.id)) == []
    User.objects.update(email="")
    assert "Ours" in people.nowhere_to_go(Workspace.objects.filter(id=ours.id))[0]


def test_a_text_of_a_post_cannot_make_a_header_or_a_tag(ours: Workspace, post_office: MailServer) -> None:
    Workspace.objects.filter(id=ours.id).update(name="Ours\r\nBcc: all@example.com")
    fail(builders.due(ours, content="<script>alert(1)</script>"), message="<b>bold</b>")
    rounds(after=causes.GATHERS)
    (message,) = post_office.to(OWNER)
    assert message["Bcc"] is None
    assert "<script>" not in texts(message)[1]
    assert "<b>bold" not in texts(message)[1]
