"""Servers that somebody has named hold few threads of the web process, whatever they do."""

from contextlib import ExitStack

import pytest

from integrations import asking
from integrations.connect import disconnect
from integrations.models import Integration
from integrations.platforms.errors import NotNow
from tests import builders
from tests.integrations.platforms.bluesky.doubles import Says, answering
from tests.integrations.platforms.bluesky.people import NOW, session

pytestmark = pytest.mark.django_db

CONNECT = "/v1/integrations/bluesky/connect"


def test_one_server_is_asked_at_a_time_for_a_workspace() -> None:
    workspace = builders.workspace("live")
    with answering(Says(body=session())) as server:
        said = {"identifier": "ann.test", "password": "x", "service": server.base_url}
        with asking.place(workspace.id):
            answer = builders.client(workspace).post(CONNECT, said)
            assert builders.error(answer, 429)["code"] == "rate_limited"
            assert int(answer["Retry-After"]) > 0
            assert server.asked == []

            assert builders.client(builders.workspace("live")).post(CONNECT, said).status_code == 201
        assert builders.client(workspace).post(CONNECT, said).status_code == 201


def test_few_servers_are_asked_at_a_time_for_all() -> None:
    with ExitStack() as places:
        for _ in range(asking.AT_ONCE):
            places.enter_context(asking.place(builders.workspace().id))

        with pytest.raises(NotNow), asking.place(builders.workspace().id):
            pass
    with asking.place(builders.workspace().id):
        pass


def test_an_account_is_let_go_of_without_asking_when_others_are_asked() -> None:
    workspace = builders.workspace("live")
    with answering(Says(body=session()), Says(body={})) as server:
        said = {"identifier": "ann.test", "password": "x", "service": server.base_url}
        builders.client(workspace).post(CONNECT, said)
        with asking.place(workspace.id):
            assert disconnect(integration=Integration.objects.get(), by="Ann", now=NOW) is False

    assert len(server.asked) == 1
    assert Integration.objects.get().credentials == {}
