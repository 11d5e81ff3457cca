"""Who is in most stories of admin: a plugin of tests/conftest.py."""

import pytest
from django.contrib.auth.models import User

from integrations.models import Role, Workspace

from . import builders


@pytest.fixture
def ours() -> Workspace:
    """A sandbox workspace."""
    return builders.workspace(name="Ours")


@pytest.fixture
def ann(ours: Workspace) -> User:
    """An editor of ours, unless the tests at hand say otherwise."""
    return builders.member(ours, Role.EDITOR)
