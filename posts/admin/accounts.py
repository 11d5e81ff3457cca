"""The pages of an account, with what its posts say of it: when it was last used, what waits for it; and letting go."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations import access
from integrations.admin.accounts import IntegrationAdmin, integration_badge
from integrations.connect import disconnect
from integrations.models import Integration, IntegrationStatus
from openpost.admin import NOTHING, badge, moment, when
from posts.health import with_health
from posts.models import Post, PostTarget, TargetStatus

#: Posts that the page names before an account is let go.
NAMED = 10


@admin.register(Integration)
class AccountAdmin(IntegrationAdmin):
    list_display = ("account", "workspace", "health", "waiting", "last_used", when("connected_at", told="relative"))
    fieldsets = (
        (None, {"fields": ("platform_label", "username", "display_name", "workspace", "remote_id", "id")}),
        (gettext_lazy("Health"), {"fields": ("health", "waiting", "last_used", when("resting_until"))}),
        (
            gettext_lazy("Access"),
            {"fields": ("credentials_kept", "access_ends", when("refreshed_at"), when("connected_at"))},
        ),
        (gettext_lazy("Limits"), {"fields": ("premium",)}),
    )
    change_form_template = "admin/integrations/integration/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_health(super().get_queryset(request))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.disconnect_view)
        return [
            path("<uuid:account_id>/disconnect/", view, name="integrations_integration_disconnect"),
            *super().get_urls(),
        ]

    def adding(self, request: HttpRequest) -> str:
        return reverse("admin:integrations_integration_connect") if self.allows(request, "change") else ""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        account = context.get("original")
        if account is not None and self.allows(request, "change", account):
            lives = account.status != IntegrationStatus.DISCONNECTED
            context["disconnect"] = (
                reverse("admin:integrations_integration_disconnect", args=[account.pk]) if lives else ""
            )
            if not account.workspace.is_sandbox:
                begin = reverse("admin:integrations_integration_connect")
                context["reconnect"] = f"{begin}?workspace={account.workspace_id}"
        return super().render_change_form(request, context, *args, **kwargs)

    def disconnect_view(self, request: HttpRequest, account_id: Any) -> HttpResponse:
        """Asks first, saying what still waits for the account; then lets go of it."""
        account = self.get_queryset(request).filter(pk=account_id).first()
        if account is None or not self.allows(request, "change", account):
            raise Http404
        if request.method == "POST":
            return self._disconnected(request, account)
        waiting = PostTarget.objects.filter(integration=account, status=TargetStatus.PENDING, due_at__isnull=False)
        posts = Post.objects.filter(id__in=waiting.order_by("due_at").values("post")[:NAMED]).order_by("scheduled_at")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Disconnect %(account)s") % {"account": account},
            "account": account,
            "shown": self.account(account),
            "posts": [{"post": post, "when": moment(post.scheduled_at)} for post in posts],
            "more": max(0, account.scheduled - NAMED),
        }
        return TemplateResponse(request, "admin/integrations/integration/disconnect.html", context)

    def _disconnected(self, request: HttpRequest, account: Any) -> HttpResponse:
        ended = disconnect(integration=account, by=request.user.get_username(), now=timezone.now())
        text = _("%(account)s is disconnected, and its credentials are forgotten.") % {"account": account}
        if ended is False:
            text += " " + _("The platform could not be told: remove OpenPost from the account's apps there as well.")
        if account.scheduled:
            text += " " + _("Posts that wait for it: %(n)s. They fail at their time unless it is connected again.") % {
                "n": account.scheduled
            }
        self.message_user(request, text, messages.WARNING if account.scheduled or ended is False else messages.SUCCESS)
        return redirect("admin:integrations_integration_change", account.pk)

    @admin.display(description=gettext_lazy("health"), ordering="status")
    def health(self, obj: Integration) -> str:
        why = obj.status_reason
        if obj.status == IntegrationStatus.ACTIVE:
            obstacle = access.obstacle(obj, now=timezone.now()) if obj.resting_until else None
            if obstacle is None:
                return badge(_("Good"), "good")
            return format_html(
                '{} <span class="op-quiet-text">{}</span>', badge(_("Rests"), "waiting"), obstacle.message
            )
        return format_html('{} <span class="op-quiet-text">{}</span>', integration_badge(obj), why)

    @admin.display(description=gettext_lazy("waiting posts"), ordering="scheduled")
    def waiting(self, obj: Any) -> str:
        return str(obj.scheduled or NOTHING)

    @admin.display(description=gettext_lazy("last used"), ordering="last_published")
    def last_used(self, obj: Any) -> str:
        return moment(obj.last_published, told="relative")

    @admin.display(description=gettext_lazy("access ends"))
    def access_ends(self, obj: Integration) -> str:
        return moment(access.access_ends(obj)) if access.access_ends(obj) else _("Not by itself")
