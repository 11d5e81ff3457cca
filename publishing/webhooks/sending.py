"""One delivery, from claim to outcome.

At least once: what a worker has sent but not recorded, since it died, is sent again when its lease is over, under the
same `webhook-id`. Every write carries the fencing number, so that a worker that was thought dead changes nothing.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings

from integrations.models import WebhookDelivery
from integrations.webhooks import endpoints, signing
from openpost import clock, failpoints
from openpost.fetching import Answer, Unfetchable, post
from openpost.logs import about
from publishing import metrics, stopping
from publishing.redact import redact, story

from . import outcome, turns
from .outcome import Outcome
from .retry import read_retry_after

log = logging.getLogger(__name__)

#: Seconds for one call, the reading of the answer included.
WITHIN = 10
#: After this long somebody else may send it again: longer than a call can take.
LEASE = timedelta(seconds=30)
#: Bytes of an answer that are kept.
MOST_BODY = 1024


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on one delivery, which names its endpoint and event as they were when it was claimed."""

    delivery: WebhookDelivery
    number: int
    lease: datetime


def deliver(*, delivery_id: uuid.UUID, token: datetime) -> uuid.UUID | None:
    """This will send what was handed to us, and give its endpoint, which may go on with its next.

    None when it has moved on since, or this worker is about to end.
    """
    about(delivery_id=delivery_id)
    if stopping.asked():
        turns.give_back([delivery_id], token=token, now=clock.now())
        return None
    claimed = claim(delivery_id=delivery_id, token=token, now=clock.now())
    if claimed is None:
        return None
    begun = monotonic()
    try:
        found = _send(claimed.delivery, now=clock.now())
    except Exception as error:  # noqa: BLE001  # the worker's edge: it is tried again, whatever broke
        told = story(error, claimed.delivery.endpoint.secrets)
        log.error("Delivering %s broke:\n%s", delivery_id, told)  # noqa: TRY400  # told without secrets
        found = Outcome(error_code="internal_error", error_message="Something broke on our side.", ours=True)
    failpoints.reach("webhook_sent", delivery_id)
    took = timedelta(seconds=monotonic() - begun)
    metrics.delivered(found.answer_status, took=took)
    outcome.record(claimed.delivery, found, number=claimed.number, lease=claimed.lease, took=took, now=clock.now())
    return claimed.delivery.endpoint_id


def claim(*, delivery_id: uuid.UUID, token: datetime, now: datetime) -> Claim | None:
    """This will take a delivery that was handed to us, for LEASE; None when it has moved on since."""
    handed = WebhookDelivery.objects.filter(id=delivery_id, due_at=token, in_hand=True)
    delivery = handed.select_related("endpoint", "event").first()
    if delivery is None:
        return None
    number, lease = delivery.attempts + 1, now + LEASE
    ours = handed.filter(attempts=delivery.attempts).update(attempts=number, due_at=lease, tried_at=now)
    return Claim(delivery, number, lease) if ours else None


def _send(delivery: WebhookDelivery, *, now: datetime) -> Outcome:
    endpoint, event = delivery.endpoint, delivery.event
    secrets = endpoints.good_secrets(endpoint, now=now)
    if not secrets:
        return Outcome(
            error_code="credentials_unreadable",
            error_message="The secret cannot be read: the key it was encrypted with is missing from CREDENTIAL_KEYS.",
            ours=True,
        )
    body = signing.body_of(event)
    headers = {"Content-Type": "application/json", **signing.headers(event, body, secrets=secrets, now=now)}
    try:
        with post(
            endpoint.url,
            body,
            headers=headers,
            most_bytes=settings.API_MAX_BODY,
            within=WITHIN,
            schemes=endpoints.schemes(),
            loopback=settings.WEBHOOKS_TO_LOOPBACK,
        ) as answer:
            return _outcome(answer, secrets, now=now)
    except Unfetchable as error:
        return Outcome(error_code=error.code, error_message=error.sentence)


def _outcome(answer: Answer, secrets: Sequence[str], *, now: datetime) -> Outcome:
    """The status decides, whatever becomes of the body."""
    found = Outcome(
        answer_status=answer.status,
        answer_body=redact(
            _beginning(answer), list(secrets), [secret.removeprefix(signing.PREFIX) for secret in secrets]
        ),
        retry_after=read_retry_after(answer.headers.get("Retry-After"), now=now),
    )
    if not found.is_good:
        found.error_code = "gone" if answer.status == 410 else "unwelcome_answer"
        found.error_message = f"It answered {answer.status}; only 200 to 299 says that it has the event."
    return found


def _beginning(answer: Answer) -> str:
    body = b""
    try:
        for piece in answer.pieces():
            body += piece
            if len(body) >= MOST_BODY:
                break
    except Unfetchable:
        pass  # what came of it is what we know
    return body[:MOST_BODY].decode(errors="replace")
