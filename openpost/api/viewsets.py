"""What every view under /v1 stands on."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, ClassVar

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from . import idempotency, pieces, query


class ApiViewSet(ViewSet):
    """Every POST can be repeated under an `Idempotency-Key`: the whole view is one transaction with its answer.

    A view that reaches over the network cannot be: it names the action in `network_first`, has what it needs of the
    network first, and then writes and answers in `idempotency.once`.
    """

    network_first: ClassVar[frozenset[str]] = frozenset()
    #: The parameters of the query, by action.
    parameters: ClassVar[Mapping[str, Collection[str]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """DRF's, but that whoever shows a key is counted before anything is refused."""
        self.format_kwarg = None
        self.perform_authentication(request)
        self.check_throttles(request)
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        self.check_permissions(request)
        if self.action in self.action_map.values():
            query.require_known(request, self.parameters.get(self.action, ()))
        if request.method in {"POST", "PATCH"}:
            pieces.gather(request._request)
        view: Callable[..., Response] | None = getattr(self, "post", None)
        if view and request.method == "POST" and self.action not in self.network_first:
            self.post: Callable[..., HttpResponse] = partial(_once, view)


def _once(view: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
    return idempotency.once(request, partial(view, request, *args, **kwargs))
