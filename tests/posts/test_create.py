"""POST /v1/posts: what is made of content, tags, group and platforms."""

import uuid
from typing import Any

import pytest

from posts import checking
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db


def create(client: builders.ApiClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/posts", {"content": "Hello world", "platforms": ["twitter"], **fields})
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()["data"]
    return made


def refused(client: builders.ApiClient, **fields: Any) -> dict[str, Any]:
    """The 400 for a post with these fields; nothing may have been stored."""
    before = Post.objects.count()
    body = builders.error(client.post("/v1/posts", {"content": "Hello world", "platforms": ["twitter"], **fields}))
    assert Post.objects.count() == before
    return body


def test_it_saves_a_draft_without_a_time() -> None:
    workspace = builders.workspace()

    made = create(builders.client(workspace), platforms=["bluesky", "twitter"], tags=["launch", "x"])

    assert (made["status"], made["scheduled_at"], made["published_at"]) == ("draft", None, None)
    assert made["tags"] == ["launch", "x"]
    assert [one["integrations"]["platform"] for one in made["post_targets"]] == ["bluesky", "twitter"]
    post = Post.objects.get(id=made["id"])
    assert post.workspace == workspace
    assert set(post.targets.values_list("status", "due_at")) == {("pending", None)}


def test_it_makes_nothing_that_a_stranger_sees() -> None:
    made = create(builders.client(builders.workspace()))

    builders.error(builders.stranger().get(f"/v1/posts/{made['id']}"), 404)


def test_it_keeps_the_text_byte_for_byte() -> None:
    text = "  \tÄ\r\n𝔘 👩‍👩‍👧‍👦 e\u0301 \u200b <b>&amp;</b> \U0010ffff \n\n "

    assert create(builders.client(builders.workspace()), content=text)["content"] == text


@pytest.mark.parametrize("missing", ["content", "platforms"])
def test_it_requires_content_and_platforms(missing: str) -> None:
    client = builders.client(builders.workspace())
    fields = {"content": "Hello", "platforms": ["twitter"]}
    del fields[missing]

    body = builders.error(client.post("/v1/posts", fields))

    assert (body["code"], body["field"]) == ("field_required", f"/{missing}")


def test_it_names_every_field_that_is_wrong() -> None:
    body = refused(builders.client(builders.workspace()), content=1, tags="launch", group_id="x")

    assert {fault["field"] for fault in body["details"]} == {"/content", "/tags", "/group_id"}
    assert body["error"] == body["details"][0]["error"]


def values(*these: Any) -> tuple[Any, ...]:
    return these


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        *[("content", value, "/content") for value in values(None, 1, 1.5, True, [], ["a"], {}, {"a": 1})],
        *[("platforms", value, "/platforms") for value in values(None, "twitter", 1, True, {}, {"twitter": True})],
        *[("platforms", [value], "/platforms/0") for value in values(None, 1, True, [], {})],
        *[("integrations", value, "/integrations") for value in values(None, "x", 1, {})],
        *[("integrations", [value], "/integrations/0") for value in values(None, 1, "x", [], {})],
        *[("schedule_at", value, "/schedule_at") for value in values(1, 1777777777, True, [], {}, "tomorrow", "")],
        *[("scheduled_at", value, "/scheduled_at") for value in values(1, "2026-13-01T00:00:00Z", "24:00")],
        *[("tags", value, "/tags") for value in values(None, "launch", 1, {})],
        *[("tags", ["a", value], "/tags/1") for value in values(None, 1, "", [], "x" * 101)],
        ("tags", ["a"] * 51, "/tags"),
        *[("platform_overrides", value, "/platform_overrides") for value in values(None, "x", 1, [])],
        *[
            ("platform_overrides", {"twitter": value}, "/platform_overrides/twitter")
            for value in values(None, 1, [], {})
        ],
        *[("platform_settings", value, "/platform_settings") for value in values(None, "x", 1, [])],
        *[
            ("platform_settings", {"twitter": value}, "/platform_settings/twitter")
            for value in values(None, 1, [], "x")
        ],
        *[("group_id", value, "/group_id") for value in values(1, "x", True, [], {}, "")],
        *[("status", value, "/status") for value in values(None, 1, True, [], {}, "", "published", "Draft")],
    ],
)
def test_it_refuses_a_wrong_type_and_names_the_field(field: str, value: Any, pointer: str) -> None:
    body = refused(builders.client(builders.workspace()), **{field: value})

    assert body["field"] == pointer


def test_it_keeps_a_group_id_free_to_choose() -> None:
    group = str(uuid.uuid4())

    assert create(builders.client(builders.workspace()), group_id=group)["group_id"] == group


def test_it_warns_of_fields_it_does_not_know() -> None:
    made = create(builders.client(builders.workspace()), colour="red")

    assert [(one["code"], one["field"]) for one in made["warnings"]] == [("field_ignored", "/colour")]


def test_it_names_the_first_fields_it_does_not_know_and_counts_the_rest() -> None:
    paths = [("n" * 101,), *((str(number),) for number in range(999))]

    warnings = checking.unknown_fields(paths)

    assert [one["field"] for one in warnings] == ["/" + "n" * 99 + "…", *(f"/{index}" for index in range(18)), ""]
    assert warnings[0]["message"] == "There is no field " + "n" * 99 + "…."
    assert warnings[-1]["message"] == "… and 981 more."
    assert len(checking.unknown_fields(paths[:20])) == 20


# Which accounts -----------------------------------------------------------------------------------------------------


def platforms_of(made: dict[str, Any]) -> list[str]:
    return [one["integrations"]["platform"] for one in made["post_targets"]]


def test_it_takes_x_for_twitter() -> None:
    client = builders.client(builders.workspace())

    made = create(
        client,
        platforms=["x"],
        platform_overrides={"x": "For X"},
        platform_settings={"x": {"who_can_reply": "following"}},
    )

    assert platforms_of(made) == ["twitter"]
    assert made["platform_overrides"] == {"twitter": "For X"}
    assert made["platform_settings"] == {"twitter": {"who_can_reply": "following"}}


def test_it_takes_a_platform_named_twice_once() -> None:
    client = builders.client(builders.workspace())

    assert platforms_of(create(client, platforms=["twitter", "x", "bluesky", "twitter"])) == ["twitter", "bluesky"]


@pytest.mark.parametrize("name", ["myspace", "", "twit ter"])
def test_it_refuses_an_unknown_platform(name: str) -> None:
    body = refused(builders.client(builders.workspace()), platforms=["twitter", name])

    assert body["field"] == "/platforms/1"
    assert body["error"]


def test_it_names_an_unconnected_platform_and_lists_what_is_connected() -> None:
    workspace = builders.workspace("live")
    builders.integration(workspace, "twitter")
    builders.integration(workspace, "mastodon")

    body = refused(builders.client(workspace), platforms=["twitter", "bluesky"])

    assert (body["code"], body["field"]) == ("platform_not_connected", "/platforms/1")
    assert body["connected"] == ["mastodon", "twitter"]
    assert "bluesky" in body["error"]
    assert "mastodon, twitter" in body["error"]


def test_it_says_so_when_nothing_is_connected() -> None:
    body = refused(builders.client(builders.workspace("live")))

    assert body["connected"] == []
    assert "none" in body["error"]


def test_it_does_not_use_another_workspaces_account() -> None:
    workspace = builders.workspace("live")
    foreign = builders.integration(builders.workspace("live"), "twitter")

    body = refused(builders.client(workspace), platforms=[], integrations=[str(foreign.id)])
    unknown = refused(builders.client(workspace), platforms=[], integrations=[str(uuid.uuid4())])

    assert body["code"] == unknown["code"] == "integration_not_found"
    assert body["field"] == "/integrations/0"
    assert foreign.username not in str(body)


@pytest.mark.parametrize("status", ["needs_refresh", "disconnected"])
def test_it_refuses_an_account_that_must_be_connected_again(status: str) -> None:
    workspace = builders.workspace("live")
    account = builders.integration(workspace, "twitter", status=status)
    client = builders.client(workspace)

    by_name = refused(client)
    by_id = refused(client, platforms=[], integrations=[str(account.id)])

    assert (by_name["code"], by_name["field"]) == ("integration_not_active", "/platforms/0")
    assert (by_id["code"], by_id["field"]) == ("integration_not_active", "/integrations/0")


def test_it_asks_which_account_is_meant_when_a_name_fits_several() -> None:
    workspace = builders.workspace("live")
    ids = [str(builders.integration(workspace, "twitter").id) for _ in range(2)]
    builders.integration(workspace, "twitter", status="disconnected")

    body = refused(builders.client(workspace))

    assert (body["code"], body["field"]) == ("platform_ambiguous", "/platforms/0")
    assert body["integrations"] == ids
    assert all(one in body["error"] for one in ids)


def test_it_takes_integrations_in_place_of_and_beside_platforms() -> None:
    workspace = builders.workspace("live")
    first, second = (builders.integration(workspace, "twitter") for _ in range(2))
    bluesky = builders.integration(workspace, "bluesky")
    client = builders.client(workspace)

    def accounts(**fields: Any) -> list[str]:
        return [one["integrations"]["id"] for one in create(client, **fields)["post_targets"]]

    ids = [str(first.id), str(second.id)]
    assert accounts(platforms=[], integrations=ids) == ids
    assert accounts(platforms=["bluesky"], integrations=[ids[1]]) == [str(bluesky.id), ids[1]]
    assert accounts(platforms=["twitter"], integrations=[ids[1]]) == [ids[1]]
    answer = client.post("/v1/posts", {"content": "Hello", "integrations": ids})
    assert answer.status_code == 201


def test_it_requires_one_account_at_least() -> None:
    body = refused(builders.client(builders.workspace()), platforms=[], integrations=[])

    assert (body["code"], body["field"]) == ("field_required", "/platforms")


# Overrides ----------------------------------------------------------------------------------------------------------


def test_it_keeps_another_text_per_platform() -> None:
    client = builders.client(builders.workspace())

    made = create(client, platforms=["twitter", "bluesky"], platform_overrides={"bluesky": "On Bluesky"})

    assert made["platform_overrides"] == {"bluesky": "On Bluesky"}
    post = Post.objects.get(id=made["id"])
    assert (post.text_for("twitter"), post.text_for("bluesky")) == ("Hello world", "On Bluesky")


@pytest.mark.parametrize("name", ["bluesky", "myspace", "", "a/b~c"])
def test_it_refuses_a_text_for_a_platform_the_post_does_not_go_to(name: str) -> None:
    body = refused(builders.client(builders.workspace()), platform_overrides={name: "Hello"})

    assert body["code"] == "override_without_target"
    assert body["field"] == f"/platform_overrides/{name}".replace("a/b~c", "a~1b~0c")


@pytest.mark.parametrize("name", ["Twitter", "X", "x", "TWITTER"])
def test_it_knows_a_platform_in_any_case_and_by_its_alias(name: str) -> None:
    workspace = builders.workspace()
    answer = builders.client(workspace).post("/v1/posts", {"content": "Hello", "platforms": [name]})
    assert answer.status_code == 201
    assert answer.json()["data"]["post_targets"][0]["integrations"]["platform"] == "twitter"
