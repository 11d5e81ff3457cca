from django.urls import path

from .api.accounts import AccountViewSet
from .api.imports import ImportViewSet
from .api.media import MediaListViewSet, MediaViewSet
from .api.views import GroupViewSet, PostViewSet

urlpatterns = [
    path("integrations/<str:integration_id>", AccountViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path("integrations/<str:integration_id>/health", AccountViewSet.as_view({"get": "health"})),
    path("integrations/<str:integration_id>/next-slot", AccountViewSet.as_view({"get": "next_slot"})),
    path("media", MediaListViewSet.as_view({"get": "list", "post": "create"})),
    path("media/from-url", MediaViewSet.as_view({"post": "from_url"})),
    path(
        "media/<str:media_id>",
        MediaViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("posts", PostViewSet.as_view({"get": "list", "post": "create"})),
    path("posts/validate", PostViewSet.as_view({"post": "validate"})),
    path("posts/import", ImportViewSet.as_view({"post": "create"})),
    path("posts/group", GroupViewSet.as_view({"post": "create"})),
    path("posts/group/<str:group_id>", GroupViewSet.as_view({"get": "list", "delete": "destroy"})),
    path(
        "posts/<str:post_id>",
        PostViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
    ),
    path("posts/<str:post_id>/publish", PostViewSet.as_view({"post": "publish"})),
    path("posts/<str:post_id>/cancel", PostViewSet.as_view({"post": "cancel"})),
    path("posts/<str:post_id>/duplicate", PostViewSet.as_view({"post": "duplicate"})),
]
