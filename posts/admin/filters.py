"""What the list of posts may be narrowed to. Each begins at what the person may see."""

from collections import Counter
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin import PlatformFilter, label_of
from integrations.models import Integration
from integrations.people.current import in_current, shown
from openpost.ids import ids_in
from posts.models import Post, PostStatus, PostTarget

#: Accounts, and tags, that are offered: the first by name, and the most frequent of the newest posts.
MOST = 100
NEWEST = 500
#: What of the state stands beside the status.
APPROVAL = "approval"


class StatusFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*PostStatus.choices, (APPROVAL, _("Waits for approval"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        if self.value() == APPROVAL:
            return queryset.awaiting_approval()  # type: ignore[attr-defined, no-any-return]
        return queryset.filter(status=self.value()) if self.value() else queryset


class PostPlatformFilter(PlatformFilter):
    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        return queryset.filter(_for(integration__platform=self.value())) if self.value() else queryset


class AccountFilter(admin.SimpleListFilter):
    """By one account, or by several: the calendar leads here with those that it shows."""

    title = gettext_lazy("account")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        accounts = in_current(request, Integration.objects.defer("credentials")).order_by("platform", "username", "id")
        offered = [(str(one.id), f"{label_of(one.platform)} · {one.username}") for one in accounts[:MOST]]
        asked = self.value() or ""
        return [(asked, _("Several")), *offered] if "," in asked else offered

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        asked = self.value()
        return queryset.filter(_for(integration__in=ids_in(asked))) if asked else queryset


class TagFilter(admin.SimpleListFilter):
    """The tags of the newest posts, the most frequent first; any other can stand in the address."""

    title = gettext_lazy("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        newest = in_current(request, Post.objects.order_by("-created_at", "-id")).values_list("tags", flat=True)
        counted = Counter(tag for tags in newest[:NEWEST] for tag in tags)
        asked = request.GET.get(self.parameter_name)
        found = dict.fromkeys([*([asked] if asked else []), *(tag for tag, _n in counted.most_common(MOST))])
        return [(tag, tag) for tag in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        return queryset.filter(tags__contains=[self.value()]) if self.value() else queryset


class WhenFilter(admin.SimpleListFilter):
    """By the time that a post is meant for, in days of the workspace shown; any day can stand in the address."""

    title = gettext_lazy("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        day = _day(self.value())
        return [
            *([(str(day), date_format(day))] if day else []),
            ("today", _("Today")),
            ("next", _("The next seven days")),
            ("last", _("The last seven days")),
            ("never", _("Without a time")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        workspace, now = shown(request), timezone.now()
        zone = workspace.timezone if workspace else timezone.get_current_timezone()
        match self.value():
            case "today":
                return _of_day(queryset, now.astimezone(zone).date(), zone)
            case "next":
                return _between(queryset, now, now + timedelta(days=7))
            case "last":
                return _between(queryset, now - timedelta(days=7), now)
            case "never":
                return queryset.filter(scheduled_at=None)
        day = _day(self.value())
        return _of_day(queryset, day, zone) if day else queryset


def _for(**target: Any) -> Exists:
    return Exists(PostTarget.objects.filter(post=OuterRef("pk"), **target))


def _between(posts: QuerySet[Post], begins: datetime, ends: datetime) -> QuerySet[Post]:
    return posts.filter(scheduled_at__gte=begins, scheduled_at__lt=ends)


def _of_day(posts: QuerySet[Post], day: date, zone: tzinfo) -> QuerySet[Post]:
    midnight = datetime.combine(day, time.min, zone)
    return _between(posts, midnight, midnight + timedelta(days=1))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
