"""Standing in line is not failing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.models import Integration
from posts.models import TargetStatus
from publishing import retry
from publishing.models import Attempt
from tests import builders

from .engine import ScriptedClient, step

pytestmark = pytest.mark.django_db


def test_waiting_for_another_workers_refresh_never_fails_a_post(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    now = timezone.now()
    Integration.objects.update(token_expires_at=now, refresh_lease_until=now + timedelta(minutes=1))
    for _ in range(retry.TRIES + 3):
        step(target)
    assert (target.status, target.failures, target.error_code) == (TargetStatus.PENDING, 0, "token_refreshing")
    assert not Attempt.objects.exists()
    Integration.objects.update(token_expires_at=None, refresh_lease_until=None)
    assert step(target).status == TargetStatus.PUBLISHED


def test_a_resting_account_is_not_asked(platform: ScriptedClient) -> None:
    target = builders.due(builders.workspace())
    until = timezone.now() + timedelta(minutes=5)
    Integration.objects.update(resting_until=until)
    step(target)
    assert (target.status, target.failures) == (TargetStatus.PENDING, 0)
    assert abs(target.due_at - until) < timedelta(minutes=1) if target.due_at else False
    assert platform.calls == []
