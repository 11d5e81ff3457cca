"""Who signed in, who failed to, and who signed out, for the audit log.

Django and django-axes say so by signals, whatever page it was: this only listens, and decides nothing.
"""

from dataclasses import replace
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from integrations.models import AuditAction
from openpost.acting import Kind, as_actor, current

from . import second_factor
from .record import put_on_record


def listen() -> None:
    """This will begin to listen; called once, when the process starts."""
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    user_login_failed.connect(_failed, dispatch_uid="audit")
    user_locked_out.connect(_locked_out, dispatch_uid="audit")


class Watched(MinimumLengthValidator):
    """A length for passwords, and Django's own word to validators that somebody has another one."""

    def password_changed(self, password: str, user: Any) -> None:
        put_on_record(AuditAction.PASSWORD_CHANGED, user)


def _signed_in(sender: object, user: Any, **rest: Any) -> None:
    who = replace(current(), kind=Kind.PERSON, id=str(user.pk), name=user.get_username(), user=user)
    # Whoever has a second factor is in once they have shown it (pages.py).
    goes_on = second_factor.is_on(user)
    with as_actor(who):
        put_on_record(AuditAction.SECOND_FACTOR_ASKED if goes_on else AuditAction.SIGNED_IN, user)


def _signed_out(sender: object, user: Any, **rest: Any) -> None:
    if user is not None:
        put_on_record(AuditAction.SIGNED_OUT, user)


def _failed(sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **rest: Any) -> None:
    # While somebody has to wait, each attempt fails: that stands there once, as the lock-out.
    if not getattr(request, "axes_locked_out", False):
        put_on_record(AuditAction.SIGN_IN_FAILED, _named(credentials.get("username")))


def _locked_out(sender: object, request: HttpRequest, username: str, **rest: Any) -> None:
    # Sent again for each attempt while it lasts.
    if getattr(request, "axes_failures_since_start", 0):
        put_on_record(AuditAction.LOCKED_OUT, _named(username))


def _named(username: str | None) -> Any:
    """The account of that name, or None. A name that is none is not kept: people mistype passwords there."""
    return get_user_model().objects.filter(username=username).first()
