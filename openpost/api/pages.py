"""Lists, page by page, newest first. Each page says where the next one begins.

A cursor names the last row of its page by what never changes of it: so what comes and goes meanwhile shifts nothing,
and the thousandth page is found by the same index, at the same cost, as the first.
"""

import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from .errors import refuse

M = TypeVar("M", bound=Model)

#: The parameters of a list, beside its filters.
PAGING = ("limit", "cursor")
DEFAULT_LIMIT = 20
LARGEST_LIMIT = 200
#: Bytes of rows after which a page ends, however many more it may have.
LARGEST_PAGE = 5_000_000

_WHOLE = re.compile(r"[0-9]{1,9}\Z")


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows of a list, and the cursor for those after them; None when there are none."""

    rows: Sequence[M]
    next_cursor: str | None

    def answer(self, render: Callable[[M], Any]) -> Response:
        """This will give the page in the one shape of lists."""
        return Response({"data": [render(row) for row in self.rows], "next_cursor": self.next_cursor})


def page_of(request: Request, rows: "QuerySet[M]", *, size: Callable[[M], int] | None = None) -> Page[M]:
    """This will take the page that the request's `limit` and `cursor` ask for, by `created_at`, then `id`.

    Raises a 400. The rows need an index that ends in `-created_at, -id`. `size`: bytes of a row that may be large; a
    page of such rows ends early.
    """
    limit, signer = limit_of(request), _signer(request)
    if "cursor" in request.query_params:
        rows = _after(rows, *_opened(signer, request.query_params["cursor"]))
    shown: list[Any] = []
    held = 0
    for row in _one_by_one(rows, limit + 1, size):
        if len(shown) == limit or held > LARGEST_PAGE:
            return Page(shown, signer.sign_object([shown[-1].created_at.isoformat(), str(shown[-1].pk)]))
        shown.append(row)
        held += size(row) if size else 0
    return Page(shown, None)


def _one_by_one(rows: "QuerySet[M]", most: int, size: Callable[[M], int] | None) -> Iterator[M]:
    """The rows in order, all at once or, where they have a size, few at first, then as many as fit going by those."""
    taken = held = 0
    wanted = DEFAULT_LIMIT + 1 if size else most
    while taken < most:
        wanted = min(wanted, most - taken)
        found: list[Any] = list(rows.order_by("-created_at", "-id")[:wanted])
        yield from found
        if len(found) < wanted or not size:
            return
        taken += wanted
        held += sum(map(size, found))
        wanted = max(1, (LARGEST_PAGE - held) * taken // held) if held else most
        rows = _after(rows, found[-1].created_at, found[-1].pk)


def _after(rows: "QuerySet[M]", at: datetime, row_id: uuid.UUID) -> "QuerySet[M]":
    return rows.filter(Q(created_at__lt=at) | Q(id__lt=row_id), created_at__lte=at)


def limit_of(request: Request) -> int:
    """This will give how many a list may have at most; raises a 400."""
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    limit = int(text) if _WHOLE.match(text) else 0
    if not 1 <= limit <= LARGEST_LIMIT:
        raise refuse("invalid_limit", f"limit must be a whole number from 1 to {LARGEST_LIMIT}.", field="limit")
    return limit


def _signer(request: Request) -> Signer:
    """Signed, so that nobody comes to rely on what is in a cursor; a cursor of one list is none of another.

    Nor of the same list with other filters: after its last page one would believe to have seen all.
    """
    filters = urlencode(sorted(one for one in request.query_params.items() if one[0] not in PAGING))
    return Signer(salt=f"openpost.api.pages {request._request.path_info} {filters}", sep=".")


def _opened(signer: Signer, cursor: str) -> tuple[datetime, uuid.UUID]:
    try:
        at, row_id = signer.unsign_object(cursor)
        return datetime.fromisoformat(at), uuid.UUID(row_id)
    except (BadSignature, ValueError) as error:
        raise refuse(
            "invalid_cursor",
            "cursor must be the next_cursor of a page of this list, unchanged, and with the same filters.",
            field="cursor",
        ) from error
