"""Which client speaks for an account. Imported by workers only: this is where the heavy libraries come in."""

from functools import lru_cache

from django.utils.module_loading import import_string

from integrations.models import Integration
from integrations.platforms import registry
from integrations.platforms.client import Client
from integrations.platforms.errors import Rejected
from integrations.platforms.sandbox.client import SandboxClient

from .spans import of_calls


@lru_cache
def _live_client(platform: str) -> Client | None:
    rules = registry.by_name(platform)
    if rules is None or not rules.client:
        return None
    module, _, builder = rules.client.partition(":")
    client: Client = import_string(f"{module}.{builder}")()
    return client


@of_calls
def client_for(integration: Integration) -> Client:
    """This will give the client that reaches the account: the sandbox network's in a sandbox workspace."""
    if integration.workspace.is_sandbox:
        return SandboxClient()
    client = _live_client(integration.platform)
    if client is None:
        raise Rejected(
            f"Publishing to {integration.platform} is not available yet outside a sandbox workspace.",
            code="platform_not_available",
        )
    return client
