"""The page of a post, with its timeline."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from posts import admin as posts_admin
from posts.models import Post
from publishing import timeline

from .story import NEWEST, story

admin.site.unregister(Post)


@admin.register(Post)
class PostAdmin(posts_admin.PostAdmin):
    def get_fieldsets(self, request: HttpRequest, obj: Post | None = None) -> list[Any]:
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, ("What happened", {"fields": ("timeline",)})] if obj else fieldsets

    @admin.display(description="timeline")
    def timeline(self, obj: Post) -> str:
        told = timeline.of_post(obj, most=NEWEST)
        return story(told, attempts=f"target__post__id__exact={obj.pk}", events=f"post__id__exact={obj.pk}")
