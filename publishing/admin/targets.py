"""The page of a target, with its ledger and its timeline. Its post's page asks for an unknown outcome (live.py)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin import ReadOnlyTenantInline
from openpost.admin import when
from posts import admin as posts_admin
from posts.models import PostTarget
from publishing import timeline
from publishing.models import Delivery

from .ledger import delivery_badge
from .story import NEWEST, story


class DeliveryInline(ReadOnlyTenantInline):
    model = Delivery
    fields = ("part", delivery_badge, "key", when("sent_at"), when("resent_at"), "looks", "absences")
    readonly_fields = fields
    ordering = ("part",)
    show_change_link = True


@admin.register(PostTarget)
class PostTargetAdmin(posts_admin.PostTargetAdmin):
    inlines = (DeliveryInline,)

    class Media:
        css = {"all": ["openpost/live.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: PostTarget | None = None) -> list[Any]:
        return [*super().get_fieldsets(request, obj), (_("What happened"), {"fields": ("timeline",)})]

    @admin.display(description=gettext_lazy("timeline"))
    def timeline(self, obj: PostTarget) -> str:
        told = timeline.of_target(obj, most=NEWEST)
        return story(told, attempts=f"target__id__exact={obj.pk}", events=f"post__id__exact={obj.post_id}")
