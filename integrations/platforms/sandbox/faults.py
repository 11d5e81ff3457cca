"""The words in a text that make the sandbox network misbehave, so that anyone can see what happens on a bad day.

`#sandbox-down` strikes the first try, `#sandbox-down-3` the first three, `#sandbox-down-always` every one.
"""

import re
import time
from collections.abc import Callable
from datetime import timedelta

from django.db.models import F

from integrations.models import Integration
from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed

from .models import SandboxFault

_WORD = re.compile(r"#sandbox-(reject|ratelimit|down|lost|slow|revoked)(?:-(\d{1,3}|always))?(?![\w-])")

SLOW_SECONDS = 5
RATE_LIMIT = timedelta(seconds=5)


def before_acceptance(text: str, *, integration: Integration, key: str) -> None:
    """This will raise, or take its time, as the words in `text` ask for; nothing has been accepted yet."""
    for word, error in _BEFORE.items():
        if strikes(word, text, integration=integration, key=key):
            raise error()
    if strikes("slow", text, integration=integration, key=key):
        time.sleep(SLOW_SECONDS)


def after_acceptance(text: str, *, integration: Integration, key: str) -> None:
    """This will lose the answer if `text` asks for it: the post is live, and the caller does not learn it."""
    if strikes("lost", text, integration=integration, key=key):
        raise Unconfirmed(
            "The sandbox network accepted the post and its answer was lost, as #sandbox-lost asked.", code="answer_lost"
        )


def strikes(word: str, text: str, *, integration: Integration, key: str) -> bool:
    """Whether `word` is in the text and still due for this record key; a strike is counted."""
    wanted = next((match[2] or "1" for match in _WORD.finditer(text) if match[1] == word), None)
    if wanted is None:
        return False
    if wanted == "always":
        return True
    fault, _ = SandboxFault.objects.get_or_create(integration=integration, key=key, word=word)
    return bool(SandboxFault.objects.filter(id=fault.id, times__lt=int(wanted)).update(times=F("times") + 1))


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
