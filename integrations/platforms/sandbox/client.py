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

from . import faults, media
from .models import SandboxPost

#: How long the sandbox network listens to one call, seconds.
PATIENCE = 20


class SandboxClient:
    """It accepts each call as a new post, as a platform without idempotency would: a double send shows."""

    absent_after: ClassVar[timedelta] = timedelta(0)
    absences: ClassVar[int] = 1
    whole_threads: ClassVar[bool] = False

    def new_key(self, *, now: datetime) -> str:
        return uuid.uuid4().hex

    def prepare(
        self, account: Account, parts: Sequence[Part], *, files: Files, now: datetime
    ) -> Sequence[dict[str, Any]]:
        """Per part `{"text", "settings", "media": […]}`; what stands in `media` is said in media.py."""
        return [_body(part.draft, files=files, now=now) for part in parts]

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str, after: Published | None) -> Published:
        integration = Integration.objects.get(id=account.integration_id)
        text, begun = payload["text"], monotonic()
        faults.before_acceptance(text, integration=integration, key=key)
        shown = tuple(media.shown(one) for one in payload["media"])
        draft = Draft(text, payload["settings"], premium=integration.premium, media=shown)
        for problem in registry.PLATFORMS[account.platform].problems(draft):
            raise Rejected(problem.message, code=problem.code)
        if monotonic() - begun > PATIENCE:
            # The caller stood still for so long that no network would still be listening to it.
            raise Unconfirmed(
                "The connection to the sandbox network was lost while the post was being sent.", code="answer_lost"
            )
        post = SandboxPost.objects.create(
            integration=integration,
            key=key,
            text=text,
            settings=payload["settings"],
            media=payload["media"],
            answers_id=after.remote_id if after else None,
        )
        faults.after_acceptance(text, integration=integration, key=key)
        return _published(post)

    def find(
        self,
        account: Account,
        payload: Mapping[str, Any],
        *,
        key: str,
        after: Published | None,
        sent_at: datetime,
        now: datetime,
        taken: Callable[[str], bool],
    ) -> Published | None:
        integration = Integration.objects.get(id=account.integration_id)
        faults.before_look(payload["text"], integration=integration, key=key)
        post = (
            SandboxPost.objects.filter(integration_id=account.integration_id, key=key).order_by("received_at").first()
        )
        return _published(post) if post else None


def _body(draft: Draft, *, files: Files, now: datetime) -> dict[str, Any]:
    return {
        "text": draft.text,
        "settings": dict(draft.settings),
        "media": [media.received(medium, files=files, now=now) for medium in draft.media],
    }


def _published(post: SandboxPost) -> Published:
    return Published(remote_id=str(post.id), url=settings.OPENPOST_URL + reverse("sandbox-post", args=[post.id]))
