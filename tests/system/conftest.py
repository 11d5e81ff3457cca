import pytest

from tests.peers.pds import pds

from .running import seed, stack
from .stack import Program, Stack

__all__ = ["pds", "seed", "stack"]


@pytest.fixture
def program(stack: Stack) -> Program:
    """A program with a key of the sandbox workspace."""
    return Program(stack.url, stack.key)
