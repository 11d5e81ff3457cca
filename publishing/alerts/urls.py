"""Below /admin/, for whoever may enter it."""

from django.urls import path

from .pages import address_view, alerts_view, choose_view, confirm_view

urlpatterns = [
    path("alerts/", alerts_view, name="admin-alerts"),
    path("alerts/address/", address_view, name="admin-alerts-address"),
    path("alerts/address/confirm/", confirm_view, name="admin-alerts-confirm"),
    path("alerts/<int:membership_id>/", choose_view, name="admin-alerts-choose"),
]
