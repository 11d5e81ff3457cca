"""When a session ends by itself: some time after its last use, and some time after its beginning, whatever its use.

Both are settings. That all of a person's sessions end when the password changes is Django's own doing: each holds a
hash of the password's hash, which is another even for the same password. `end_all` makes use of that.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from integrations.models import AuditAction

from .watching import put_on_record

GetResponse = Callable[[HttpRequest], HttpResponse]

#: The use of a session is noted at most this often, and ten times in the time after which it ends. Seconds.
NOTED_EVERY = 300
_BEGAN, _SEEN = "began", "seen"


def middleware(get_response: GetResponse) -> GetResponse:
    """This will end a session that is over before anything is answered in it."""

    def watched(request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            _watch(request, now=int(timezone.now().timestamp()))
        return get_response(request)

    return watched


def _watch(request: HttpRequest, *, now: int) -> None:
    session = request.session
    began, seen = session.setdefault(_BEGAN, now), session.setdefault(_SEEN, now)
    idle = settings.SESSION_IDLE_MINUTES * 60
    if now - began > settings.SESSION_HOURS * 3600 or now - seen > idle:
        logout(request)
    elif now - seen > min(NOTED_EVERY, idle // 10):
        session[_SEEN] = now


def end_all(request: HttpRequest, user: Any, *, password: str) -> bool:
    """This will end all sessions of a person but the one of this request; False when the password is not theirs."""
    if not user.check_password(password):
        return False
    user.password = make_password(password)  # the same, under another salt
    user.save(update_fields=["password"])
    update_session_auth_hash(request, user)
    put_on_record(AuditAction.SESSIONS_ENDED, user)
    return True
