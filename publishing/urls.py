from django.urls import path

from .api.views import TargetViewSet, TimelineViewSet

urlpatterns = [
    path("posts/<str:post_id>/events", TimelineViewSet.as_view({"get": "list"})),
    path("posts/<str:post_id>/targets/<str:target_id>/resolve", TargetViewSet.as_view({"post": "resolve"})),
]
