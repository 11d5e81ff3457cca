from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from openpost import clock

from .receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
    assert not receiver.refused, "all that was sent could be verified"


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    """Time that a test moves: this process's, and in place of PostgreSQL's."""
    monkeypatch.setattr(clock, "now", timezone.now)
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        yield traveller
