"""How many requests a minute one key may make, and that Redis being away costs nobody an answer."""

import logging
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings
from redis import Redis
from redis.exceptions import RedisError

from openpost import redis as impatient
from openpost.api import rates
from openpost.embedded import wheels
from openpost.redis import Passing
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _five_a_minute(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Five requests a minute, and time for Redis on a busy machine."""
    settings.API_RATE_LIMIT = 5
    monkeypatch.setattr(rates, "_redis", Passing("requests are not limited"))
    monkeypatch.setattr(impatient, "PATIENCE", 10)
    impatient.client.cache_clear()
    yield
    impatient.client.cache_clear()


def numbers(answer: Any) -> tuple[int, int]:
    """What an answer says of the limit and of how much is left."""
    assert 0 < int(answer["RateLimit-Reset"]) <= 60
    return int(answer["RateLimit-Limit"]), int(answer["RateLimit-Remaining"])


def test_it_counts_down_and_then_refuses_until_the_minute_is_over() -> None:
    client = builders.client(builders.workspace())

    assert [numbers(client.get("/v1/posts")) for _ in range(5)] == [(5, 4), (5, 3), (5, 2), (5, 1), (5, 0)]
    refused = client.get("/v1/posts")

    assert builders.error(refused, 429)["code"] == "rate_limited"
    assert numbers(refused) == (5, 0)
    assert refused["Retry-After"] == refused["RateLimit-Reset"]


def test_it_begins_anew_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "WINDOW", 0.2)
    client = builders.client(builders.workspace())
    while client.get("/v1/posts").status_code == 200:
        pass

    time.sleep(0.2)

    assert numbers(client.get("/v1/posts")) == (5, 4)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", "/v1/posts/1", None, 404),
        ("get", "/v1/nothing", None, 404),
        ("get", "/v1/posts/group/1/2/3", None, 404),
        ("get", "/v1/posts?statsu=draft", None, 400),
        ("get", "/v1/keys", None, 403),
        ("put", "/v1/posts", None, 405),
        ("post", "/v1/posts", {}, 400),
        ("post", "/v1/posts", {"content": "Hello", "platforms": ["x"]}, 201),
    ],
)
def test_it_says_so_on_every_answer_of_a_key(method: str, path: str, body: Any, status: int) -> None:
    client = builders.client(builders.workspace())

    answer = getattr(client, method)(path, **({"data": body} if body is not None else {}))

    assert answer.status_code == status
    assert numbers(answer) == (5, 4)


def test_it_counts_what_asks_for_another_type_of_answer() -> None:
    client = builders.client(builders.workspace())

    answer = client.get("/v1/posts", headers={"Accept": "text/html"})

    assert builders.error(answer, 406)
    assert numbers(answer) == (5, 4)


def test_it_counts_each_key_for_itself() -> None:
    workspace = builders.workspace()
    first, second = builders.client(workspace), builders.client(workspace)
    first.get("/v1/posts")

    assert numbers(second.get("/v1/posts")) == (5, 4)
    assert numbers(first.get("/v1/posts")) == (5, 3)


def test_it_makes_nothing_for_a_request_that_is_one_too_many() -> None:
    workspace = builders.workspace()
    client = builders.client(workspace)
    body = {"content": "Hello", "platforms": ["twitter"]}

    statuses = [client.post("/v1/posts", body).status_code for _ in range(7)]

    assert statuses == [201] * 5 + [429] * 2
    assert workspace.posts.count() == 5


def test_it_has_no_limit_of_0(settings: Settings) -> None:
    settings.API_RATE_LIMIT = 0

    answer = builders.client(builders.workspace()).get("/v1/posts")

    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer


@pytest.mark.parametrize(("path", "status"), [("/v1/posts", 401), ("/v1/nothing", 404)])
def test_it_does_not_count_whoever_shows_no_key(path: str, status: int) -> None:
    answers = [builders.ApiClient().get(path) for _ in range(7)]

    assert {answer.status_code for answer in answers} == {status}
    assert all("RateLimit-Limit" not in answer for answer in answers)


@pytest.mark.django_db(transaction=True)
def test_it_lets_exactly_so_many_of_many_requests_at_once_pass() -> None:
    key = builders.api_key(builders.workspace())

    def one(_: int) -> int:
        try:
            answer = builders.ApiClient(headers={"Authorization": f"Bearer {key}"}).get("/v1/posts/1")
            return int(answer.status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(one, range(40)))

    assert sorted(statuses) == [404] * 5 + [429] * 35


# Redis is away ------------------------------------------------------------------------------------------------------


@pytest.fixture
def redis(settings: Settings, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A Redis of this test's own, which may be killed."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen([wheels.redis_server(), *options], stdout=subprocess.DEVNULL)
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
    with Redis.from_url(settings.REDIS_URL) as ours:
        for _ in range(100):
            with suppress(RedisError):
                ours.ping()
                break
            time.sleep(0.05)
    yield process
    process.kill()
    process.wait()


def test_it_lets_requests_pass_when_redis_is_killed_and_says_so_once(
    redis: "subprocess.Popen[bytes]", caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impatient, "LET_BE", 0)
    client = builders.client(builders.workspace())
    assert numbers(client.get("/v1/posts")) == (5, 4)
    redis.kill()
    redis.wait()

    with caplog.at_level(logging.WARNING):
        answers = [client.get("/v1/posts") for _ in range(20)]

    assert {answer.status_code for answer in answers} == {200}
    assert all("RateLimit-Limit" not in answer for answer in answers)
    (line,) = [record.getMessage() for record in caplog.records if record.name == impatient.__name__]
    assert line.startswith("Redis is away; requests are not limited: ")


def test_it_counts_again_when_redis_has_lost_its_memory(settings: Settings, redis: "subprocess.Popen[bytes]") -> None:
    client = builders.client(builders.workspace())
    client.get("/v1/posts")
    with Redis.from_url(settings.REDIS_URL) as ours:
        ours.flushall()
        ours.script_flush()

    assert numbers(client.get("/v1/posts")) == (5, 4)


def test_it_waits_a_moment_for_a_silent_redis_and_then_not_at_all(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impatient, "PATIENCE", 0.1)
    monkeypatch.setattr(impatient, "LET_BE", 60)
    client = builders.client(builders.workspace())
    client.get("/v1/posts")
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        begun = time.monotonic()
        assert client.get("/v1/posts").status_code == 200
        took = time.monotonic() - begun
        assert [client.get("/v1/posts").status_code for _ in range(5)] == [200] * 5
        silent.setblocking(False)
        silent.accept()  # the one that asked
        with pytest.raises(BlockingIOError):
            silent.accept()

    assert 0.09 < took < 10
