"""Where people look after their own account, below /admin/: also those who are invited, and in no workspace yet."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import path

from . import pages, signing_in

_own = login_required

urlpatterns = [
    path("second-factor/", _own(pages.ask), name="admin-second-factor"),
    # Before Django's own of the same addresses, two of which are for those alone who may enter admin.
    path("login/", signing_in.sign_in),
    path("logout/", admin.site.logout),
    path("password_change/", _own(pages.change_password), name="admin-password"),
    path("security/", _own(pages.security), name="admin-security"),
    path("security/invitations/<int:membership_id>/", _own(pages.answer), name="admin-invitation"),
    path("security/second-factor/", _own(pages.set_up), name="admin-second-factor-set-up"),
    path("security/second-factor/begin/", _own(pages.begin), name="admin-second-factor-begin"),
    path("security/second-factor/remove/", _own(pages.take_away), name="admin-second-factor-remove"),
    path("security/sessions/", _own(pages.end_sessions), name="admin-sessions-end"),
]
