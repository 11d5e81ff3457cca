"""Every address, room by room."""

from django.contrib import admin
from django.urls import include, path, re_path

from . import views

urlpatterns = [
    path("", views.home),
    path("healthz", views.healthz),
    path("admin/", admin.site.urls),
    path("integrations/", include("integrations.urls")),
    path("sandbox/", include("integrations.platforms.sandbox.urls")),
    path("files/", include("posts.media.urls")),
    path("v1/", include("integrations.api.urls")),
    path("v1/", include("posts.urls")),
    path("v1/", include("publishing.urls")),
    # With DEBUG on, Django answers unknown addresses with a page of its own: under /v1 they are ours.
    re_path(r"^v1(/.*)?$", views.no_such_endpoint),
]
