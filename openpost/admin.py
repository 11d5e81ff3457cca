"""What all admin pages share: badges, times with their zone, read-only pages, and actions on an object's own page."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# The theme has no types of its own; its classes are Django's.
if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as ModelAdmin
    from django.contrib.admin import TabularInline
    from django_stubs_ext import StrOrPromise
else:
    from unfold.admin import ModelAdmin as ModelAdmin
    from unfold.admin import TabularInline

#: How a state feels; each is a class in static/openpost/admin.css, readable on light and dark pages.
Tone = Literal["good", "busy", "waiting", "bad", "quiet"]
#: What of a time only the viewer's browser can say.
Told = Literal["own", "relative", "countdown"]
#: A function that shows an object: Django takes it wherever it takes a field's name, which its stubs do not know.
Column = Any

NOTHING = "–"


def badge(text: str, tone: Tone) -> SafeString:
    """This will show a state as a word on a colour; the word alone is enough to read it."""
    return format_html('<span class="op-badge op-{}">{}</span>', tone, text)


def column(description: "StrOrPromise", *, ordering: str | None = None) -> Callable[[Callable[[Any], str]], Column]:
    """This will make a column of a function; `ordering` is the field by which it sorts."""
    return admin.display(description=description, ordering=ordering)


def badge_of(field: str, tones: Mapping[str, Tone]) -> Column:
    """This will make a column of badges from a field with choices."""

    @column(field.replace("_", " "), ordering=field)
    def show(obj: models.Model) -> str:
        return badge(getattr(obj, f"get_{field}_display")(), tones[getattr(obj, field)])

    show.__name__ = field
    return show


def moment(value: datetime | None, *, told: Told | None = None) -> str:
    """This will show a point in time to the second, with its zone; `told`: and as static/openpost/times.js tells it."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value)
    # It may break between day and hour, nowhere else.
    day, hour = local.strftime("%Y-%m-%d"), local.strftime("%H:%M:%S %Z")
    asks = format_html(' data-told="{}"', told) if told else ""
    shape = '<time datetime="{}"{}><span>{}</span> <span>{}</span></time>'
    return format_html(shape, local.isoformat(), asks, day, hour)


@cache  # Django compares the callables of fields and read-only fields by identity
def when(field: str, description: "StrOrPromise" = "", *, told: Told | None = None) -> Column:
    """This will make a column, or a read-only field, of times with their zone; `told` as for `moment`."""

    @column(description or field.removesuffix("_at").replace("_", " "), ordering=field)
    def show(obj: models.Model) -> str:
        return moment(getattr(obj, field), told=told)

    show.__name__ = field
    return show


@cache
def pretty(field: str) -> Column:
    """This will make a read-only field of a JSON value, one key per line."""

    @column(field.replace("_", " "))
    def show(obj: models.Model) -> str:
        value = getattr(obj, field)
        return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False)) if value else NOTHING

    show.__name__ = field
    return show


@cache
def verbatim(field: str) -> Column:
    """This will make a read-only field of a text exactly as it is, its spaces and line breaks included."""

    @column(field.replace("_", " "))
    def show(obj: models.Model) -> str:
        return format_html("<pre>{}</pre>", getattr(obj, field)) if getattr(obj, field) else NOTHING

    show.__name__ = field
    return show


def away(address: str | None) -> SafeString:
    """This will link to a page that is not ours, or of which only its being there matters; "" is no address."""
    if not address:
        return SafeString(NOTHING)
    shape = '<a href="{0}" title="{0}" rel="noopener noreferrer" class="op-away">{1}</a>'
    return format_html(shape, address, _("Open"))


def link(obj: models.Model, text: object = "") -> SafeString:
    """This will link to an object's own page."""
    address = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
    return format_html('<a href="{}">{}</a>', address, text or obj)


class ReachingPaginator(Paginator):  # type: ignore[type-arg]  # generic in the stubs only
    """Counts no further than pages are turned: counting all would read them all."""

    REACHED = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[: self.REACHED].count())


class OpenPostAdmin(ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Lists that stay quick on large tables, and actions that are also buttons on an object's own page."""

    #: Counting a whole table beside its filtered part costs a second pass over it.
    show_full_result_count = False
    #: What is further down is found by filters, or by searching.
    paginator = ReachingPaginator
    list_per_page = 50
    empty_value_display = NOTHING
    change_form_template = "admin/change_form_with_actions.html"
    #: The actions that have a button on the object's page.
    on_page: Sequence[str] = ()
    #: The words of the button that adds one.
    add_words: "StrOrPromise" = ""
    #: What links of ours ask a list for, beside what it offers to filter by: whole lookups.
    asked_by: Sequence[str] = ()
    #: What an empty list says: what comes to stand there, and how.
    empty_words: "StrOrPromise" = ""
    #: What the page that asks before one is deleted says of what stays, and of what goes along.
    delete_words: "StrOrPromise" = ""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the list offers: else a column that no page shows is found out letter by letter, by its beginning,
        and a pattern of anybody's making keeps PostgreSQL busy.
        """
        offered = [self.date_hierarchy] if self.date_hierarchy else []
        names = list(self.asked_by)
        filters: Iterable[Any] = self.get_list_filter(request) if request else ()
        for one in filters:
            if isinstance(one, str):
                offered.append(one)
            else:
                names.append(one.parameter_name)
        return lookup in names or any(lookup in _lookups_of(field) for field in offered)

    def offers(self, obj: Any, action: str) -> bool:
        """Whether the button makes sense for this object now. The verb decides, in any case."""
        return True

    def permits(self, request: HttpRequest, obj: Any, action: str) -> bool:
        """Whether the person may run an action, which they may run on some object, on this one."""
        return True

    def adding(self, request: HttpRequest) -> str:
        """The address at which one is added; "" for those who may not."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_add"
        return reverse(name) if self.has_add_permission(request) else ""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"adding": self.adding(request), **(extra_context or {})})

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().delete_view(request, object_id, {"delete_words": self.delete_words, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        # One button saves; what it says is true of pages that show something once, too.
        context.update(show_save_and_add_another=False, show_save_and_continue=False)
        obj = context.get("original")
        if obj is not None:
            known: dict[str, Any] = self.get_actions(request)
            context["page_actions"] = [
                {"label": known[name][2], "url": reverse(f"admin:{self._view_name}", args=[obj.pk, name])}
                for name in self.on_page
                if name in known and self.permits(request, obj, name) and self.offers(obj, name)
            ]
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        run = path("<path:object_id>/run/<str:action>/", self.admin_site.admin_view(self.run), name=self._view_name)
        return [run, *super().get_urls()]

    def run(self, request: HttpRequest, object_id: str, action: str) -> HttpResponse:
        """This will run one action on one object. POST only, and only what the person may do."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        known: dict[str, Any] = self.get_actions(request)
        if action not in self.on_page or action not in known:
            raise PermissionDenied
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.permits(request, obj, action):
            raise PermissionDenied
        perform: Any = known[action][0]
        response: HttpResponse | None = perform(self, request, self.get_queryset(request).filter(pk=obj.pk))
        return response or redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", obj.pk)

    @property
    def _view_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_run"


def _lookups_of(field: str) -> set[str]:
    """What Django's filters ask of a field."""
    return {field, *(f"{field}__{one}" for one in ("exact", "isnull", "gte", "lt", "year", "month", "day"))}


class OpenPostInline(TabularInline):  # type: ignore[type-arg]  # generic in the stubs only
    """Rows on the page of what they belong to; none is offered empty."""

    extra = 0


def _never(*args: Any, **kwargs: Any) -> bool:
    return False


class ReadOnlyAdmin(OpenPostAdmin):
    """What only the machine writes: it can be looked at, and nothing else."""

    has_add_permission = has_change_permission = has_delete_permission = _never


class ReadOnlyInline(OpenPostInline):
    """The same, on the page of what it belongs to."""

    has_add_permission = has_change_permission = has_delete_permission = _never
