"""ETag, If-Match and If-None-Match of one post."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db

OLD = '"0123456789abcdef0123456789abcdef"'


def test_it_gives_the_same_etag_wherever_a_post_is_shown_and_another_when_it_changes() -> None:
    client = builders.client(builders.workspace())
    made = client.post("/v1/posts", {"content": "Hello", "platforms": ["twitter"]})
    path = f"/v1/posts/{made.json()['data']['id']}"

    assert client.get(path)["ETag"] == client.get(path)["ETag"] == made["ETag"]
    changed = client.patch(path, {"content": "Other"})
    assert changed["ETag"] == client.get(path)["ETag"] != made["ETag"]


def test_it_gives_another_etag_when_a_target_moves() -> None:
    workspace = builders.workspace()
    target = builders.due(workspace)
    client, path = builders.client(workspace), f"/v1/posts/{target.post_id}"
    before = client.get(path)["ETag"]

    builders.go_live(target)

    assert client.get(path)["ETag"] != before


@pytest.mark.parametrize("named", ["{etag}", "W/{etag}", '"other", {etag}', "*"])
def test_it_sends_no_body_again_to_whoever_has_it(named: str) -> None:
    workspace = builders.workspace()
    client, path = builders.client(workspace), f"/v1/posts/{builders.post(workspace).id}"
    etag = client.get(path)["ETag"]

    again = client.get(path, headers={"If-None-Match": named.format(etag=etag)})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize("named", [OLD, "nonsense", ""])
def test_it_sends_the_body_to_whoever_has_another(named: str) -> None:
    workspace = builders.workspace()
    client, path = builders.client(workspace), f"/v1/posts/{builders.post(workspace).id}"

    assert client.get(path, headers={"If-None-Match": named}).json()["data"]["content"] == "Hello world"


VERBS: dict[str, Callable[[builders.ApiClient, str, dict[str, str]], Any]] = {
    "patch": lambda client, path, headers: client.patch(path, {"content": "Other"}, headers=headers),
    "publish": lambda client, path, headers: client.post(f"{path}/publish", headers=headers),
    "cancel": lambda client, path, headers: client.post(f"{path}/cancel", headers=headers),
    "delete": lambda client, path, headers: client.delete(path, headers=headers),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("named", ["{etag}", '"other", {etag}', "*"])
def test_it_does_what_is_asked_of_the_post_as_it_was_seen(verb: str, named: str) -> None:
    workspace = builders.workspace()
    client, path = builders.client(workspace), f"/v1/posts/{builders.post(workspace, at=builders.soon()).id}"
    etag = client.get(path)["ETag"]

    assert VERBS[verb](client, path, {"If-Match": named.format(etag=etag)}).status_code < 300


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("named", [OLD, "W/{etag}", "nonsense", "", "**"])
def test_it_changes_nothing_of_a_post_that_was_not_seen(verb: str, named: str) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, at=builders.soon())
    client, path = builders.client(workspace), f"/v1/posts/{post.id}"
    etag = client.get(path)["ETag"]

    body = builders.error(VERBS[verb](client, path, {"If-Match": named.format(etag=etag)}), 412)

    assert (body["code"], body["field"]) == ("precondition_failed", "If-Match")
    assert client.get(path)["ETag"] == etag


@pytest.mark.parametrize("verb", VERBS)
def test_it_shows_a_stranger_nothing_by_it(verb: str) -> None:
    path = f"/v1/posts/{builders.post(builders.workspace()).id}"

    builders.error(VERBS[verb](builders.stranger(), path, {"If-Match": "*"}), 404)


def test_it_answers_412_to_a_get_in_the_one_shape() -> None:
    workspace = builders.workspace()
    path = f"/v1/posts/{builders.post(workspace).id}"

    body = builders.error(builders.client(workspace).get(path, headers={"If-Match": OLD}), 412)

    assert body["code"] == "precondition_failed"


@pytest.mark.django_db(transaction=True)
def test_it_lets_one_of_many_who_saw_the_same_post_change_it() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)
    headers = {"Authorization": f"Bearer {builders.api_key(workspace)}"}
    etag = builders.ApiClient(headers=headers).get(f"/v1/posts/{post.id}")["ETag"]
    begin = Barrier(8)

    def one(number: int) -> Any:
        try:
            client = builders.ApiClient(headers=headers)
            begin.wait()
            return client.patch(f"/v1/posts/{post.id}", {"content": f"By {number}"}, headers={"If-Match": etag})
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))

    (won,) = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers if answer is not won} == {412}
    assert Post.objects.get().content == won.json()["data"]["content"]


@pytest.mark.django_db(transaction=True)
def test_it_changes_nothing_when_a_worker_was_quicker() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, at=timezone.now())
    client, path = builders.client(workspace), f"/v1/posts/{post.id}"
    etag = client.get(path)["ETag"]
    builders.claimed(builders.target(post))

    builders.error(client.delete(path, headers={"If-Match": etag}), 412)

    assert Post.objects.filter(id=post.id).exists()


@pytest.mark.parametrize("at", [None, builders.soon()], ids=["draft", "scheduled"])
def test_it_is_the_same_after_a_change_that_changes_nothing(at: datetime | None) -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, "Hello", at=at, tags=["a"], overrides={"twitter": "Hi"})
    client, path = builders.client(workspace), f"/v1/posts/{post.id}"
    before = client.get(path)

    for nothing in ({}, {"content": "Hello", "tags": ["a"]}, {"platforms": ["x"], "platform_overrides": {"x": "Hi"}}):
        answer = client.patch(path, nothing, headers={"If-Match": before["ETag"]})
        assert answer.status_code == 200
        assert (answer["ETag"], answer.json()) == (before["ETag"], before.json())
    assert client.patch(path, {"tags": ["b"]})["ETag"] != before["ETag"]
