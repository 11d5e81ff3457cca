"""The home page: what goes out next, what wants a person, how the machine does; of the person's workspaces only."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.models import IntegrationStatus, Role, Workspace
from posts.models import Post, PostTarget
from publishing import home, pulse
from publishing.models import Pulse
from publishing.tasks import dispatch_task
from tests import builders

pytestmark = pytest.mark.django_db

HOME = "/admin/"
MACHINE = "/admin/home/machine/"


def page(user: User, address: str = HOME) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def ours() -> Workspace:
    return builders.workspace(name="Ours")


@pytest.fixture
def ann(ours: Workspace) -> User:
    return builders.member(ours)


def test_it_shows_what_goes_out_next_soonest_first(ours: Workspace, ann: User) -> None:
    builders.post(ours, content="Later", at=builders.soon(hours=3))
    builders.post(ours, content="Sooner", at=builders.soon(hours=1))
    builders.post(ours, content="Some day")
    shown = page(ann)
    assert 0 < shown.index("Sooner") < shown.index("Later")
    assert "Some day" not in shown


def test_it_shows_what_stands_until_somebody_acts_and_why(ours: Workspace, ann: User) -> None:
    builders.failed(ours, content="Refused there")
    shown = page(ann)
    assert "Refused there" in shown
    assert "(rejected)" in shown


def test_no_row_is_a_link_in_a_link(ours: Workspace, ann: User) -> None:
    """A browser would end the row there. The row itself leads to where an unknown outcome is said."""
    doubted = builders.target(builders.failed(ours, content="Who knows?"))
    PostTarget.objects.filter(id=doubted.id).update(error_code="outcome_unknown", in_doubt=True)
    shown = page(ann)
    assert "(outcome_unknown)" in shown
    for row in re.findall(r'<a class="home-row".*?</a>', shown, re.DOTALL):
        assert row.count("<a ") == 1, row


def test_it_names_accounts_that_must_be_connected_again(ours: Workspace, ann: User) -> None:
    account = builders.account(ours)
    account.status, account.status_reason = IntegrationStatus.NEEDS_REFRESH, "They took our access away."
    account.save(update_fields=["status", "status_reason"])
    assert "They took our access away." in page(ann)


def test_it_shows_what_waits_for_an_admins_yes_to_admins_only(ours: Workspace, ann: User) -> None:
    post = builders.post(ours, content="May it go out?")
    Post.objects.filter(pk=post.pk).update(approval_requested_at=timezone.now(), approval_requested_by="ann")
    shown = page(builders.member(ours, Role.ADMIN))
    assert "May it go out?" in shown
    assert "asked for by ann" in shown
    assert "May it go out?" not in page(ann)


def test_it_counts_what_went_live_and_what_failed_hour_by_hour(ours: Workspace, ann: User, rf: Any) -> None:
    builders.published(ours)
    builders.failed(ours)
    request = rf.get(HOME)
    request.user, request.session = ann, {}
    hours = home.last_day(request, now=timezone.now())
    assert len(hours) == 24
    assert (hours[-1].live, hours[-1].failed) == (1, 1)
    assert all(hour.live == hour.failed == 0 for hour in hours[:-1])


def test_it_shows_nothing_of_another_workspace(ours: Workspace, ann: User) -> None:
    theirs = builders.workspace(name="Theirs")
    builders.post(theirs, content="Their plan", at=builders.soon(hours=1))
    builders.failed(theirs, content="Their trouble")
    builders.published(theirs)
    late(theirs)
    shown = page(ann)
    assert "Their" not in shown
    assert "Nothing went out, and nothing failed." in shown
    assert "wanted at" not in page(ann, MACHINE)


def late(workspace: Workspace) -> PostTarget:
    target = builders.due(workspace, content="Late")
    PostTarget.objects.filter(id=target.id).update(wanted_at=timezone.now() - timedelta(hours=1))
    return target


def test_it_says_how_late_the_oldest_is(ours: Workspace, ann: User) -> None:
    late(ours)
    shown = page(ann, MACHINE)
    assert "1 late" in shown
    assert "wanted at" in shown


def test_it_says_that_beat_stands_still_until_it_ticks(ann: User) -> None:
    assert "It has never ticked." in page(ann, MACHINE)
    pulse.beat(now=timezone.now(), name=pulse.BEAT)
    assert "Stands still" not in page(ann, MACHINE)
    Pulse.objects.update(at=timezone.now() - pulse.FRESH)
    assert "Stands still" in page(ann, MACHINE)


def test_it_says_that_no_worker_lives(ann: User) -> None:
    assert "None is running." in page(ann, MACHINE)


def test_it_says_that_the_broker_is_away(ann: User, settings: Any) -> None:
    assert "Broker" not in page(ann, MACHINE)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "Broker" in page(ann, MACHINE)


def test_it_says_that_alerts_have_nowhere_to_go(ours: Workspace, ann: User, settings: Any) -> None:
    assert "EMAIL_URL" in page(ann, MACHINE)
    settings.MAIL_IS_SET_UP = True
    assert "no owner has an e-mail address" in page(ann, MACHINE)
    builders.member(ours, Role.OWNER, email="owner@example.com")
    assert "Nobody is told" not in page(ann, MACHINE)


def test_a_tick_that_a_worker_takes_up_is_recorded() -> None:
    dispatch_task()
    assert pulse.last()


def test_it_records_a_tick_at_most_every_few_seconds() -> None:
    now = timezone.now()
    pulse.beat(now=now)
    pulse.beat(now=now + pulse.EVERY / 2)
    assert pulse.last() == now
    pulse.beat(now=now + pulse.EVERY * 2)
    assert pulse.last() == now + pulse.EVERY * 2


@pytest.mark.parametrize("address", [HOME, MACHINE])
def test_it_is_for_those_who_may_enter_admin(address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_it_asks_as_often_for_many_posts_as_for_few(ours: Workspace, ann: User) -> None:
    client = Client()
    client.force_login(ann)

    def fill() -> int:
        builders.post(ours, at=builders.soon(hours=1))
        builders.failed(ours)
        with CaptureQueriesContext(connection) as queries:
            client.get(HOME)
        return len(queries)

    fill()
    few = fill()
    assert fill() == few
