"""The door: who may come in by it, and where it leads those who may not enter all of admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold.forms import AuthenticationForm

from . import members


class SignInForm(AuthenticationForm):  # type: ignore[misc]  # the theme has no types
    """The theme's, which takes no name that is longer than any: what nobody can be called is not counted, either."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest = get_user_model()._meta.get_field("username").max_length
        self.fields["username"].validators.append(MaxLengthValidator(longest))

    def confirm_login_allowed(self, user: AbstractUser) -> None:
        """Who is invited comes in to answer, though there is nothing else for them yet."""
        if user.is_staff or not members.invitations(user).exists():
            super().confirm_login_allowed(user)


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Django's own page, but for who is in and may not enter admin: they are led to what is theirs, invitations too."""
    user = request.user
    if user.is_authenticated and not user.is_staff:
        return redirect("admin-security")
    return admin.site.login(request)
