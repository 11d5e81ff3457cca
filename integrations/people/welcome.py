"""The page that a one-time link leads to: somebody new chooses a password, and can sign in from then on."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import PasswordResetConfirmView
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


class WelcomeView(PasswordResetConfirmView):
    """Django's own: the token is taken out of the address before the page is shown, and works once."""

    template_name = "people/welcome.html"
    success_url = reverse_lazy("admin:login")
    title = _("Choose a password")

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():  # the password, and that it was chosen
            return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**admin.site.each_context(self.request), **super().get_context_data(**kwargs)}
