"""The sandbox network as a platform: real rules, its own records, and faults on request."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse

from integrations.models import Integration
from integrations.platforms import registry
from integrations.platforms.base import Draft
from integrations.platforms.client import Account, Files, Part, Published
from integrations.platforms.errors import Rejected, Unconfirmed

from . import faults
from .models import SandboxPost

#: How long the sandbox network listens to one call, seconds.
PATIENCE = 20


class SandboxClient:
    """It accepts each call as a new post, as a platform without idempotency would: a double send shows."""

    absent_after: ClassVar[timedelta] = timedelta(0)
    absences: ClassVar[int] = 1

    def new_key(self, *, now: datetime) -> str:
        return uuid.uuid4().hex

    def prepare(self, account: Account, draft: Draft, *, key: str, now: datetime) -> dict[str, Any]:
        return {"text": draft.text, "settings": dict(draft.settings)}

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str) -> Published:
        integration = Integration.objects.get(id=account.integration_id)
        text, begun = payload["text"], monotonic()
        faults.before_acceptance(text, integration=integration, key=key)
        draft = Draft(text, payload["settings"], premium=integration.premium)
        for problem in registry.PLATFORMS[account.platform].problems(draft):
            raise Rejected(problem.message, code=problem.code)
        if monotonic() - begun > PATIENCE:
            # The caller stood still for so long that no network would still be listening to it.
            raise Unconfirmed(
                "The connection to the sandbox network was lost while the post was being sent.", code="answer_lost"
            )
        post = SandboxPost.objects.create(integration=integration, key=key, text=text, settings=payload["settings"])
        faults.after_acceptance(text, integration=integration, key=key)
        return _published(post)

    def find(
        self,
        account: Account,
        payload: Mapping[str, Any],
        *,
        key: str,
        sent_at: datetime,
        now: datetime,
        taken: Callable[[str], bool],
    ) -> Published | None:
        post = (
            SandboxPost.objects.filter(integration_id=account.integration_id, key=key).order_by("received_at").first()
        )
        return _published(post) if post else None


def _published(post: SandboxPost) -> Published:
    return Published(remote_id=str(post.id), url=settings.OPENPOST_URL + reverse("sandbox-post", args=[post.id]))
