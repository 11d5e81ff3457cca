"""Spans of calls to a platform."""

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings

from integrations.models import Integration
from integrations.platforms.client import Client
from openpost.seeing.tracing import spanned

_CALLS = ("prepare", "publish", "find")


def of_calls(client_for: Callable[[Integration], Client]) -> Callable[[Integration], Client]:
    """This will have each call of the clients that are found timed; while traces are off nothing is changed."""
    if not settings.TRACES:
        return client_for
    return lambda integration: cast("Client", _Timed(client_for(integration), integration.platform))


class _Timed:
    """A client, whose calls of the network are spans named `<platform> <call>`."""

    def __init__(self, client: Client, platform: str) -> None:
        self._client, self._platform = client, platform

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return spanned(f"{self._platform} {name}", kind="CLIENT")(found) if name in _CALLS else found
