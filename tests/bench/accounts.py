"""The accounts that a measurement publishes from."""

from django.utils import timezone

from integrations.models import Integration
from tests import builders

ACCOUNTS = 50


def make_accounts(platform: str, url: str) -> None:
    """This will connect ACCOUNTS accounts whose platform is the stub. Runs in the seeder."""
    credentials = {
        "twitter": {"access_token": "token", "refresh_token": "", "scope": "tweet.write"},
        "bluesky": {"service": url, "access_jwt": "token", "refresh_jwt": ""},
    }[platform]
    workspace = builders.workspace("live")
    for number in range(ACCOUNTS):
        Integration.objects.create(
            workspace=workspace,
            platform=platform,
            remote_id=f"did:plc:bench{number:019d}",
            username=f"{platform}{number}.test",
            credentials=credentials,
            avatar_due_at=None,
            connected_at=timezone.now(),
        )
