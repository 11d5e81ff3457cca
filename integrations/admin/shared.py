"""What every room's admin shows of an account, and filters by."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from integrations.models import Integration
from integrations.people.current import PARAMETER, current, named
from integrations.people.roles import workspaces_of
from integrations.platforms import registry
from integrations.platforms.codes import Side, side_of
from integrations.platforms.registry import label_of as label_of
from openpost.admin import link

_SIDES = {
    Side.YOURS: gettext_lazy("Author’s side"),
    Side.OURS: gettext_lazy("Our side"),
    Side.NETWORK: gettext_lazy("Network"),
    Side.PLATFORM: gettext_lazy("Platform"),
}


def side_of_code(code: str) -> str:
    """This will show on whose side an error is, as a word before its sentence."""
    side = side_of(code)
    return format_html('<span class="op-side">{}</span>', _SIDES[side]) if side else ""


def account_link(integration: Integration) -> str:
    return link(integration, f"{label_of(integration.platform)} · {integration.username}")


class PlatformFilter(admin.SimpleListFilter):
    """By platform: the names come from the registry, not from a pass over the table."""

    title = gettext_lazy("platform")
    parameter_name = "platform"
    field = "platform"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, rules.label) for name, rules in registry.PLATFORMS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.field: self.value()}) if self.value() else queryset


class WorkspaceFilter(admin.SimpleListFilter):
    """By workspace, for those who look at all of theirs, or were led to one: the first of them by name.

    The list itself is of the one that the address names (tenancy.py).
    """

    title = gettext_lazy("workspace")
    parameter_name = PARAMETER
    most = 50

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if current(request) and not named(request):
            return []  # the list is of that one
        mine = workspaces_of(request.user).values_list("id", "name")
        return [(str(id_), name) for id_, name in mine[: self.most]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


class IntegrationPlatformFilter(PlatformFilter):
    field = "integration__platform"
