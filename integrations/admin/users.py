"""People's accounts, for superusers. What somebody may do is their membership of workspaces (people/roles.py).

So Django's groups and permissions, which allow nobody anything, are not shown.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from openpost.admin import ModelAdmin

from .recording import ServerAdmin

admin.site.unregister([User, Group])

_WITHOUT_MEANING = {"groups", "user_permissions"}


@admin.register(User)
class OpenPostUserAdmin(ServerAdmin, UserAdmin, ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_filter = ("is_staff", "is_superuser", "is_active")
    filter_horizontal = ()

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():  # the password, and that it was changed
            response: HttpResponse = super().user_change_password(request, *args, **kwargs)
            return response

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return [
            (title, {**options, "fields": tuple(one for one in options["fields"] if one not in _WITHOUT_MEANING)})
            for title, options in super().get_fieldsets(request, obj)
        ]
