"""The page of a post, with what became of it as it happens, and its timeline."""

from django.contrib import admin

from posts import admin as posts_admin
from posts.models import Post

from .live import LiveAdmin


@admin.register(Post)
class PostAdmin(LiveAdmin, posts_admin.PostAdmin):
    pass
