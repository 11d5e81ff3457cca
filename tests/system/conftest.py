from collections.abc import Iterator

import pytest

from .stack import Program, Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("stack"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def program(stack: Stack) -> Program:
    """A program with a key of the sandbox workspace."""
    return Program(stack.url, stack.key)
