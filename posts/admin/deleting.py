"""Deleting by a verb that may refuse."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin import TenantAdmin
from openpost.api.errors import ApiError


class DeletingAdmin(TenantAdmin):
    """Its objects go by `delete_one`, on their own page or several from the list; a refusal is said, not raised."""

    def delete_one(self, obj: Any) -> None:
        raise NotImplementedError

    @admin.action(description=gettext_lazy("Delete selected %(verbose_name_plural)s"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Django's own, with its page that asks first. All are deleted or none."""
        try:
            with transaction.atomic():
                return delete_selected(self, request, queryset)
        except ApiError as error:
            self.message_user(request, _("Nothing was deleted. %(why)s") % {"why": error}, messages.ERROR)
            return None

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset.order_by("id"):
            self.delete_one(obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except ApiError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_one(obj)
