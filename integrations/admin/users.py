"""Django's users and groups, in the theme. What a person may do is their membership of workspaces, not a group."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from openpost.admin import ModelAdmin

admin.site.unregister([User, Group])


@admin.register(User)
class OpenPostUserAdmin(UserAdmin, ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class OpenPostGroupAdmin(GroupAdmin, ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    pass
