"""The audit log alone says who did what in admin: Django's entries beside it would be a second truth, with less in it.

What belongs to a workspace is put on record by its verbs. What belongs to none is changed in Django's own forms, and
put on record here.
"""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from integrations import audit
from integrations.models import AuditAction
from openpost.admin import ModelAdmin

#: Never shown, nor kept, whatever changes them.
_SECRET = {"password"}


class AuditedAdmin(ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """The history of an object is what the audit log says of it, for who may read that."""

    def may_read_history(self, request: HttpRequest, obj: Any) -> bool:
        return bool(request.user.is_superuser)

    def subject_of(self, obj: Any) -> Model:
        """What the audit log calls it by."""
        found: Model = obj
        return found

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
            return missing
        if not self.may_read_history(request, obj):
            raise PermissionDenied
        subject = self.subject_of(obj)
        said = f"subject_type__exact={subject._meta.model_name}&subject_id__exact={subject.pk}"
        return redirect(f"{reverse('admin:integrations_auditentry_changelist')}?{said}")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = context.get("original")
        context["show_history"] = obj is not None and self.may_read_history(request, obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Its verb has put it on record."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Its verb has put it on record."""

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:  # type: ignore[override]
        """Its verb will put it on record."""


class ServerAdmin(AuditedAdmin):
    """What belongs to no workspace, and is changed in Django's own forms by superusers.

    Each change and its entry are one transaction, on every page: Django's own list deletes in none.
    """

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        kept = {field.name for field in self.opts.fields} - _SECRET
        names = [name for name in form.changed_data if name in kept]
        before = {name: form.initial.get(name) for name in names} if change else {}
        after = {name: form.cleaned_data[name] for name in names}
        action = AuditAction.SERVER_CHANGED if change else AuditAction.SERVER_ADDED
        audit.record(action, obj, workspace=None, before=before, after=after)

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        audit.record(AuditAction.SERVER_DELETED, obj, workspace=None)
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            audit.record(AuditAction.SERVER_DELETED, obj, workspace=None)
        super().delete_queryset(request, queryset)
