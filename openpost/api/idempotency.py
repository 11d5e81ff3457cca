"""`Idempotency-Key`: a POST that is sent again does nothing twice, and answers what it answered the first time.

The answer is kept by the transaction that does what it tells of. So a crash at any moment leaves both or neither: the
repeat gets the answer, or is the first. Refusals (4xx) and failures (5xx) have done nothing, and are not kept: the same
key may be used again once the reason is gone, also with a body that was mended.
"""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from django.utils.crypto import salted_hmac
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from openpost import failpoints
from openpost.models import KeptAnswer

from .caller import caller_of
from .errors import refuse

#: How long an answer is kept, at the least.
KEPT_FOR = timedelta(hours=24)
#: Rows that one transaction of the sweep deletes.
BATCH = 1000

#: Printable ASCII: what every client, log and proxy hands on unchanged.
KEY_PATTERN = "[!-~]{1,255}"
_KEY = re.compile(rf"{KEY_PATTERN}\Z")
_NOT_SAID: Any = object()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that has a key: whose it is, and what it asks for."""

    tenant_id: uuid.UUID
    key: str
    fingerprint: str


def once(request: Request, answer: Callable[[], Response], *, body: Any = _NOT_SAID) -> HttpResponse:
    """This will answer, or repeat the answer that was given before under the request's key.

    `body` is what was asked for, where that is not simply the request's JSON. What `answer` writes, and nothing
    that it does over a network, happens in one transaction with the keeping of its answer.
    """
    asked = _asked(request, body)
    if asked is None:
        return answer()
    with transaction.atomic():
        _hold(asked)
        if before := _answered(asked):
            return before
        first = answer()
        if not 200 <= first.status_code < 300:
            return first
        content = JSONRenderer().render(first.data).decode()
        KeptAnswer.objects.create(
            tenant_id=asked.tenant_id,
            key=asked.key,
            fingerprint=asked.fingerprint,
            status=first.status_code,
            body=content,
            etag=first.headers.get("ETag", ""),
        )
        failpoints.reach("answer_kept", asked.key)
    failpoints.reach("answer_committed", asked.key)
    return first


def answered(request: Request, *, body: Any = _NOT_SAID) -> HttpResponse | None:
    """This will give the answer that was given before, if there is one: it may spare a view much before `once`."""
    asked = _asked(request, body)
    return _answered(asked) if asked else None


def sweep(*, now: datetime) -> int:
    """This will delete the answers that were kept long enough, and give their number."""
    deleted = 0
    while True:
        # In short transactions, and past rows that another sweep holds.
        with transaction.atomic():
            old = KeptAnswer.objects.filter(created_at__lt=now - KEPT_FOR).order_by("created_at")
            ids = list(old.select_for_update(skip_locked=True).values_list("id", flat=True)[:BATCH])
            KeptAnswer.objects.filter(id__in=ids).delete()
        deleted += len(ids)
        if len(ids) < BATCH:
            return deleted


def _asked(request: Request, body: Any) -> _Asked | None:
    """This will understand the request's key; None when it has none. Raises a 400."""
    key, caller = request.headers.get("Idempotency-Key"), caller_of(request)
    if key is None or caller is None:
        return None
    if not _KEY.match(key):
        raise refuse(
            "invalid_idempotency_key",
            "Idempotency-Key must have 1 to 255 printable ASCII characters without spaces, such as a UUID.",
            field="Idempotency-Key",
        )
    return _Asked(caller.tenant_id, key, _fingerprint(request, request.data if body is _NOT_SAID else body))


def _fingerprint(request: Request, body: Any) -> str:
    address = [request.method, request._request.path_info, request._request.META["QUERY_STRING"]]
    try:
        said = json.dumps([*address, body], sort_keys=True)
    except RecursionError as error:
        raise refuse("invalid_json", "The JSON body is nested too deeply.") from error
    # Keyed, since a body may hold a password, which somebody who reads the table could try to guess.
    return salted_hmac("openpost.api.idempotency", said, algorithm="sha256").hexdigest()


def _hold(asked: _Asked) -> None:
    """This will keep equal requests out until the transaction ends, however it ends; a 409 when one is under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{asked.tenant_id} {asked.key}"])
        (held,) = cursor.fetchone()
    if not held:
        raise refuse(
            "idempotency_key_in_use",
            "A request with this Idempotency-Key is still being worked on; send it again in a moment.",
            field="Idempotency-Key",
            status=409,
            retry_after=1,
        )


def _answered(asked: _Asked) -> HttpResponse | None:
    kept = KeptAnswer.objects.filter(tenant_id=asked.tenant_id, key=asked.key).first()
    if kept is None:
        return None
    if kept.fingerprint != asked.fingerprint:
        raise refuse(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request; a new request needs a new key.",
            field="Idempotency-Key",
            status=409,
        )
    if not isinstance(kept.body, str):
        raise refuse(
            "idempotency_answer_unreadable",
            "This request was done before, but its answer cannot be read any more: "
            "the key that encrypted it has been taken away. Look for what it made.",
            field="Idempotency-Key",
            status=409,
        )
    return HttpResponse(
        kept.body,
        status=kept.status,
        content_type="application/json",
        headers={"Idempotency-Replayed": "true", **({"ETag": kept.etag} if kept.etag else {})},
    )
