"""Asking a real server whether our session holds, as `manage.py doctor` does."""

from dataclasses import replace

import pytest
from django.utils import timezone

from integrations.platforms.bluesky.refreshing import check
from integrations.platforms.client import Account
from integrations.platforms.errors import Disconnected, NotNow

pytestmark = pytest.mark.peer


def test_it_says_nothing_of_a_session_that_holds(ann: Account) -> None:
    check(ann, now=timezone.now())


def test_it_says_when_the_session_is_another_accounts(ann: Account) -> None:
    with pytest.raises(Disconnected):
        check(replace(ann, remote_id="did:plc:somebodyelse"), now=timezone.now())


def test_it_says_when_the_server_refuses_the_session(ann: Account) -> None:
    with pytest.raises(NotNow) as refused:
        check(replace(ann, credentials={**ann.credentials, "access_jwt": "no token"}), now=timezone.now())
    assert refused.value.token_refused
