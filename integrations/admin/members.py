"""The people of a workspace, for its owners and admins. Every change is one of the verbs in people/members.py."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from integrations.models import Membership, Role
from integrations.people import members
from integrations.people.roles import Permission
from openpost.admin import NOTHING, badge, moment, when

from .verbs import ShowsOnceAdmin, VerbForm


class MemberForm(VerbForm):
    """Somebody new, or another role."""

    #: Set by the admin: who asks.
    by: User

    def perform(self) -> None:
        said = self.cleaned_data
        try:
            if self.instance._state.adding:
                # What is shown is the link for somebody new; "" for others.
                self.instance, self.shown_once = members.add(
                    workspace=said["workspace"], name=said["name"], role=Role(said["role"]), by=self.by
                )
            else:
                members.change_role(membership=self.instance, role=Role(said["role"]), by=self.by)
        except members.CannotChange as error:
            self.add_error(None, str(error))


class AddMemberForm(MemberForm):
    name = forms.CharField(
        max_length=150,
        validators=User._meta.get_field("username").validators,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "What they sign in with. Who has no account here yet gets one, and a link to choose a password; "
            "who has one finds the invitation under “Sign-in and security”."
        ),
    )


@admin.register(Membership)
class MembershipAdmin(ShowsOnceAdmin):
    rights = dict.fromkeys(("add", "change", "delete", "invite"), Permission.MEMBERS)
    list_display = (
        "user",
        "role",
        "workspace",
        "signed_in",
        "factor",
        when("created_at", gettext_lazy("since"), told="relative"),
    )
    add_words = gettext_lazy("Invite somebody")
    delete_words = gettext_lazy("They are out of the workspace from their next request on. What they did there stays.")
    list_filter = ("role",)
    list_select_related = ("user__second_factor", "workspace")
    search_fields = ("user__username", "user__first_name", "user__last_name")
    ordering = ("user__username", "id")
    actions = ("invite_again",)
    on_page = actions

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return self._without_sign_in(request, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[Any]:
        if obj is None:
            return ["workspace", "name", "role"]
        fields = ["user", "workspace", "role", "signed_in", "factor", when("created_at", gettext_lazy("since"))]
        return self._without_sign_in(request, fields)

    def _without_sign_in(self, request: HttpRequest, columns: Sequence[Any]) -> list[Any]:
        """Who has no second factor is for nobody to know but those who look after the members."""
        hidden = () if self.allows(request, "change") else ("signed_in", "factor")
        return [column for column in columns if column not in hidden]

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[Any]:
        return [field for field in self.get_fields(request, obj) if field != "role"] if obj else []

    def get_form(self, request: HttpRequest, obj: Membership | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = MemberForm if obj else AddMemberForm
        return type("MemberForm", (super().get_form(request, obj, change, form=form, **kwargs),), {"by": request.user})

    def subject_of(self, obj: Membership) -> Model:
        return obj.user

    def response_add(self, request: HttpRequest, obj: Membership, post_url_continue: str | None = None) -> HttpResponse:
        link = self.shown_once(obj)
        return self._shown(request, obj, link) if link else super().response_add(request, obj, post_url_continue)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        members.remove(membership=obj, by=request.user)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except members.CannotChange as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect("admin:integrations_membership_change", object_id)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """People are removed one by one."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def has_invite_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "invite")

    def offers(self, obj: Membership, action: str) -> bool:
        return not obj.user.has_usable_password()

    @admin.action(description=gettext_lazy("New link to choose a password"), permissions=["invite"])
    def invite_again(self, request: HttpRequest, queryset: QuerySet[Membership]) -> HttpResponse | None:
        chosen = list(queryset.select_related("user", "workspace")[:2])
        if len(chosen) != 1:
            self.message_user(request, _("One at a time: a link is shown once."), messages.ERROR)
            return None
        try:
            return self._shown(request, chosen[0], members.invite_again(membership=chosen[0], by=request.user))
        except members.CannotChange as error:
            self.message_user(request, str(error), messages.ERROR)
            return None

    def _shown(self, request: HttpRequest, obj: Membership, link: str) -> HttpResponse:
        return self.page(request, "invited", _("A link for them"), member=obj, link=link)

    @admin.display(description=gettext_lazy("last signed in"), ordering="user__last_login")
    def signed_in(self, obj: Membership) -> str:
        if obj.joined_at is None:
            return badge(_("Invited"), "waiting")
        return moment(obj.user.last_login, told="relative")

    @admin.display(description=gettext_lazy("second factor"))
    def factor(self, obj: Membership) -> str:
        if obj.joined_at is None:
            return NOTHING
        factor = getattr(obj.user, "second_factor", None)
        on = factor is not None and factor.is_on
        return badge(_("On"), "good") if on else badge(_("Off"), "quiet")
