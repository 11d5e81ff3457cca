"""The words in a text that make the sandbox network misbehave, so that anyone can see what happens on a bad day.

`#sandbox-down` strikes the first try, `#sandbox-down-3` the first three, `#sandbox-down-always` every one.
"""

import re
import time
from collections.abc import Callable
from datetime import timedelta

from django.db.models import F

from integrations.models import Integration
from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed, Unknowable

from .models import SandboxFault

_WORD = re.compile(r"#sandbox-(reject|ratelimit|down|lost|slow|revoked|unknown)(?:-(\d{1,3}|always))?(?![\w-])")

SLOW_SECONDS = 5
RATE_LIMIT = timedelta(seconds=5)


def before_acceptance(text: str, *, integration: Integration, key: str) -> None:
    """This will raise, or take its time, as the words in `text` ask for; nothing has been accepted yet."""
    for word, error in _BEFORE.items():
        if strikes(word, text, integration=integration, key=key):
            raise error()
    if strikes("slow", text, integration=integration, key=key):
        time.sleep(SLOW_SECONDS)
    if not _arrives(key) and strikes("unknown", text, integration=integration, key=key):
        raise _unknown()


def after_acceptance(text: str, *, integration: Integration, key: str) -> None:
    """This will lose the answer if `text` asks for it: the post is live, and the caller does not learn it."""
    if strikes("lost", text, integration=integration, key=key):
        raise Unconfirmed(
            "The sandbox network accepted the post and its answer was lost, as #sandbox-lost asked.", code="answer_lost"
        )

    if _arrives(key) and strikes("unknown", text, integration=integration, key=key):
        raise _unknown()


def before_look(text: str, *, integration: Integration, key: str) -> None:
    """This will raise Unknowable when `text` asks for an outcome that the network cannot tell afterwards either."""
    wanted = _wanted("unknown", text)
    struck = SandboxFault.objects.filter(integration=integration, key=key, word="unknown", times__gt=0)
    if wanted == "always" or (wanted and struck.exists()):
        raise Unknowable("The sandbox network cannot say whether it has the post, as #sandbox-unknown asked.")


def strikes(word: str, text: str, *, integration: Integration, key: str) -> bool:
    """Whether `word` is in the text and still due for this record key; a strike is counted."""
    wanted = _wanted(word, text)
    if wanted is None:
        return False
    if wanted == "always":
        return True
    fault, _ = SandboxFault.objects.get_or_create(integration=integration, key=key, word=word)
    return bool(SandboxFault.objects.filter(id=fault.id, times__lt=int(wanted)).update(times=F("times") + 1))


def _wanted(word: str, text: str) -> str | None:
    """How many tries the word strikes, or `always`; None when it is not in the text."""
    return next((match[2] or "1" for match in _WORD.finditer(text) if match[1] == word), None)


def _arrives(key: str) -> bool:
    """Whether a post of unknown outcome was accepted: about half are, so that somebody must really look."""
    return int(key, 16) % 2 == 0


def _unknown() -> PublishError:
    return Unconfirmed(
        "The sandbox network answered with an error of its own, as #sandbox-unknown asked: it may be live, or not."
    )


def _rejected() -> PublishError:
    return Rejected(
        "The sandbox network refused this post, as #sandbox-reject asked. Publish it again, or a copy without that.",
        code="rejected",
    )


def _rate_limited() -> PublishError:
    return NotNow(
        "The sandbox network is limiting this account, as #sandbox-ratelimit asked.",
        code="rate_limited",
        detail=f"429 Retry-After: {RATE_LIMIT.seconds}",
        retry_after=RATE_LIMIT,
        rests_account=True,
    )


def _down() -> PublishError:
    return NotNow(
        "The sandbox network is down, as #sandbox-down asked.",
        code="platform_unavailable",
        detail="503 before acceptance",
    )


def _revoked() -> PublishError:
    return Disconnected("The sandbox network revoked our access, as #sandbox-revoked asked. Connect the account again.")


_BEFORE: dict[str, Callable[[], PublishError]] = {
    "reject": _rejected,
    "ratelimit": _rate_limited,
    "down": _down,
    "revoked": _revoked,
}
