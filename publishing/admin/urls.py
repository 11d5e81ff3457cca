"""Pages of admin that belong to no model."""

from django.urls import include, path

from .home import machine_view

urlpatterns = [
    path("home/machine/", machine_view, name="admin-home-machine"),
    path("", include("publishing.alerts.urls")),
]
