"""What an operator does in the shell before anything else: a workspace, and a key of it."""

import pytest
from django.core.management import CommandError, call_command

from integrations.models import Workspace
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("how", "mode"), [([], "live"), (["--sandbox"], "sandbox")])
def test_it_makes_a_workspace_and_a_key_that_works(
    capsys: pytest.CaptureFixture[str], how: list[str], mode: str
) -> None:
    call_command("create_workspace", "Acme", *how)
    call_command("create_key", "Acme")

    workspace_id, *_, key = capsys.readouterr().out.split()
    said = builders.ApiClient(headers={"Authorization": f"Bearer {key}"}).get("/v1/me").json()["data"]
    assert said["workspace"] == {"id": workspace_id, "name": "Acme", "mode": mode}


def test_it_makes_no_second_workspace_of_a_name() -> None:
    call_command("create_workspace", "Acme")
    with pytest.raises(CommandError, match="called Acme already"):
        call_command("create_workspace", "Acme")
    assert Workspace.objects.count() == 1
