"""API keys: shown once, in the answer to the request that makes them."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from integrations.keys import OVERLAP, CannotRotate, create_key, revoke_key, rotate_key
from integrations.models import ApiKey, Scope
from integrations.models.api_key import ORDINARY, ApiKeyQuerySet
from integrations.people.roles import Permission
from openpost.admin import badge, when
from openpost.api.errors import ApiError

from .verbs import ShowsOnceAdmin, VerbForm


class KeyStateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("usable", _("Usable")), ("expired", _("Expired")), ("revoked", _("Revoked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        now = timezone.now()
        match self.value():
            case "usable":
                return cast("ApiKeyQuerySet", queryset).usable(now=now)
            case "expired":
                return queryset.filter(expires_at__lte=now, revoked_at=None)
            case "revoked":
                return queryset.exclude(revoked_at=None)
        return queryset


class MomentInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # the theme has no types
    """The browser's own choice of a day and a time."""

    input_type = "datetime-local"


class ApiKeyForm(VerbForm):
    scopes = forms.MultipleChoiceField(
        choices=Scope,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        initial=ORDINARY,
        help_text=gettext_lazy(
            "Read looks at everything, write changes it and connects accounts, admin hands out keys. "
            "None of them holds another."
        ),
    )
    expires_at = forms.DateTimeField(
        required=False,
        label=gettext_lazy("Expires"),
        widget=MomentInput,
        help_text=gettext_lazy("UTC. Without a time it does not expire."),
    )

    class Meta:
        model = ApiKey
        fields = ("workspace", "name", "scopes", "expires_at")

    def perform(self) -> None:
        try:
            self.instance, self.shown_once = create_key(**self.cleaned_data)
        except ApiError as error:
            self.add_error(None, str(error))


class RotateForm(forms.Form):
    """How long the old key goes on beside the new one."""

    overlap = forms.TypedChoiceField(
        coerce=lambda seconds: timedelta(seconds=int(seconds)),
        initial=str(OVERLAP // timedelta(seconds=1)),
        choices=[
            ("0", gettext_lazy("Not at all: it ends now")),
            ("3600", gettext_lazy("An hour")),
            ("86400", gettext_lazy("A day")),
            ("604800", gettext_lazy("A week")),
            ("2592000", gettext_lazy("Thirty days")),
        ],
        label=gettext_lazy("The old key goes on for"),
    )


@admin.register(ApiKey)
class ApiKeyAdmin(ShowsOnceAdmin):
    """A key is made, shown once, rotated and revoked. Its row stays: it says what used the key, and until when."""

    rights = dict.fromkeys(("view", "add", "revoke", "rotate"), Permission.KEYS)
    form = ApiKeyForm
    list_display = (
        "name", "hint", "workspace", "may", "state",
        *(when(field, told="relative") for field in ("last_used_at", "expires_at", "created_at")),
    )  # fmt: skip
    add_words = gettext_lazy("Make a key")
    empty_words = gettext_lazy(
        "Programs that use the API send a key. It is shown once, when it is made, and can be revoked."
    )
    list_filter = (KeyStateFilter,)
    list_select_related = ("workspace",)
    search_fields = ("name", "hint", "workspace__name")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("workspace",)
    actions = ("rotate", "revoke")
    on_page = ("rotate", "revoke")

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[Any]:
        if obj is None:
            return ["workspace", "name", "scopes", "expires_at"]
        times = [when(name) for name in ("last_used_at", "expires_at", "rotated_at", "revoked_at", "created_at")]
        return ["workspace", "name", "hint", "may", "state", *times]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[Any]:
        return self.get_fields(request, obj) if obj else []

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "revoke")

    def has_rotate_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "rotate")

    def offers(self, obj: ApiKey, action: str) -> bool:
        if obj.revoked_at:
            return False
        return action == "revoke" or not (obj.rotated_at or obj.has_expired(now=timezone.now()))

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        return self._shown(request, _("The key has been made"), obj, self.shown_once(obj))

    @admin.action(description=gettext_lazy("Rotate"), permissions=["rotate"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> HttpResponse | None:
        """Asks how long the old key shall go on, then makes the new one."""
        keys = list(queryset.select_related("workspace")[:2])
        if len(keys) != 1:
            self.message_user(request, _("Rotate one key at a time: the new one is shown once."), messages.ERROR)
            return None
        form = RotateForm(request.POST if "overlap" in request.POST else None)
        if not form.is_valid():
            run = reverse(f"admin:{self._view_name}", args=[keys[0].pk, "rotate"])
            return self.page(request, "rotate", _("Rotate the key"), api_key=keys[0], form=form, run=run)
        try:
            row, key = rotate_key(api_key=keys[0], overlap=form.cleaned_data["overlap"], now=timezone.now())
        except (CannotRotate, ApiError) as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        return self._shown(request, _("The new key has been made"), row, key, old=keys[0])

    def _shown(self, request: HttpRequest, title: str, row: ApiKey, key: str, **more: Any) -> HttpResponse:
        curl = f'curl {settings.OPENPOST_URL}/v1/posts -H "Authorization: Bearer {key}"'
        return self.page(request, "created", title, api_key=row, key=key, curl=curl, **more)

    @admin.action(description=gettext_lazy("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        now = timezone.now()
        keys = list(queryset.filter(revoked_at=None))
        for key in keys:
            revoke_key(api_key=key, now=now)
        text = _("Keys revoked: %(n)s. They stopped working at once.") % {"n": len(keys)}
        self.message_user(request, text, messages.SUCCESS)

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: ApiKey) -> str:
        if obj.revoked_at:
            return badge(_("Revoked"), "bad")
        if obj.has_expired(now=timezone.now()):
            return badge(_("Expired"), "quiet")
        return badge(_("Rotated"), "waiting") if obj.rotated_at else badge(_("Usable"), "good")

    @admin.display(description=gettext_lazy("scopes"))
    def may(self, obj: ApiKey) -> str:
        return ", ".join(obj.scopes)
