"""The calendar's page, and the move that is dropped on it. Begins at the current workspace, or at all of a person's."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from integrations.marks import face, lone_face, name
from integrations.models import Integration
from integrations.people.current import PARAMETER, in_current, shown
from integrations.people.roles import Permission, may, may_somewhere, within
from integrations.platforms import registry
from openpost.api.errors import ApiError
from openpost.ids import ids_in
from posts.models import Post, PostStatus

from .entries import Day, Entry, by_day
from .moving import move, moved_to
from .span import HOURS, Span, View

#: Posts of a day that a month, and a week, shows; the others are a link away.
MOST = {View.MONTH: 5, View.WEEK: 100}
#: Accounts of a post whose faces are shown; of the others it says how many there are, and who.
MOST_FACES = 3
#: When a post begins that is begun by a click on a day.
MORNING = time(9)
#: An icon and a word for each status.
STATUS = {
    PostStatus.DRAFT: "edit_note",
    PostStatus.SCHEDULED: "schedule",
    PostStatus.PUBLISHING: "sync",
    PostStatus.PUBLISHED: "check_circle",
    PostStatus.FAILED: "error",
}


class Asked(forms.Form):
    """What the address asks for; what is missing or makes no sense is today's month of all accounts."""

    view = forms.ChoiceField(choices=[(view, view) for view in View], required=False)
    day = forms.DateField(required=False)
    accounts = forms.CharField(required=False)


class Move(forms.Form):
    """Where a post was dropped: a day, an hour of it in a week; or, to undo that, the very moment it came from."""

    post = forms.UUIDField()
    day = forms.DateField(required=False)
    hour = forms.IntegerField(min_value=0, max_value=23, required=False)
    at = forms.DateTimeField(required=False)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the calendar as its address names it."""

    span: Span
    accounts: tuple[uuid.UUID, ...]
    zone: tzinfo
    now: datetime
    #: The workspace that the address names, or "".
    workspace: str

    def address(self, **other: Any) -> str:
        """The address of this page, or of another beside it."""
        asked = {"view": self.span.view, "day": self.span.day, "accounts": self.accounts, **other}
        return self._asking(**{**asked, "accounts": _listed(asked["accounts"])})

    def rest_of(self, day: date) -> str:
        """Where all the posts of a day are: a month leads to the week, and a week to the list."""
        if self.span.view == View.MONTH:
            return self.address(view=View.WEEK, day=day)
        return reverse("admin:posts_post_changelist") + self._asking(when=day, account=_listed(self.accounts))

    def _asking(self, **asked: Any) -> str:
        asked[PARAMETER] = self.workspace
        return f"?{urlencode({name: value for name, value in asked.items() if value})}"


@never_cache
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    page = _page(request)
    context = {
        **admin.site.each_context(request),
        **_grid(request, page),
        "title": _("Calendar"),
        "accounts": _accounts(request, page),
        "all_accounts": page.address(accounts=()) if page.accounts else "",
    }
    return TemplateResponse(request, "calendar/calendar.html", context)


@never_cache
@require_POST
def move_post(request: HttpRequest) -> HttpResponse:
    """This will move a post to where it was dropped and show the days anew, saying what became of it."""
    page, asked = _page(request), Move(request.POST)
    if not asked.is_valid():
        return HttpResponse(_("This is no day of the calendar."), status=400)
    said = asked.cleaned_data
    post = within(request.user, Post.objects.select_related("workspace")).filter(id=said["post"]).first()
    if post is None:
        raise Http404
    notice = _moved(request, page, post, said)
    return TemplateResponse(request, "calendar/grid.html", {**_grid(request, page), "notice": notice})


def _moved(request: HttpRequest, page: Page, post: Post, said: dict[str, Any]) -> dict[str, Any]:
    was = post.scheduled_at
    if was is None or not may(request.user, post.workspace, Permission.PUBLISH):
        return {"bad": True, "text": _("Your role does not allow moving this post.")}
    if said["at"]:
        at = said["at"]
    elif said["day"]:
        at = moved_to(was, day=said["day"], hour=said["hour"], zone=page.zone)
    else:
        at = was
    try:
        moved = move(post=post, at=at, by=request.user.get_username())
    except (ApiError, Post.DoesNotExist) as error:
        return {"bad": True, "text": _("Not moved. %(why)s") % {"why": error}}
    local = at.astimezone(page.zone)
    said_of = (
        _("“%(post)s” is a draft for %(when)s.")
        if moved.status == PostStatus.DRAFT  # also where it waits for somebody's yes now
        else _("“%(post)s” goes out on %(when)s.")
    )
    text = said_of % {"post": post, "when": f"{local:%A, %d %B, %H:%M %Z}"}
    return {"text": text, "undo": None if said["at"] else {"post": post.pk, "at": was.isoformat()}}


def _page(request: HttpRequest) -> Page:
    asked = Asked(request.GET)
    asked.is_valid()
    said, now, workspace = asked.cleaned_data, timezone.now(), shown(request)
    zone = workspace.timezone if workspace else UTC
    day = said.get("day") or now.astimezone(zone).date()
    if not 2000 <= day.year <= 2200:
        day = now.astimezone(zone).date()
    span = Span(View(said.get("view") or View.MONTH), day)
    return Page(span, ids_in(said.get("accounts", "")), zone, now, request.GET.get(PARAMETER, ""))


def _grid(request: HttpRequest, page: Page) -> dict[str, Any]:
    span, zone = page.span, page.zone
    begins, ends = span.within(zone)
    posts = in_current(request, Post.objects.all())
    days = by_day(posts, begins=begins, ends=ends, zone=zone, accounts=page.accounts, most=MOST[span.view])
    may_write, may_move = (may_somewhere(request.user, right) for right in (Permission.WRITE, Permission.PUBLISH))
    today = page.now.astimezone(zone)
    boxes = [
        {
            "day": day,
            "today": day == today.date(),
            "other": not span.holds(day),
            "past": day < today.date(),
            "more": days[day].more if day in days else 0,
            "rest": page.rest_of(day),
            "entries": [_shown(entry, may_move=may_move) for entry in days.get(day, Day((), 0)).entries],
            "new": _new(day, None, today) if may_write else "",
            "hours": _hours(days.get(day, Day((), 0)).entries, day, today, may_write=may_write, may_move=may_move)
            if span.view == View.WEEK
            else [],
        }
        for day in span.days
    ]
    workspace = shown(request)
    return {
        "span": span,
        "days": boxes,
        "hours": HOURS,
        "zone": today.tzname() if workspace is None else str(workspace.timezone),
        "workspace": workspace,
        "may_write": may_write,
        "may_move": may_move,
        "empty": not any(day["entries"] for day in boxes),
        "here": page.address(),
        "previous": page.address(day=span.previous),
        "next": page.address(day=span.next),
        "this": page.address(day=today.date()),
        "views": [
            {"name": name, "here": view == span.view, "address": page.address(view=view)}
            for view, name in ((View.MONTH, _("Month")), (View.WEEK, _("Week")))
        ],
    }


def _hours(
    entries: Collection[Entry], day: date, today: datetime, *, may_write: bool, may_move: bool
) -> list[dict[str, Any]]:
    return [
        {
            "hour": hour,
            "entries": [_shown(entry, may_move=may_move) for entry in entries if entry.local.hour == hour],
            "new": _new(day, hour, today) if may_write else "",
        }
        for hour in HOURS
    ]


def _shown(entry: Entry, *, may_move: bool) -> dict[str, Any]:
    status = PostStatus(entry.post.status)
    return {
        "post": entry.post,
        # Written out here: a template would show them on its own clock.
        "time": f"{entry.local:%H:%M}",
        "day": entry.local.date().isoformat(),
        "hour": entry.local.hour,
        "status": status.label,
        "tone": status.value,
        "icon": STATUS[status],
        "faces": [lone_face(account) for account in entry.accounts[:MOST_FACES]],
        "others": [str(account) for account in entry.accounts[MOST_FACES:]],
        "colour": registry.PLATFORMS[entry.accounts[0].platform].colour,
        "moves": entry.moves and may_move,
    }


def _new(day: date, hour: int | None, today: datetime) -> str:
    """What the composer's address says of the time when it is opened there; empty where it would have passed."""
    wanted = datetime.combine(day, MORNING if hour is None else time(hour))
    soon = today.replace(tzinfo=None, minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if hour is None and day == today.date() and wanted < soon:
        wanted = soon
    return wanted.isoformat(timespec="minutes") if wanted >= soon else ""


def _accounts(request: HttpRequest, page: Page) -> list[dict[str, Any]]:
    rows = in_current(request, Integration.objects.defer("credentials")).order_by("platform", "username", "id")[:100]
    return [
        {
            "name": name(account),
            "face": face(account),
            "on": account.id in page.accounts,
            "address": page.address(accounts=_toggled(page.accounts, account.id)),
        }
        for account in rows
    ]


def _listed(ids: Collection[uuid.UUID]) -> str:
    return ",".join(map(str, ids))


def _toggled(chosen: tuple[uuid.UUID, ...], one: uuid.UUID) -> tuple[uuid.UUID, ...]:
    return tuple(account for account in chosen if account != one) if one in chosen else (*chosen, one)


calendar_view = admin.site.admin_view(calendar)
move_view = admin.site.admin_view(move_post)
