"""Connecting accounts, and refusing those of platforms nothing here speaks to."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from integrations.connect import CannotConnect, connect
from integrations.models import Integration, IntegrationStatus
from integrations.platforms import registry
from integrations.platforms.connecting import Connection, Tokens
from tests import builders

pytestmark = pytest.mark.django_db

SPOKEN = [name for name, rules in registry.PLATFORMS.items() if rules.client]
UNSPOKEN = [name for name, rules in registry.PLATFORMS.items() if not rules.client]


def connection(username: str = "alice") -> Connection:
    return Connection("remote-1", username, "Alice", Tokens({"access_token": "one"}, None))


@pytest.mark.parametrize("platform", UNSPOKEN)
def test_a_platform_without_a_client_cannot_be_connected_and_says_so(platform: str) -> None:
    with pytest.raises(CannotConnect, match="cannot be connected yet"):
        connect(workspace=builders.workspace("live"), platform=platform, connection=connection(), now=timezone.now())
    with pytest.raises(CommandError, match="cannot be connected yet"):
        call_command("connect", platform)
    assert not Integration.objects.filter(workspace__mode="live").exists()


@pytest.mark.parametrize("platform", SPOKEN)
def test_connecting_again_keeps_the_account_and_its_posts(platform: str) -> None:
    workspace = builders.workspace("live")
    first = connect(workspace=workspace, platform=platform, connection=connection(), now=timezone.now())
    post = builders.post(workspace, platforms=[platform])
    Integration.objects.update(status=IntegrationStatus.NEEDS_REFRESH, status_reason="Revoked.")
    again = connect(workspace=workspace, platform=platform, connection=connection("alice2"), now=timezone.now())
    again.refresh_from_db()
    assert (again.id, again.username, again.status, again.status_reason) == (first.id, "alice2", "active", "")
    assert post.targets.get().integration_id == first.id
