"""What is not known is refused or named, on every address alike: nothing that was said comes to nothing in silence."""

import uuid
from typing import Any

import pytest

from openpost.api.openapi.calls import Call
from openpost.api.openapi.generator import sections
from tests import builders
from tests.openpost.described import operations

pytestmark = pytest.mark.django_db

#: What answers with `warnings`, or with what it `ignored`, and does the rest.
FORGIVING = {"createPost", "updatePost", "validatePost", "fetchMedia", "uploadMedia", "updateMedia"}
#: Reads a table.
TABLES = {"importPosts"}


class World:
    """One of each thing, and a program that may do everything with them."""

    def __init__(self) -> None:
        self.workspace = builders.workspace()
        self.client = builders.client(self.workspace, "read", "write", "admin")
        self.post = builders.post(self.workspace, at=builders.soon(), group_id=uuid.uuid4())

    def ids(self) -> dict[str, Any]:
        key = self.client.get("/v1/keys").json()["data"][0]["id"]
        webhook = self.client.post("/v1/webhooks", {"url": "https://93.184.215.14/"}).json()["data"]["id"]
        return {
            "post_id": self.post.id,
            "group_id": self.post.group_id,
            "target_id": builders.target(self.post).id,
            "integration_id": builders.account(self.workspace).id,
            "media_id": builders.media(self.workspace).id,
            "platform": "bluesky",
            "key_id": key,
            "webhook_id": webhook,
            "delivery_id": self.client.post(f"/v1/webhooks/{webhook}/test").json()["data"]["id"],
        }


@pytest.fixture
def world() -> World:
    return World()


def addresses(world: World, *methods: str) -> list[tuple[str, str, str]]:
    """Each operation with one of these methods: its name, its method, and its address with ids in it."""
    ids = world.ids()
    found = []
    for pattern, method, operation in operations():
        if method in methods:
            path = pattern.pattern.removesuffix("/*").replace(r"\.", ".")
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    path = path.replace("[^/]+", str(ids[parameter["name"]]), 1)
            found.append((operation["operationId"], method.lower(), path))
    return found


def test_it_refuses_a_field_that_does_not_exist_on_every_address_that_does_not_warn(world: World) -> None:
    asked = []
    for name, method, path in addresses(world, "POST", "PATCH"):
        if name not in FORGIVING | TABLES:
            answer = builders.error(getattr(world.client, method)(path, {"zzz": 1}))
            assert (name, answer["code"], answer["field"]) == (name, "unknown_field", "/zzz")
            asked.append(name)

    assert {"publishPost", "cancelPost", "createGroup", "rotateKey", "connectIntegration", "testWebhook"} <= set(asked)
    world.post.refresh_from_db()
    assert world.post.status == "scheduled"


def test_it_lists_the_fields_there_are_and_all_else_that_is_wrong() -> None:
    client = builders.client(builders.workspace(), "admin")

    answer = builders.error(client.post("/v1/keys", {"nmae": "A", "scope": ["read"]}))

    assert answer["error"] == "nmae is no field here; there are name, scopes, expires_at."
    assert [(one["code"], one["field"]) for one in answer["details"]] == [
        ("unknown_field", "/nmae"),
        ("unknown_field", "/scope"),
        ("field_required", "/name"),
    ]


def test_it_does_not_publish_at_once_what_somebody_gives_a_time() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)

    answer = builders.client(workspace).post(f"/v1/posts/{post.id}/publish", {"schedule_at": "2030-01-01T00:00:00Z"})

    assert builders.error(answer)["error"] == "schedule_at is no field here; there are none."
    post.refresh_from_db()
    assert post.status == "draft"


@pytest.mark.parametrize("body", ["", "{}"])
def test_it_takes_no_body_or_an_empty_one_where_none_is_needed(body: str) -> None:
    workspace = builders.workspace()

    answer = builders.client(workspace).post(f"/v1/posts/{builders.post(workspace).id}/publish", body)

    assert answer.status_code == 202


@pytest.mark.parametrize("body", ["[]", '"x"', "null", "1"])
def test_it_refuses_a_body_that_is_no_object_where_none_is_needed(body: str) -> None:
    workspace = builders.workspace()

    answer = builders.client(workspace).post(f"/v1/posts/{builders.post(workspace).id}/publish", body)

    assert builders.error(answer)["error"] == "The body must be a JSON object."


def test_it_warns_of_a_field_where_it_can() -> None:
    answer = builders.client(builders.workspace()).post(
        "/v1/posts", {"content": "Hello", "platforms": ["twitter"], "zzz": 1}
    )

    assert answer.status_code == 201
    assert [(one["code"], one["field"]) for one in answer.json()["data"]["warnings"]] == [("field_ignored", "/zzz")]


# Parameters ---------------------------------------------------------------------------------------------------------


def test_it_refuses_a_parameter_that_does_not_exist_on_every_address(world: World) -> None:
    for name, method, path in addresses(world, "GET", "POST", "PATCH", "DELETE"):
        answer = builders.error(getattr(world.client, method)(f"{path}?statsu=draft"))
        assert (name, answer["code"], answer["field"]) == (name, "unknown_parameter", "statsu")

    world.post.refresh_from_db()
    assert world.post.status == "scheduled"


def test_it_lists_the_parameters_there_are() -> None:
    client = builders.client(builders.workspace())

    lists = builders.error(client.get("/v1/posts?statsu=draft"))
    dry = builders.error(client.post("/v1/posts/import?dryrun=true", "content,platforms\nA,x\n", "text/csv"))

    known = "status, tag, platform, group_id, from, to, q, limit, cursor"
    assert lists["error"] == f"statsu is no parameter here; there are {known}."
    assert dry["error"] == "dryrun is no parameter here; there are dry_run."


@pytest.mark.parametrize(
    ("path", "name"),
    [("/v1/posts?status=draft&status=failed", "status"), ("/v1/events?type=post.failed&type=post.published", "type")],
)
def test_it_refuses_a_parameter_that_is_given_twice(path: str, name: str) -> None:
    answer = builders.error(builders.client(builders.workspace()).get(path))

    assert (answer["code"], answer["field"]) == ("named_twice", name)


def test_it_still_says_first_that_a_key_is_wrong_or_a_method_is_not_there() -> None:
    client = builders.client(builders.workspace())

    assert builders.error(builders.ApiClient().get("/v1/posts?zzz=1"), 401)
    assert builders.error(client.put("/v1/posts?zzz=1"), 405)


def test_it_knows_the_parameters_that_are_described() -> None:
    calls: list[tuple[Any, str, Call]] = [
        (kind, action, call)
        for section in sections()
        for kind, actions in section.calls.items()
        for action, call in actions.items()
    ]

    said = {call.name: [one.name for one in call.query] for *_, call in calls}
    known = {call.name: list(kind.parameters.get(action, ())) for kind, action, call in calls}
    assert known == said
