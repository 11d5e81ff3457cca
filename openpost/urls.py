"""Every address, room by room."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.gzip import gzip_page

from . import views
from .api.openapi.page import docs
from .api.openapi.views import OpenApiViewSet
from .seeing.exposing import metrics

urlpatterns = [
    path("", views.home),
    path("healthz", views.healthz, name="healthz"),
    path("metrics", metrics),
    path("", include("publishing.health.urls")),
    path("docs", docs),
    path("admin/", include("integrations.people.urls")),
    path("admin/", include("integrations.avatars.urls")),
    path("admin/", include("publishing.admin.urls")),
    path("admin/", include("posts.calendar.urls")),
    path("admin/", admin.site.urls),
    path("integrations/", include("integrations.urls")),
    path("sandbox/", include("integrations.platforms.sandbox.urls")),
    path("files/", include("posts.media.urls")),
    path("v1/openapi.json", gzip_page(OpenApiViewSet.as_view({"get": "retrieve"}))),
    path("v1/", include("integrations.api.urls")),
    path("v1/", include("posts.urls")),
    path("v1/", include("publishing.urls")),
    # With DEBUG on, Django answers unknown addresses with a page of its own: under /v1 they are ours.
    re_path(r"^v1(/.*)?$", views.no_such_endpoint),
]
