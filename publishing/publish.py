"""The publish engine: one target, from claim to outcome.

The fence stands exactly round one call, `client.publish`. Before it the ledger says what is about to be sent; after
it nothing can undo "live". A part found in state `sending` was left there by a lost answer or a dead worker: then
the platform is asked before anything is sent again. So the first try, a retry and a take-over are one path.
"""

import logging
import uuid
from datetime import datetime, timedelta
from time import monotonic
from traceback import format_exception

from django.db import transaction

from integrations import rests, tokens
from integrations.models import Integration, IntegrationStatus
from integrations.platforms import registry
from integrations.platforms.base import Draft
from integrations.platforms.client import Account, Client, Published
from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed
from openpost import clock, failpoints
from posts import lifecycle
from posts.lifecycle import Claim, Failure
from posts.models import PostTarget

from . import ledger, retry, stopping
from .clients import client_for
from .leases import keeper
from .ledger import LeaseLost, Try
from .models import Delivery, DeliveryState, Outcome
from .redact import redact

log = logging.getLogger(__name__)

#: Longer than this between deciding to send and sending, and the decision is too old.
PAUSE = timedelta(seconds=5)


class Missed(Rejected):
    """Its time has passed by more than the workspace allows: nothing is sent late."""

    default_code = "missed"
    retryable = True


_OUTCOMES: dict[type[PublishError], Outcome] = {
    Rejected: Outcome.REJECTED,
    Missed: Outcome.MISSED,
    NotNow: Outcome.NOT_NOW,
    Disconnected: Outcome.DISCONNECTED,
    Unconfirmed: Outcome.UNCONFIRMED,
}


def publish(*, target_id: uuid.UUID, token: datetime) -> uuid.UUID | None:
    """This will publish the target that was handed to us, and give its account, which may go on with its next one.

    Nothing happens, and None is given, when the target has moved on since or this worker is about to end.
    """
    if stopping.asked():
        lifecycle.give_back([target_id], token=token, now=clock.now())
        return None
    claim = lifecycle.claim(target_id=target_id, token=token, now=clock.now())
    if claim is None:
        return None
    failpoints.reach("claimed", target_id)
    attempt = Try(claim, clock.now())
    try:
        _run(attempt)
    except LeaseLost as error:
        log.warning("%s", error)
    except PublishError as error:
        _conclude(attempt, error)
    except Exception as error:  # noqa: BLE001  # the worker's edge: what nobody foresaw is sorted by the ledger
        log.error("Publishing %s broke:\n%s", target_id, _story(attempt, error))  # noqa: TRY400  # told without secrets
        _conclude(attempt, _unforeseen(claim, error))
    return attempt.used.id if attempt.used else None


def _story(attempt: Try, error: Exception) -> str:
    """The stack of an exception, which may quote a request: without the account's secrets."""
    return redact("".join(format_exception(error)), attempt.used.credentials if attempt.used else {})


def _run(attempt: Try) -> None:
    claim = attempt.claim
    target = PostTarget.objects.select_related("post", "integration__workspace").get(id=claim.target_id)
    attempt.used = target.integration
    if claim.predecessor_died:
        ledger.record_lost(attempt, now=clock.now())
        log.warning("%s: the worker of attempt %s was lost; another goes on", claim.target_id, claim.number - 1)
    with keeper.keep(claim, within=registry.PLATFORMS[target.integration.platform].publish_within):
        _deliver(attempt, target)


def _deliver(attempt: Try, target: PostTarget) -> None:
    claim, integration = attempt.claim, target.integration
    delivery = ledger.find(claim, part=0)
    in_doubt = delivery is not None and delivery.state == DeliveryState.SENDING
    if not in_doubt:
        _require_in_time(target)
    _require_ready(integration)
    client = client_for(integration)
    account = tokens.account_of(integration, now=clock.now())
    failpoints.reach("ready", claim.target_id)
    published = None
    if delivery is not None and in_doubt:
        published = _look(claim, client, account, delivery)
        if published is None:
            failpoints.reach("absent", claim.target_id)
            _require_in_time(target)
    else:
        draft = Draft(text=target.post.text_for(integration.platform), settings=_settings_of(target))
        delivery = _prepare(claim, client, account, draft, delivery)
    if published is None:
        stopping.require_running()
        published = _send(claim, client, account, delivery)
        failpoints.reach("accepted", claim.target_id)
    if not ledger.live(attempt, delivery, published, now=clock.now()):
        _too_late(attempt, published)
    failpoints.reach("recorded", claim.target_id)
    log.info("%s is live: %s", claim.target_id, published.url)


def _too_late(attempt: Try, published: Published) -> None:
    """The platform answered after our lease had gone: whoever holds the target now looks, and we leave evidence."""
    late = Unconfirmed("The platform's answer came after another worker had taken over.", code="lease_lost")
    ledger.record_late(attempt, late, now=clock.now(), detail=f"{published.remote_id} {published.url}")
    raise LeaseLost(f"{attempt.claim.target_id} was taken over from attempt {attempt.claim.number}: {published.url}")


def _require_ready(integration: Integration) -> None:
    if integration.status != IntegrationStatus.ACTIVE:
        raise Disconnected(f"{integration} is not connected any more; connect it again, then publish once more.")
    rests.require_awake(integration, now=clock.now())


def _require_in_time(target: PostTarget) -> None:
    wanted_at, limit = target.wanted_at, target.integration.workspace.late_limit
    if wanted_at and clock.now() - wanted_at > limit:
        raise Missed(
            f"It was to go out at {wanted_at:%Y-%m-%d %H:%M} UTC. More than {limit / timedelta(hours=1):g} h late "
            "is too late for this workspace, so it was not sent. Publish it again if it shall still go out."
        )


def _settings_of(target: PostTarget) -> dict[str, object]:
    settings: dict[str, object] = target.post.platform_settings.get(target.integration.platform, {})
    return settings


def _prepare(claim: Claim, client: Client, account: Account, draft: Draft, before: Delivery | None) -> Delivery:
    """All that may be repeated: the rules once more, handles, blobs. The key stays the same from try to try."""
    rules = registry.PLATFORMS[account.platform]
    for problem in rules.problems(draft):
        raise Rejected(problem.message, code=problem.code)
    now = clock.now()
    key = before.key if before else client.new_key(now=now)
    payload = client.prepare(account, draft, key=key, now=now)
    delivery = ledger.prepare(claim, part=0, key=key, payload=payload)
    failpoints.reach("prepared", claim.target_id)
    return delivery


def _send(claim: Claim, client: Client, account: Account, delivery: Delivery) -> Published:
    again, begun = delivery.sent_at is not None, monotonic()
    ledger.sending(claim, delivery, now=clock.now())
    failpoints.reach("sending", claim.target_id)
    if monotonic() - begun > PAUSE.total_seconds():
        # The process or the database stood still: another worker may be looking by now, and must not look too early.
        raise Unconfirmed("This worker stood still before sending; it looks first.", code="internal_error")
    # ---- the fence: nothing but this call between "sending" is committed and its outcome is known ----
    try:
        return client.publish(account, delivery.payload, key=delivery.key)
    except (Rejected, NotNow, Disconnected) as error:
        if again and error.code == "duplicate_content":
            raise Unconfirmed("The platform says this text is already there.", detail=error.detail) from error
        # That a repetition did not go out now says nothing of the first call: it stays in doubt, its payload frozen.
        # A refusal ends the matter: the first was surely absent, and the same will be refused again.
        if not again or isinstance(error, Rejected):
            ledger.not_sent(claim, delivery)
        raise


def _look(claim: Claim, client: Client, account: Account, delivery: Delivery) -> Published | None:
    """Ask the platform what became of a call. None: surely absent, the same bytes may be sent again."""
    assert delivery.sent_at is not None  # noqa: S101  # the constraint what_is_sent_has_a_time
    assert delivery.resent_at is not None  # noqa: S101
    failpoints.reach("looking", claim.target_id)
    others = PostTarget.objects.filter(integration=account.integration_id).exclude(id=claim.target_id)

    def taken(remote_id: str) -> bool:
        return others.filter(platform_post_id=remote_id).exists()

    try:
        found = client.find(
            account, delivery.payload, key=delivery.key, sent_at=delivery.sent_at, now=clock.now(), taken=taken
        )
    except Rejected:
        ledger.forget(claim, delivery)
        raise
    if found is None:
        enough = ledger.absent(claim, delivery) >= client.absences
        if not enough or clock.now() < delivery.resent_at + client.absent_after:
            raise Unconfirmed("The platform does not show it (yet).")
    return found


def _unforeseen(claim: Claim, error: Exception) -> PublishError:
    """What an exception that is none of the four means depends on where it struck: the ledger knows."""
    detail = f"{type(error).__name__}: {error}"
    if ledger.in_doubt(claim):
        said = "Something broke on our side after sending: it may be live, or not."
        return Unconfirmed(said, code="internal_error", detail=detail)
    return NotNow("Something broke on our side before sending.", code="internal_error", detail=detail)


def _conclude(attempt: Try, error: PublishError) -> None:
    """Turn one of the four errors into the target's next state, and keep the evidence."""
    claim, now = attempt.claim, clock.now()
    target = PostTarget.objects.select_related("integration").filter(id=claim.target_id).first()
    if target is None:
        return
    # What an error says, it says of the account as it was used: since then a person may have connected it anew.
    used = attempt.used or target.integration
    secrets = (used.credentials, target.integration.credentials)
    error.message, error.detail = redact(error.message, *secrets), redact(error.detail, *secrets)
    failure = Failure(error.code, error.message, retryable=error.retryable)
    with transaction.atomic():
        # At once: else somebody could delete the post between its move and the evidence for it.
        if not lifecycle.hold(claim):
            return
        _move(claim, target, error, failure, now)
        if not (isinstance(error, NotNow) and error.waiting):
            ledger.record(attempt, _OUTCOMES[type(error)], now=now, error=error, detail=error.detail)
            log.info("%s: %s (%s)", claim.target_id, error.message, error.code)
    _tell_account(used, error, now)


def _tell_account(integration: Integration, error: PublishError, now: datetime) -> None:
    """What an error says of the whole account, whatever becomes of this target."""
    if isinstance(error, NotNow) and error.token_refused:
        tokens.distrust(integration, now=now)
    if isinstance(error, NotNow) and error.rests_account:
        rests.rest_account(integration, until=retry.soonest(error, now=now))
    if isinstance(error, NotNow) and error.rests_platform:
        until = retry.soonest(error, now=now)
        rests.rest_platform(integration, until=until, code=error.code, reason=error.message, now=now)
    if isinstance(error, Disconnected):
        tokens.disconnect(integration, reason=error.message)


def _move(claim: Claim, target: PostTarget, error: PublishError, failure: Failure, now: datetime) -> None:
    doubtful = ledger.in_doubt(claim)
    if doubtful and not isinstance(error, Rejected):
        _doubt(claim, doubtful, error, failure, now)
    elif isinstance(error, NotNow):
        _not_now(claim, target, error, failure, now)
    else:
        lifecycle.fail(claim, failure=failure, now=now)


def _not_now(claim: Claim, target: PostTarget, error: NotNow, failure: Failure, now: datetime) -> None:
    failures = target.failures + retry.counts(error)
    until = retry.next_try(error, failures=failures, now=now)
    if until is None:
        lifecycle.fail(claim, failure=failure, now=now)
    else:
        lifecycle.postpone(claim, until=until, failure=failure, failures=failures, now=now)


def _doubt(claim: Claim, delivery: Delivery, error: PublishError, failure: Failure, now: datetime) -> None:
    waited = isinstance(error, NotNow) and error.waiting  # then nobody was asked
    next_look = retry.next_look(looks=delivery.looks if waited else ledger.looked(delivery), now=now)
    if next_look and isinstance(error, NotNow):
        next_look = max(next_look, retry.soonest(error, now=now))
    if next_look is None:
        ledger.stop_looking(delivery)
        given_up = Failure(
            "outcome_unknown",
            "It could not be found out whether this went out. Look there, and say whether it is live (resolve); or "
            "publish it again: then the platform is asked once more before anything is sent.",
            retryable=True,
        )
        lifecycle.fail(claim, failure=given_up, now=now, in_doubt=True)
    else:
        lifecycle.doubt(claim, next_look=next_look, failure=failure, now=now)
