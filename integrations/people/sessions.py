"""When a session ends by itself: some time after its last use, and some time after its beginning, whatever its use.

Both are settings. What a page asks by itself is no use (`by_itself`): else one that is left open would never end. That
all of a person's sessions end when the password changes is Django's own doing: each holds a
hash of the password's hash, which is another even for the same password. `end_others` makes use of that.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from integrations.models import AuditAction

from .record import put_on_record

GetResponse = Callable[[HttpRequest], HttpResponse]

#: The use of a session is noted at most this often, and ten times in the time after which it ends. Seconds.
NOTED_EVERY = 300
_BEGAN, _SEEN = "began", "seen"


def middleware(get_response: GetResponse) -> GetResponse:
    """This will end a session that is over before anything is answered in it, and note that it was used."""

    def watched(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return get_response(request)
        now = int(timezone.now().timestamp())
        if _is_over(request.session, now=now):
            logout(request)
            return get_response(request)
        response = get_response(request)
        # The API, which knows no sessions, leaves nobody behind when it refuses a key.
        if request.user and request.user.is_authenticated and not hasattr(request, "_by_itself"):
            _note(request.session, now=now)
        return response

    return watched


def by_itself(request: HttpRequest) -> None:
    """This will say that nobody need be there: a page that stands open has asked, and will ask again."""
    request._by_itself = True  # type: ignore[attr-defined]


def _is_over(session: SessionBase, *, now: int) -> bool:
    began, seen = session.setdefault(_BEGAN, now), session.setdefault(_SEEN, now)
    return bool(now - began > settings.SESSION_HOURS * 3600 or now - seen > settings.SESSION_IDLE_MINUTES * 60)


def _note(session: SessionBase, *, now: int) -> None:
    if now - session.get(_SEEN, now) > min(NOTED_EVERY, settings.SESSION_IDLE_MINUTES * 6):
        session[_SEEN] = now


@transaction.atomic
def end_others(request: HttpRequest, *, password: str) -> None:
    """This will end all sessions of the person but this one; `password` is theirs, and stays so."""
    user: Any = request.user
    user.password = make_password(password)  # the same, under another salt
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    put_on_record(AuditAction.SESSIONS_ENDED, user)
