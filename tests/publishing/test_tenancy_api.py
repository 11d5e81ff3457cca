"""Who gets where by API: every address there is, with ids of another workspace, answers as with ids of nothing.

Nothing here names an address: they are those of the API's description, which a test holds to the URLconf. What names a
new kind of id fails here until it is said where such ids are found.
"""

import itertools
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from integrations.models import Workspace
from publishing.export import TABLES
from tests import builders
from tests.builders import ApiClient
from tests.openpost.described import document

from .fullhouse import fill

pytestmark = pytest.mark.django_db

#: What an address may name by an id, and one of a workspace's.
IDS: dict[str, Callable[[Workspace], Any]] = {
    "key_id": lambda it: it.api_keys.latest("created_at").id,
    "webhook_id": lambda it: it.webhooks.get().id,
    "delivery_id": lambda it: it.webhooks.get().deliveries.get().id,
    "integration_id": lambda it: builders.account(it).id,
    "media_id": lambda it: it.media.get().id,
    "post_id": lambda it: it.posts.get(content="refused").id,
    "target_id": lambda it: it.posts.get(content="refused").targets.get().id,
    "group_id": lambda it: it.posts.get(content="of a group").group_id,
}
#: Bodies with which something would happen, were it ours.
BODIES: tuple[dict[str, Any], ...] = (
    {},
    {"content": "changed", "alt_text": "changed", "name": "changed", "description": "changed", "published": False},
)


def furnish(settings: Any, folder: Any, name: str) -> Workspace:
    settings.MEDIA_ROOT = folder
    made = builders.workspace(name=name)
    fill(made)
    builders.post(made, "of a group", group_id=uuid.uuid4())
    return made


@pytest.fixture
def mine(settings: Any, tmp_path: Any) -> Workspace:
    return furnish(settings, tmp_path, "Ours")


@pytest.fixture
def other(settings: Any, tmp_path: Any) -> Workspace:
    return furnish(settings, tmp_path, "Theirs")


@pytest.fixture
def stranger(mine: Workspace) -> ApiClient:
    return builders.client(mine, "read", "write", "admin")


def calls() -> Iterator[tuple[str, str, list[str]]]:
    """Every call that names something by its id: method, address, the names of its ids."""
    for path, methods in document()["paths"].items():
        names = re.findall(r"{(\w+)}", path)
        if names and names != ["platform"]:
            yield from ((method, path, names) for method in methods)


def everything(workspace: Workspace) -> dict[str, list[Any]]:
    rows = {table.name: table.model._default_manager.filter(**{table.path: workspace.id}) for table in TABLES}
    return {name: list(one.order_by("pk").values()) for name, one in rows.items()}


def said(client: ApiClient, method: str, address: str, body: dict[str, Any], ids: list[Any]) -> tuple[int, str]:
    """The answer, without what differs from call to call."""
    asked = {"data": body} if method in ("post", "patch") else {}
    answer = getattr(client, method)(address, **asked)
    text = answer.content.decode().replace(answer.get("X-Request-Id", ""), "")
    for one in ids:
        text = text.replace(str(one), "<id>")
    return answer.status_code, text


def test_another_workspaces_ids_answer_as_those_of_nothing(
    mine: Workspace, other: Workspace, stranger: ApiClient
) -> None:
    before, walked = everything(other), 0
    for method, path, names in calls():
        for whose in itertools.product((mine, other), repeat=len(names)):
            if other not in whose:
                continue
            there = [IDS[name](one) for name, one in zip(names, whose, strict=True)]
            nowhere = [uuid.uuid4() if one is other else id_ for id_, one in zip(there, whose, strict=True)]
            for body in BODIES:
                theirs, nothing = (
                    said(stranger, method, path.format(**dict(zip(names, ids, strict=True))), body, ids)
                    for ids in (there, nowhere)
                )
                assert theirs == nothing, (method, path, body)
                assert theirs[0] in (400, 404) or path == "/v1/posts/group/{group_id}", (method, path, theirs)
                assert "Theirs" not in theirs[1]
                walked += 1
    assert walked > 50
    assert everything(other) == before


@pytest.mark.parametrize("field", ["integrations", "media_ids"])
def test_nothing_of_another_workspace_stands_in_a_post_of_ours(
    mine: Workspace, other: Workspace, stranger: ApiClient, field: str
) -> None:
    there, nowhere = IDS[{"integrations": "integration_id", "media_ids": "media_id"}[field]](other), uuid.uuid4()
    before = everything(other)
    answers = []
    for one in (there, nowhere):
        body = {"content": "hello", "platforms": [] if field == "integrations" else ["twitter"], field: [str(one)]}
        answers.append(said(stranger, "post", "/v1/posts", body, [one]))

    assert answers[0] == answers[1]
    assert answers[0][0] in (400, 404)
    assert everything(other) == before


def test_no_list_shows_another_workspace(mine: Workspace, other: Workspace, stranger: ApiClient) -> None:
    theirs = {str(row["id"]) for rows in everything(other).values() for row in rows}
    lists = [path for path, methods in document()["paths"].items() if "get" in methods and "{" not in path]
    assert len(lists) >= 6
    for path in lists:
        answer = stranger.get(path)
        assert answer.status_code == 200, path
        found = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", answer.content.decode()))
        assert found & theirs == set(), path
