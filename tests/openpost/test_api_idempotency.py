"""`Idempotency-Key`: what is sent again does nothing twice."""

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings

from integrations.models import Scope, Workspace
from openpost.api import idempotency
from openpost.api.viewsets import ApiViewSet
from openpost.models import KeptAnswer
from openpost.views import no_such_endpoint
from posts.models import Post
from tests import builders

pytestmark = pytest.mark.django_db

BODY = {"content": "Hello world", "platforms": ["twitter"]}


def send(client: builders.ApiClient, key: str, body: Any = BODY, path: str = "/v1/posts", **extra: Any) -> Any:
    return client.post(path, body, headers={"Idempotency-Key": key}, **extra)


# The answer again ---------------------------------------------------------------------------------------------------


def test_it_repeats_the_first_answer_byte_for_byte_and_makes_one_post() -> None:
    client = builders.client(builders.workspace())

    first = send(client, "one")
    client.patch(f"/v1/posts/{first.json()['data']['id']}", {"content": "Other words"})
    again = send(client, "one")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert again["X-Request-Id"] != first["X-Request-Id"]
    assert Post.objects.count() == 1


def test_it_repeats_the_etag_of_the_first_answer_and_makes_none_up() -> None:
    client = builders.client(builders.workspace(), *Scope.values)

    posts, keys = (
        [send(client, key, body, path) for _ in range(2)]
        for key, body, path in (("a-post", BODY, "/v1/posts"), ("a-key", {"name": "Statistics"}, "/v1/keys"))
    )

    assert posts[0]["ETag"] == posts[1]["ETag"]
    assert client.get(f"/v1/posts/{posts[0].json()['data']['id']}")["ETag"] == posts[1]["ETag"]
    assert ["ETag" in answer for answer in keys] == [False, False]


def test_it_takes_the_same_json_written_otherwise_for_the_same() -> None:
    client = builders.client(builders.workspace())
    first = send(client, "one", '{"content": "é", "platforms": ["twitter"]}')

    again = send(client, "one", '{"platforms":["twitter"],"content":"\\u00e9"}', path="/v1/posts/")

    assert again.json() == first.json()


def test_it_makes_two_posts_under_two_keys_and_without_a_key() -> None:
    client = builders.client(builders.workspace())

    ids = {send(client, key).json()["data"]["id"] for key in ("one", "two")}
    ids |= {client.post("/v1/posts", BODY).json()["data"]["id"] for _ in range(2)}

    assert len(ids) == 4


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({**BODY, "content": "hello world"}, "/v1/posts"),
        ({**BODY, "tags": []}, "/v1/posts"),
        ([BODY], "/v1/posts"),
        (None, "/v1/posts"),
        (BODY, "/v1/posts/validate"),
    ],
)
def test_it_refuses_a_key_that_was_used_for_another_request(body: Any, path: str) -> None:
    client = builders.client(builders.workspace())
    send(client, "one")

    said = builders.error(send(client, "one", body, path), 409)

    assert (said["code"], said["field"]) == ("idempotency_key_reused", "Idempotency-Key")
    assert Post.objects.count() == 1


def test_it_belongs_to_the_workspace_whichever_of_its_keys_is_used() -> None:
    workspace = builders.workspace()
    first = send(builders.client(workspace), "one")

    assert send(builders.client(workspace), "one").json() == first.json()
    assert send(builders.stranger(), "one").json() != first.json()
    assert Post.objects.count() == 2


def test_it_forgets_a_refused_request() -> None:
    workspace = builders.workspace()
    client = builders.client(workspace)
    assert send(client, "one", {**BODY, "content": 7}).status_code == 400
    assert send(client, "one", "{").status_code == 400
    assert not KeptAnswer.objects.exists()

    assert send(client, "one").status_code == 201
    assert send(client, "one")["Idempotency-Replayed"] == "true"


def test_it_forgets_a_failure_of_ours_and_all_that_was_done_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    client = builders.client(builders.workspace())

    def break_down(*args: object, **kwargs: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr("posts.api.views.one_post", break_down)
        assert send(client, "one").status_code == 500
    assert (Post.objects.count(), KeptAnswer.objects.count()) == (0, 0)

    assert send(client, "one").status_code == 201


def test_it_asks_for_a_key_of_the_api_first() -> None:
    assert builders.error(send(builders.ApiClient(), "one"), 401)["code"] == "invalid_api_key"
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ä", "a\x7f", "a\tb"])
def test_it_refuses_a_key_that_is_none(key: str) -> None:
    said = builders.error(send(builders.client(builders.workspace()), key))

    assert (said["code"], said["field"]) == ("invalid_idempotency_key", "Idempotency-Key")


@pytest.mark.parametrize("key", ["1", '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "x" * 255, "'%_\\"])
def test_it_takes_any_key_of_printable_ascii(key: str) -> None:
    client = builders.client(builders.workspace())

    assert send(client, key).status_code == 201
    assert send(client, key)["Idempotency-Replayed"] == "true"


def test_it_means_nothing_to_other_methods() -> None:
    workspace = builders.workspace()
    post, client = builders.post(workspace), builders.client(workspace)
    headers = {"Idempotency-Key": "one"}

    for content in ("First", "Second"):
        answer = client.patch(f"/v1/posts/{post.id}", {"content": content}, headers=headers)
        assert answer.json()["data"]["content"] == content
    assert client.get("/v1/posts", headers=headers).status_code == 200
    assert client.delete(f"/v1/posts/{post.id}", headers=headers).status_code == 204
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize(("verb", "status"), [("publish", 202), ("cancel", 200), ("duplicate", 201)])
def test_it_does_every_verb_of_a_post_once(verb: str, status: int) -> None:
    workspace = builders.workspace()
    post, client = builders.post(workspace, at=builders.soon()), builders.client(workspace)
    first, again = (send(client, "one", None, f"/v1/posts/{post.id}/{verb}") for _ in range(2))

    assert (first.status_code, again.status_code) == (status, status)
    assert again.content == first.content
    assert Post.objects.count() == (2 if verb == "duplicate" else 1)


def test_it_keeps_no_secret_in_clear() -> None:
    send(builders.client(builders.workspace()), "one", {**BODY, "content": "a secret"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM openpost_keptanswer")
        assert "secret" not in cursor.fetchone()[0]


def test_it_says_when_the_answer_cannot_be_read_any_more(settings: Settings) -> None:
    client = builders.client(builders.workspace())
    send(client, "one")
    settings.CREDENTIAL_KEYS = ["2:" + "A" * 43 + "="]

    assert builders.error(send(client, "one"), 409)["code"] == "idempotency_answer_unreadable"
    assert Post.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [({}, "one_answer_per_idempotency_key"), ({"key": "two", "status": 400}, "only_answers_to_what_was_done_are_kept")],
)
def test_it_is_refused_what_must_not_be_kept(fields: dict[str, Any], constraint: str) -> None:
    send(builders.client(builders.workspace()), "one")
    kept = KeptAnswer.objects.get()
    for name, value in {"id": None, **fields}.items():
        setattr(kept, name, value)

    with pytest.raises(IntegrityError, match=constraint):
        kept.save(force_insert=True)


# Every address ------------------------------------------------------------------------------------------------------


def views(patterns: list[Any] | None = None, above: str = "") -> Iterator[tuple[str, Any]]:
    """Every address under /v1 and its view."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, address)
        elif isinstance(pattern, URLPattern) and address.startswith("v1/"):
            yield address, pattern.callback


def test_it_holds_for_every_view_that_takes_a_post() -> None:
    takes_post = {address: view.cls for address, view in views() if "post" in getattr(view, "actions", ())}

    assert {"v1/posts", "v1/posts/validate", "v1/posts/<str:post_id>/publish"} <= set(takes_post)
    assert {address: cls for address, cls in takes_post.items() if not issubclass(cls, ApiViewSet)} == {}


def test_it_is_kept_in_mind_by_every_view_that_reaches_over_the_network_first() -> None:
    sources = {
        address: Path(inspect.getfile(view.cls)).read_text()
        for address, view in views()
        if getattr(view, "actions", {}).get("post") in getattr(view.cls, "network_first", [None])
    }

    assert "v1/integrations/<str:platform>/connect" in sources
    assert [address for address, source in sources.items() if "idempotency.once(" not in source] == []


def test_it_knows_the_actions_of_every_view() -> None:
    assert [address for address, view in views() if not hasattr(view, "actions") and view is not no_such_endpoint] == []


# At the same time ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_it_makes_exactly_one_post_of_20_equal_requests_at_once() -> None:
    workspace = builders.workspace()
    client_headers = {"Authorization": f"Bearer {builders.api_key(workspace)}"}
    begin = Barrier(20)

    def one(_: int) -> Any:
        try:
            client = builders.ApiClient(headers=client_headers)
            begin.wait()
            return send(client, "one")
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(one, range(20)))

    assert Post.objects.count() == 1
    made = [answer for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code != 201]
    assert len([answer for answer in made if "Idempotency-Replayed" not in answer]) == 1
    assert {answer.content for answer in made} == {made[0].content}
    for answer in refused:
        assert builders.error(answer, 409)["code"] == "idempotency_key_in_use"
        assert answer["Retry-After"] == "1"


@pytest.mark.django_db(transaction=True)
def test_it_lets_other_keys_pass_while_one_is_in_use() -> None:
    workspace, other = builders.workspace(), builders.workspace()
    clients = builders.client(workspace), builders.client(other)

    def elsewhere() -> list[int]:
        try:
            return [
                send(clients[0], "one").status_code,
                send(clients[0], "two").status_code,
                send(clients[1], "one").status_code,
            ]
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        idempotency._hold(idempotency._Asked(workspace.id, "one", ""))
        statuses = pool.submit(elsewhere).result()

    assert statuses == [409, 201, 201]


# A crash at any moment ----------------------------------------------------------------------------------------------

PROGRAM = """
import sys
import django
django.setup()
from tests import builders
client = builders.ApiClient(headers={"Authorization": f"Bearer {sys.argv[1]}", "Idempotency-Key": "one"})
print(client.post("/v1/posts", sys.argv[2]).status_code)
"""


def in_a_process_of_its_own(workspace: Workspace, failpoints: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, builders.api_key(workspace), json.dumps(BODY)],
        env=builders.environment() | {"FAILPOINTS": str(failpoints), "DJANGO_SETTINGS_MODULE": "openpost.settings"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("killed_at", "replayed"), [("answer_kept", False), ("answer_committed", True)])
def test_it_leaves_nothing_or_the_answer_when_it_is_killed(tmp_path: Path, killed_at: str, replayed: bool) -> None:
    workspace = builders.workspace()
    (tmp_path / f"{killed_at}@one").write_text("kill")

    done = in_a_process_of_its_own(workspace, tmp_path)

    assert done.returncode == -9, done.stderr
    assert Post.objects.count() == KeptAnswer.objects.count() == int(replayed)
    again = send(builders.client(workspace), "one")
    assert again.status_code == 201
    assert ("Idempotency-Replayed" in again) is replayed
    assert again.json()["data"]["id"] == str(Post.objects.get().id)


@pytest.mark.django_db(transaction=True)
def test_it_sends_a_hint_only_for_what_is_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []
    monkeypatch.setattr("posts.hints.hand_out", lambda **_: told.append(connection.in_atomic_block))
    client = builders.client(builders.workspace())
    body = {**BODY, "schedule_at": timezone.now().isoformat()}

    with monkeypatch.context() as patch:
        patch.setattr("openpost.api.idempotency.JSONRenderer", lambda: None)
        assert send(client, "one", body).status_code == 500
    assert told == []
    assert send(client, "one", body).status_code == 201
    assert send(client, "one", body).status_code == 201

    assert told == [False]


# The sweep ----------------------------------------------------------------------------------------------------------


def test_it_keeps_an_answer_for_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "BATCH", 2)
    client = builders.client(builders.workspace())
    for number in range(6):
        send(client, f"key-{number}")
    old = KeptAnswer.objects.exclude(key="key-5")
    old.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))

    assert idempotency.sweep(now=timezone.now()) == 5

    assert [row.key for row in KeptAnswer.objects.all()] == ["key-5"]
    assert send(client, "key-5")["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in send(client, "key-0")
