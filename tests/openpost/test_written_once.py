"""Queries whose SQL is written once (openpost/written_once.py)."""

import uuid

import pytest

from integrations.models import Integration, Workspace
from openpost.written_once import WrittenOnce
from tests import builders

BY_PLATFORM = WrittenOnce(
    lambda workspace_id, platform: (
        Integration.objects.filter(workspace=workspace_id, status="active")
        .select_related("workspace")
        .defer("credentials")
        .filter(platform=platform)
    ),
    uuid.UUID(int=1),
    "a platform",
)


@pytest.mark.django_db
def test_it_gives_the_rows_that_the_queryset_would_each_time_for_other_values() -> None:
    one, other = builders.workspace(name="One"), builders.workspace(name="Other")
    for workspace in (one, other, one):
        for platform in ("twitter", "bluesky"):
            (found,) = BY_PLATFORM(workspace.id, platform)
            assert found == builders.account(workspace, platform)
            assert found.workspace.name == workspace.name
            assert found.get_deferred_fields() == {"credentials"}
    assert BY_PLATFORM(one.id, "nowhere") == []


@pytest.mark.django_db
def test_it_refuses_an_example_that_is_nowhere_in_the_query() -> None:
    with pytest.raises(ValueError, match="not among"):
        WrittenOnce(lambda name: Workspace.objects.all(), "somebody")("x")
