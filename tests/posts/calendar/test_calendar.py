"""The calendar: whose posts it shows and where, and moving them."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.models import Role, Workspace
from openpost.api.errors import ApiError
from posts import actions
from posts.calendar import views
from posts.calendar.moving import move, moved_to
from posts.calendar.span import Span, View
from posts.models import Post, PostStatus
from posts.words import Words
from tests import builders

pytestmark = pytest.mark.django_db

CALENDAR = "/admin/calendar/"
MOVE = "/admin/calendar/move/"
BERLIN = ZoneInfo("Europe/Berlin")


def page(user: User, **asked: Any) -> str:
    answer = builders.signed_in(user).get(CALENDAR, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def tomorrow(**kwargs: int) -> datetime:
    return (builders.soon(days=1)).replace(hour=12, minute=30, second=0, microsecond=0) + timedelta(**kwargs)


def drop(user: User, post: Post, **where: Any) -> Any:
    return builders.signed_in(user).post(MOVE, {"post": str(post.id), **where})


def test_it_shows_a_post_on_its_day_with_its_time_status_and_platforms(ours: Workspace, ann: User) -> None:
    at = tomorrow()
    builders.post(ours, content="Hello calendar", at=at, platforms=["twitter", "bluesky"])
    shown = page(ann, day=at.date())
    assert "Hello calendar" in shown
    assert ">12:30<" in shown
    assert "Scheduled" in shown
    assert 'aria-label="Bluesky"' in shown


def test_it_shows_times_on_the_workspaces_clock(ours: Workspace, ann: User) -> None:
    ours.timezone = BERLIN
    ours.save(update_fields=["timezone"])
    late = tomorrow().replace(hour=23, minute=30)
    builders.post(ours, content="Past midnight there", at=late)
    shown = page(ann, view="week", day=late.astimezone(BERLIN).date())
    assert f">{late.astimezone(BERLIN):%H:%M}<" in shown
    assert "Times in Europe/Berlin" in shown


def test_it_shows_nothing_of_another_workspace(ours: Workspace, ann: User) -> None:
    at = tomorrow()
    theirs = builders.workspace(name="Theirs")
    builders.post(theirs, content="Their secret", at=at)
    assert "Their secret" not in page(ann, day=at.date())
    assert "Their secret" not in page(ann, day=at.date(), accounts=builders.account(theirs).id)


def test_it_shows_some_accounts_only_when_asked(ours: Workspace, ann: User) -> None:
    at = tomorrow()
    builders.post(ours, content="On X", at=at, platforms=["twitter"])
    builders.post(ours, content="On Bluesky", at=at, platforms=["bluesky"])
    shown = page(ann, day=at.date(), accounts=builders.account(ours, "bluesky").id)
    assert "On Bluesky" in shown
    assert "On X" not in shown


def test_it_shows_the_first_of_a_full_day_and_how_many_there_are(ours: Workspace, ann: User) -> None:
    for number in range(8):
        builders.post(ours, content=f"Number {number}", at=tomorrow(minutes=number))
    shown = page(ann, day=tomorrow().date())
    assert "Number 4" in shown
    assert "Number 5" not in shown
    assert "3 more" in shown


@pytest.mark.parametrize(("view", "leads"), [("month", "?view=week"), ("week", "/admin/posts/post/?when=")])
def test_it_leads_to_the_rest_of_a_day_on_the_same_accounts(
    ours: Workspace, ann: User, monkeypatch: pytest.MonkeyPatch, view: str, leads: str
) -> None:
    monkeypatch.setattr(views, "MOST", {View.MONTH: 1, View.WEEK: 2})
    day = tomorrow().date()
    for number in range(4):
        builders.post(ours, content=f"Number {number}", at=tomorrow(minutes=number), platforms=["bluesky", "twitter"])
    builders.post(ours, content="Elsewhere", at=tomorrow(), platforms=["linkedin"])
    accounts = f"{builders.account(ours, 'bluesky').id},{builders.account(ours).id}"

    shown = page(ann, view=view, day=day, accounts=accounts)
    (link,) = re.findall(r'<a class="cal-more" href="([^"]+)">(?:3|2) more</a>', shown)

    assert unescape(link).startswith(leads)
    rest = builders.signed_in(ann).get(urljoin(CALENDAR, unescape(link))).text
    assert ("Number 1" in rest, "Elsewhere" in rest) == (True, False)
    assert ("Number 3" in rest) == (view == "week")


def test_it_shows_the_workspace_that_a_link_names_on_its_clock(ours: Workspace, ann: User) -> None:
    berlin = builders.workspace(name="Berlin")
    berlin.timezone = BERLIN
    berlin.save(update_fields=["timezone"])
    berlin.memberships.create(user=ann, role=Role.EDITOR)
    shown = page(ann, workspace=berlin.id)
    assert "Times in Europe/Berlin" in shown
    assert f"workspace={berlin.id}" in shown


def test_it_moves_a_post_to_another_day_at_the_same_time(ours: Workspace, ann: User) -> None:
    at = tomorrow()
    post = builders.post(ours, at=at)
    answer = drop(ann, post, day=at.date() + timedelta(days=2))
    assert "goes out on" in answer.content.decode()
    post.refresh_from_db()
    assert post.scheduled_at == at + timedelta(days=2)
    assert post.status == PostStatus.SCHEDULED


def test_it_moves_a_post_to_another_hour(ours: Workspace, ann: User) -> None:
    at = tomorrow()
    post = builders.post(ours, at=at)
    drop(ann, post, day=at.date(), hour=18)
    post.refresh_from_db()
    assert post.scheduled_at == at.replace(hour=18)


def test_it_undoes_a_move(ours: Workspace, ann: User) -> None:
    at = tomorrow()
    post = builders.post(ours, at=at)
    answer = drop(ann, post, day=at.date() + timedelta(days=2)).content.decode()
    assert f'value="{at.isoformat()}"' in answer
    assert "Undo" not in drop(ann, post, at=at.isoformat()).content.decode()
    post.refresh_from_db()
    assert post.scheduled_at == at


def test_it_leaves_a_draft_a_draft(ours: Workspace, ann: User) -> None:
    at = tomorrow()
    post = builders.post(ours, at=at)
    actions.edit(post=post, words=Words(status="draft"))
    said = drop(ann, post, day=at.date() + timedelta(days=1)).content.decode()
    assert "is a draft for" in said
    assert "goes out on" not in said
    post.refresh_from_db()
    assert (post.status, post.scheduled_at) == (PostStatus.DRAFT, at + timedelta(days=1))


def test_it_moves_nothing_that_somebody_has_changed_since_it_was_read(ours: Workspace) -> None:
    at = tomorrow()
    read = builders.post(ours, at=at)
    actions.edit(post=read, words=Words(status="draft"))
    read.refresh_from_db()
    actions.edit(post=read, words=Words(status="scheduled"))
    with pytest.raises(ApiError, match="has changed this post"):
        move(post=read, at=at + timedelta(days=1), by="ann")
    now = Post.objects.get()
    assert (now.status, now.scheduled_at) == (PostStatus.SCHEDULED, at)


def test_it_refuses_what_has_passed_and_says_so(ours: Workspace, ann: User) -> None:
    at = tomorrow()
    post = builders.post(ours, at=at)
    answer = drop(ann, post, day=at.date() - timedelta(days=9))
    assert "Not moved." in answer.content.decode()
    post.refresh_from_db()
    assert post.scheduled_at == at


def test_it_refuses_what_went_out(ours: Workspace, ann: User) -> None:
    post = builders.published(ours)
    was = post.scheduled_at
    assert "Not moved." in drop(ann, post, day=tomorrow().date()).content.decode()
    post.refresh_from_db()
    assert post.scheduled_at == was


def test_it_lets_no_viewer_move_anything(ours: Workspace) -> None:
    at = tomorrow()
    post = builders.post(ours, at=at)
    viewer = builders.member(ours, Role.VIEWER)
    assert "Your role does not allow" in drop(viewer, post, day=at.date() + timedelta(days=1)).content.decode()
    post.refresh_from_db()
    assert post.scheduled_at == at
    shown = page(viewer, day=at.date())
    assert "cal-new" not in shown
    assert "data-moves" not in shown
    assert "Drag a post" not in shown


def test_it_knows_no_post_of_another_workspace(ann: User) -> None:
    post = builders.post(builders.workspace(), at=tomorrow())
    known = drop(ann, post, day=tomorrow().date())
    unknown = builders.signed_in(ann).post(MOVE, {"post": str(uuid.uuid4()), "day": str(tomorrow().date())})
    assert known.status_code == unknown.status_code == 404


@pytest.mark.parametrize(
    "asked", [{"day": "never"}, {"view": "year"}, {"accounts": "x,,"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}]
)
def test_it_shows_this_month_when_the_address_makes_no_sense(ann: User, asked: dict[str, str]) -> None:
    assert "cal-" in page(ann, **asked)


@pytest.mark.parametrize("wrong", [{}, {"post": "x"}, {"post": str(uuid.UUID(int=1)), "hour": "24"}])
def test_it_refuses_a_move_that_makes_no_sense(ann: User, wrong: dict[str, str]) -> None:
    assert builders.signed_in(ann).post(MOVE, wrong).status_code == 400


def test_it_wants_a_token_against_forged_requests(ours: Workspace, ann: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    post = builders.post(ours, at=tomorrow())
    assert client.post(MOVE, {"post": str(post.id), "day": str(tomorrow().date())}).status_code == 403
    assert client.get(MOVE).status_code == 405


def test_it_opens_the_composer_at_the_time_that_was_clicked(ours: Workspace, ann: User) -> None:
    at = tomorrow()
    assert f"?at={at.date()}T09:00" in page(ann, day=at.date())
    assert f"?at={at.date()}T16:00" in page(ann, view="week", day=at.date())
    assert f"?at={at.date() - timedelta(days=3)}" not in page(ann, day=at.date())


def test_it_asks_as_often_for_many_posts_as_for_few(ours: Workspace, ann: User) -> None:
    client = builders.signed_in(ann)

    def fill() -> int:
        builders.post(ours, at=tomorrow(), platforms=["twitter", "bluesky"])
        with CaptureQueriesContext(connection) as queries:
            client.get(CALENDAR, {"day": str(tomorrow().date())})
        return len(queries)

    fill()
    few = fill()
    assert fill() == few


# Days, without a page ------------------------------------------------------------------------------------------------


def test_it_shows_a_month_in_whole_weeks() -> None:
    days = Span(View.MONTH, date(2026, 11, 25)).days
    assert (days[0], days[-1], len(days)) == (date(2026, 10, 26), date(2026, 12, 6), 42)


def test_it_goes_from_month_to_month_and_week_to_week() -> None:
    month, week = Span(View.MONTH, date(2026, 1, 31)), Span(View.WEEK, date(2026, 1, 31))
    assert (month.previous.month, month.next.month) == (12, 2)
    assert (week.previous, week.next) == (date(2026, 1, 24), date(2026, 2, 7))


def test_it_keeps_the_local_time_over_a_change_of_clocks() -> None:
    at = datetime(2026, 10, 24, 7, 0, tzinfo=UTC)  # nine o'clock, in summer
    assert moved_to(at, day=date(2026, 10, 26), hour=None, zone=BERLIN) == datetime(2026, 10, 26, 8, 0, tzinfo=UTC)


def test_it_takes_a_skipped_hour_for_the_next_and_a_doubled_one_for_its_first() -> None:
    at = datetime(2026, 3, 20, 1, 30, tzinfo=UTC)
    assert moved_to(at, day=date(2026, 3, 29), hour=2, zone=BERLIN) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert moved_to(at, day=date(2026, 10, 25), hour=2, zone=BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
