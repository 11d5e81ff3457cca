"""The page of a target, with its ledger, its timeline, and the two buttons for an outcome that nobody knows."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin import ReadOnlyTenantInline
from integrations.people.roles import Permission
from openpost.admin import when
from openpost.api.errors import ApiError
from posts import admin as posts_admin
from posts.models import Post, PostTarget
from posts.waiting import is_unknown
from publishing import resolve, timeline
from publishing.api.input import LONGEST_URL, wrong_url
from publishing.models import Delivery

from .ledger import delivery_badge
from .story import NEWEST, story


class DeliveryInline(ReadOnlyTenantInline):
    model = Delivery
    fields = ("part", delivery_badge, "key", when("sent_at"), when("resent_at"), "looks", "absences")
    readonly_fields = fields
    ordering = ("part",)
    show_change_link = True


admin.site.unregister(PostTarget)


@admin.register(PostTarget)
class PostTargetAdmin(posts_admin.PostTargetAdmin):
    rights = {"resolve": Permission.PUBLISH}
    inlines = (DeliveryInline,)
    actions = on_page = ("resolve_live", "resolve_absent")

    class Media:
        css = {"all": ["openpost/live.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: PostTarget | None = None) -> list[Any]:
        return [*super().get_fieldsets(request, obj), (_("What happened"), {"fields": ("timeline",)})]

    @admin.display(description=gettext_lazy("timeline"))
    def timeline(self, obj: PostTarget) -> str:
        told = timeline.of_target(obj, most=NEWEST)
        return story(told, attempts=f"target__id__exact={obj.pk}", events=f"post__id__exact={obj.post_id}")

    # An outcome that nobody knows ------------------------------------------------------------------------------------

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return self.allows(request, "resolve")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """On a target's own page only: each answer is about one target, which somebody has looked for."""
        of_page = request.resolver_match is not None and "object_id" in request.resolver_match.kwargs
        return {
            name: action for name, action in super().get_actions(request).items() if of_page or name not in self.on_page
        }

    def offers(self, obj: PostTarget, action: str) -> bool:
        return is_unknown(obj)

    @admin.action(description=gettext_lazy("It is live …"), permissions=["resolve"])
    def resolve_live(self, request: HttpRequest, queryset: QuerySet[PostTarget]) -> HttpResponse | None:
        """The button opens a page that asks for the address; that page comes back here with it."""
        target = queryset.get()
        url = request.POST.get("url")
        wrong = wrong_url(url) if url is not None else ""
        if url is not None and not wrong:
            self._resolve(request, target, resolve.live, _("It is recorded as live."), url=url)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Where is it live?"),
            "target": target,
            "url": url or "",
            "wrong": f"This must be {wrong}." if wrong else "",
            "longest": LONGEST_URL,
            "action": reverse(f"admin:{self._view_name}", args=[target.pk, "resolve_live"]),
        }
        return TemplateResponse(request, "admin/publishing/where_is_it_live.html", context)

    @admin.action(description=gettext_lazy("It is not live: send it again"), permissions=["resolve"])
    def resolve_absent(self, request: HttpRequest, queryset: QuerySet[PostTarget]) -> None:
        self._resolve(request, queryset.get(), resolve.absent, _("It is on its way again."))

    def _resolve(
        self, request: HttpRequest, target: PostTarget, verb: Callable[..., Post], done: str, **said: str
    ) -> None:
        try:
            verb(target=target, by=request.user.get_username(), **said)
        except ApiError as error:
            self.message_user(request, str(error), messages.ERROR)
        except (Post.DoesNotExist, PostTarget.DoesNotExist):
            self.message_user(request, _(_("This post has been deleted in the meantime.")), messages.ERROR)
        else:
            self.message_user(request, done, messages.SUCCESS)
