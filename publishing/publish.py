"""The publish engine: one target, from claim to outcome.

The fence stands exactly round one call, `client.publish`. Before it the ledger says what is about to be sent; after
it nothing can undo "live". A part found in state `sending` was left there by a lost answer or a dead worker: then
the platform is asked before anything is sent again. So the first try, a retry and a take-over are one path.
"""

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic

from integrations import rests, tokens
from integrations.models import Integration, IntegrationStatus
from integrations.platforms import registry
from integrations.platforms.base import Draft
from integrations.platforms.client import Account, Client, Part, Published
from integrations.platforms.errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed, Unknowable
from openpost import clock, failpoints
from openpost.logs import about
from openpost.written_once import WrittenOnce
from posts import lifecycle
from posts.lifecycle import Claim
from posts.models import PostTarget
from posts.telling import moment, span

from . import evidence, ledger, redact, retry, stopping
from .clients import client_for
from .conclude import Missed, WorkersLost, conclude, unforeseen
from .evidence import Try
from .files import PostFiles
from .leases import LeaseLost, keeper
from .ledger import Prepared
from .models import Delivery, DeliveryState
from .parts import freeze, thaw
from .restored import Restored

log = logging.getLogger(__name__)

#: Longer than this between deciding to send and sending, and the decision is too old.
PAUSE = timedelta(seconds=5)

_TARGET = WrittenOnce(
    lambda target_id: PostTarget.objects.select_related("post", "integration__workspace").filter(id=target_id),
    uuid.UUID(int=1),
)


def publish(*, target_id: uuid.UUID, token: datetime) -> uuid.UUID | None:
    """This will publish the target that was handed to us, and give its account, which may go on with its next one.

    Nothing happens, and None is given, when the target has moved on since or this worker is about to end.
    """
    about(target_id=target_id, post_id=None)
    if stopping.asked():
        lifecycle.give_back([target_id], token=token, now=clock.now())
        return None
    now = clock.now()
    claim = lifecycle.claim(target_id=target_id, token=token, now=now)
    if claim is None:
        return None
    about(post_id=claim.post_id)
    failpoints.reach("claimed", target_id)
    attempt = Try(claim, now)
    try:
        _run(attempt)
    except LeaseLost as error:
        log.warning("%s", error)
    except PublishError as error:
        conclude(attempt, error)
    except Exception as error:  # noqa: BLE001  # the worker's edge: what nobody foresaw is sorted by the ledger
        told = redact.story(error, attempt.used.credentials if attempt.used else {})
        log.error("Publishing %s broke:\n%s", target_id, told)  # noqa: TRY400  # told without secrets
        conclude(attempt, unforeseen(claim, error))
    return attempt.used.id if attempt.used else None


def _run(attempt: Try) -> None:
    claim = attempt.claim
    (target,) = _TARGET(claim.target_id)
    attempt.used, attempt.wanted_at = target.integration, target.wanted_at
    if claim.predecessor_died:
        evidence.record_lost(attempt, now=clock.now())
        log.warning("%s: the worker of attempt %s was lost; another goes on", claim.target_id, claim.number - 1)
        if target.failures >= retry.TRIES:
            what = "The rest of it" if target.live_parts else "It"
            raise WorkersLost(
                f"{what} was given to workers {retry.TRIES} times and did not go out, and the last of them stopped "
                "without a word. Whoever runs this service must look why; then publish it again."
            )
    drafts = target.post.parts_for(target.integration)
    with keeper.keep(claim, within=registry.PLATFORMS[target.integration.platform].time_for(*drafts)):
        _deliver(attempt, target, drafts)


def _deliver(attempt: Try, target: PostTarget, drafts: Sequence[Draft]) -> None:
    """Settle what is in doubt, then send what is not live yet, part after part."""
    claim, integration = attempt.claim, target.integration
    before, now = ledger.parts(claim) if claim.number > 1 else [], clock.now()
    doubtful = ledger.in_doubt(before)
    if doubtful is None:
        _require_known(target)
        _require_in_time(target, now=now)
    _require_connected(integration)
    if doubtful is None:
        rests.require_awake(integration, now=now)
    client, account = _speaker(claim, integration, now=now)
    if doubtful is not None:
        if _settle(attempt, target, client, account, doubtful):
            return
        before, now = ledger.parts(claim), clock.now()
        _require_in_time(target, now=now)
        rests.require_awake(integration, now=now)
    deliveries = _prepare(claim, client, account, target, drafts, before)
    thread = [*(one for one in before if one.state == DeliveryState.LIVE), *deliveries]
    for delivery in deliveries:
        if delivery.payload:  # else an earlier part's call has sent it too
            with _told_of(delivery, deliveries):
                _record(attempt, delivery, _send(claim, client, account, delivery), thread, found=False)


def _settle(attempt: Try, target: PostTarget, client: Client, account: Account, delivery: Delivery) -> bool:
    """Find out what became of the call that is in doubt, and make it again if it was surely lost.

    Whether the whole target is live then.
    """
    claim = attempt.claim
    thread = ledger.parts(claim)
    with _told_of(delivery, thread):
        published = _look(claim, client, account, delivery)
        found = published is not None
        if published is None:
            _reach("absent", delivery)
            now = clock.now()
            try:
                _require_in_time(target, now=now)
            except Missed:
                ledger.not_sent(claim, delivery)
                raise
            rests.require_awake(target.integration, now=now)
            if evidence.says(delivery, "media_not_taken"):
                # The latest call was refused for its files, and those before it are absent: with the same files it
                # would be refused for ever. It is prepared anew.
                ledger.not_sent(claim, delivery)
                return False
            published = _send(claim, client, account, delivery)
        _record(attempt, delivery, published, thread, found=found)
    return ledger.is_whole(claim.target_id)


def _record(attempt: Try, delivery: Delivery, published: Published, thread: Sequence[Delivery], *, found: bool) -> None:
    claim = attempt.claim
    if not ledger.live(attempt, delivery, published, thread=thread, found=found, now=clock.now()):
        ledger.record_late(attempt, delivery, published, now=clock.now())
        raise LeaseLost(f"{claim.target_id} was taken over from attempt {claim.number}: {published.url}")
    _reach("recorded", delivery)
    log.info("%s is live: %s", claim.target_id, published.url)


@contextmanager
def _told_of(delivery: Delivery, thread: Sequence[Delivery]) -> Iterator[None]:
    """An error of one part of a thread says which."""
    try:
        yield
    except PublishError as error:
        last = max(delivery.part, *(one.part for one in thread))
        if last:
            live = " (those before it are live)" if delivery.part else ""
            error.message = f"Part {delivery.part + 1} of {last + 1}{live}: {error.message}"
        raise


def _reach(step: str, delivery: Delivery) -> None:
    """A failpoint of one part: `sending`, and `sending-2` of a thread's third."""
    failpoints.reach(f"{step}-{delivery.part}" if delivery.part else step, delivery.target_id)


def _speaker(claim: Claim, integration: Integration, *, now: datetime) -> tuple[Client, Account]:
    """Who speaks to the platform, and for whom: with a token that is good."""
    client, account = client_for(integration), tokens.account_of(integration, now=now, just_read=True)
    failpoints.reach("ready", claim.target_id)
    return client, account


def _require_connected(integration: Integration) -> None:
    if integration.status != IntegrationStatus.ACTIVE:
        raise Disconnected(f"{integration} is not connected any more; connect it again, then publish once more.")


def _require_known(target: PostTarget) -> None:
    """What may have gone out before a backup was restored is sent on a person's word alone (restored.py)."""
    if target.in_doubt and evidence.was_restored(target):
        raise Restored


def _require_in_time(target: PostTarget, *, now: datetime) -> None:
    """Too late is for what has not begun: half a thread is worse than one whose end comes late."""
    wanted_at, limit = target.wanted_at, target.integration.workspace.late_limit
    if wanted_at and now - wanted_at > limit and not ledger.places(target.id):
        raise Missed(
            f"It was to go out at {moment(wanted_at)}. More than {span(limit)} late is too late for this workspace, so "
            "it was not sent. Publish it again if it shall still go out."
        )


def _prepare(
    claim: Claim,
    client: Client,
    account: Account,
    target: PostTarget,
    drafts: Sequence[Draft],
    before: Sequence[Delivery],
) -> list[Delivery]:
    """All that may be repeated: the rules once more, handles, uploads; for every part before the first is sent.

    Gives the parts that are not live yet. Keys stay the same from try to try, and what a thread says from its first
    call on. `before`: what was prepared in earlier tries.
    """
    if any(delivery.state != DeliveryState.PREPARED for delivery in before):
        drafts = [thaw(delivery.draft) for delivery in before]
    else:
        for problem in registry.PLATFORMS[account.platform].problems(*drafts):
            raise Rejected(problem.message, code=problem.code)
    now = clock.now()
    keys = [delivery.key for delivery in before[: len(drafts)]]
    keys += [client.new_key(now=now) for _ in drafts[len(keys) :]]
    first = sum(delivery.state == DeliveryState.LIVE for delivery in before)  # they go live in order
    rest = [Part(*one, number) for number, one in enumerate(zip(drafts, keys, strict=True))][first:]
    payloads = client.prepare(account, rest, files=PostFiles(claim, target.integration), now=now)
    # One payload per part, or one for all of them.
    calls = [*payloads, *({} for _ in rest[len(payloads) :])]
    said = [Prepared(part.number, part.key, freeze(part.draft), call) for part, call in zip(rest, calls, strict=True)]
    deliveries = ledger.prepare(claim, said, before=before)
    failpoints.reach("prepared", claim.target_id)
    return deliveries


def _send(claim: Claim, client: Client, account: Account, delivery: Delivery) -> Published:
    stopping.require_running()
    begun, again, after = monotonic(), delivery.sent_at is not None, ledger.before(delivery)
    if delivery.calls >= retry.TRIES:
        raise Unknowable(f"It was sent {delivery.calls} times, and each time the platform neither said nor showed it.")
    ledger.sending(claim, delivery, now=clock.now())
    _reach("sending", delivery)
    if monotonic() - begun > PAUSE.total_seconds():
        # The process or the database stood still: another worker may be looking by now, and must not look too early.
        raise Unconfirmed("This worker stood still before sending; it looks first.", code="internal_error")
    # ---- the fence: nothing but this call between "sending" is committed and its outcome is known ----
    try:
        published = client.publish(account, delivery.payload, key=delivery.key, after=after)
    except (Rejected, NotNow, Disconnected) as error:
        if again and error.code == "duplicate_content":
            raise Unconfirmed("The platform says this text is already there.", detail=error.detail) from error
        # That a repetition did not go out now says nothing of the first call: it stays in doubt, its payload frozen.
        # A refusal ends the matter: the first was surely absent, and the same will be refused again.
        if not again or isinstance(error, Rejected):
            ledger.not_sent(claim, delivery)
        raise
    _reach("accepted", delivery)
    return published


def _look(claim: Claim, client: Client, account: Account, delivery: Delivery) -> Published | None:
    """Ask the platform what became of a call. None: surely absent, the same bytes may be sent again."""
    assert delivery.sent_at is not None  # noqa: S101  # the constraint what_is_sent_has_a_time
    assert delivery.resent_at is not None  # noqa: S101
    _reach("looking", delivery)
    if answered := ledger.answered(delivery):
        return answered

    def taken(remote_id: str) -> bool:
        return ledger.is_another(claim, delivery, remote_id, integration_id=account.integration_id)

    try:
        found = client.find(
            account,
            delivery.payload,
            key=delivery.key,
            after=ledger.before(delivery),
            sent_at=delivery.sent_at,
            now=clock.now(),
            taken=taken,
        )
    except Rejected:
        ledger.forget(claim, delivery, key=client.new_key(now=clock.now()))
        raise
    # Asked after the look: what it may have shown was said to be sent before.
    if found and ledger.same_in_the_air(claim, delivery, integration_id=account.integration_id, now=clock.now()):
        raise Unconfirmed("The same words are just being sent from this account once more: theirs must be told first.")
    if found is None:
        enough = ledger.absent(claim, delivery) >= client.absences
        if not enough or clock.now() < delivery.resent_at + client.absent_after:
            raise Unconfirmed("The platform does not show it (yet).")
    return found
