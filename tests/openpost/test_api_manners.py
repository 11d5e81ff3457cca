"""What every answer under /v1 has in common."""

import logging
import re
import uuid
from io import StringIO

import pytest
from django.test import Client
from pytest_django import Settings

from openpost import logs
from openpost.api import handler
from posts.api import views
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/v1/posts", "/v1/posts/", "/v1/posts//"])
def test_it_answers_with_and_without_a_slash_at_the_end(path: str) -> None:
    client = builders.client(builders.workspace())

    assert client.get(path).status_code == 200
    assert client.post(path, {"content": "Hello", "platforms": ["twitter"]}).status_code == 201


def test_it_answers_below_a_post_with_a_slash_at_the_end() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace)
    client = builders.client(workspace)

    assert client.get(f"/v1/posts/{post.id}/").status_code == 200
    assert client.patch(f"/v1/posts/{post.id}/", {"content": "Other"}).json()["data"]["content"] == "Other"
    assert client.post(f"/v1/posts/{post.id}/publish/").status_code == 202
    assert client.get(f"/v1/posts/group/{uuid.uuid4()}/").status_code == 200
    assert client.delete(f"/v1/posts/{post.id}/").status_code == 204


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nothing", "/v1/posts/1/2/3", "/v1/posts/1/nothing", "/v1/%ff%00"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_it_answers_an_unknown_address_in_json(path: str, method: str) -> None:
    answer = getattr(Client(), method)(path)

    assert answer["Content-Type"] == "application/json"
    assert builders.error(answer, 404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path"),
    [("put", "/v1/posts"), ("delete", "/v1/posts"), ("put", "/v1/posts/1"), ("get", "/v1/posts/1/publish")],
)
def test_it_answers_another_method_in_json(method: str, path: str) -> None:
    answer = getattr(builders.client(builders.workspace()), method)(path)

    assert builders.error(answer, 405)["code"] == "method_not_allowed"
    assert answer["Allow"]


@pytest.mark.parametrize("path", ["/v1/posts", "/v1/nothing"])
def test_it_answers_a_strange_host_in_json(settings: Settings, path: str) -> None:
    settings.ALLOWED_HOSTS = ["openpost.example.com"]

    body = builders.error(Client().get(path, headers={"Host": "elsewhere.example.com"}))

    assert body["code"] == "bad_request"


def test_it_answers_a_failure_outside_of_any_view_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*args: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("django.middleware.common.CommonMiddleware.process_request", break_down)

    answer = Client(raise_request_exception=False).get("/v1/posts")

    assert builders.error(answer, 500)["code"] == "internal_error"
    assert b"hunter2" not in answer.content


@pytest.mark.parametrize("query", ["%ff", "status=%ff%00", "limit=%", "a=1&" * 1500, "cursor=%ud800", "q=%C3%28"])
def test_it_answers_a_malformed_query_in_json(query: str) -> None:
    answer = builders.client(builders.workspace()).get(f"/v1/posts?{query}")

    assert answer.status_code in {200, 400}
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("name", ["xml", "json", ""])
def test_it_takes_a_format_in_the_address_for_a_parameter_like_others(name: str) -> None:
    answer = builders.client(builders.workspace()).get(f"/v1/posts?format={name}")

    assert builders.error(answer)["code"] == "unknown_parameter"


def test_it_answers_in_json_whatever_is_accepted() -> None:
    client = builders.client(builders.workspace())

    assert client.get("/v1/posts", headers={"Accept": "*/*"})["Content-Type"] == "application/json"
    assert builders.error(client.get("/v1/posts", headers={"Accept": "text/html"}), 406)["code"] == "not_acceptable"


def test_it_names_every_answer_with_an_id() -> None:
    client = builders.client(builders.workspace())

    first, second = client.get("/v1/posts"), client.get("/v1/posts")

    assert re.fullmatch(r"[0-9a-f]{32}", first["X-Request-Id"])
    assert first["X-Request-Id"] != second["X-Request-Id"]


def test_it_keeps_a_callers_own_id_in_header_and_body() -> None:
    answer = Client().get("/v1/posts", headers={"X-Request-Id": "mine-1.2:3_4"})

    assert answer["X-Request-Id"] == "mine-1.2:3_4"
    assert answer.json()["request_id"] == "mine-1.2:3_4"


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "<script>", "ä", "x" * 129])
def test_it_does_not_repeat_a_callers_id_that_could_harm_a_log(name: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", Client().get("/v1/posts", headers={"X-Request-Id": name})["X-Request-Id"])


def test_it_names_the_request_on_every_line_of_the_log() -> None:
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logs.formatter("line"))
    logging.getLogger().addHandler(handler)
    try:
        Client().get("/v1/posts", headers={"X-Request-Id": "first"})
        Client().get("/v1/nothing", headers={"X-Request-Id": "second"})
    finally:
        logging.getLogger().removeHandler(handler)

    first, second = lines.getvalue().splitlines()
    assert "[first] Unauthorized: /v1/posts" in first
    assert "[second] Not Found: /v1/nothing" in second


def test_it_answers_a_failure_of_ours_without_its_secrets(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = builders.client(builders.workspace())

    def break_down(*args: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(views, "_posts", break_down)

    answer = client.get("/v1/posts")

    assert builders.error(answer, 500)["code"] == "internal_error"
    assert b"hunter2" not in answer.content
    assert handler.__name__ in {record.name for record in caplog.records}


def test_it_shows_no_secret_in_any_answer() -> None:
    workspace = builders.workspace("live")
    account = builders.integration(
        workspace, "twitter", credentials={"access_token": "s3cret-access", "refresh_token": "s3cret-refresh"}
    )
    post = builders.post(workspace)
    key = builders.api_key(workspace)
    client = builders.ApiClient(headers={"Authorization": f"Bearer {key}"})
    answers = [
        client.get("/v1/posts"),
        client.get(f"/v1/posts/{post.id}"),
        client.patch(f"/v1/posts/{post.id}", {"content": "Other"}),
        client.post(f"/v1/posts/{post.id}/duplicate"),
        client.post(f"/v1/posts/{post.id}/publish"),
        client.post(f"/v1/posts/{post.id}/cancel"),
        client.post("/v1/posts", {"content": "Hello", "platforms": ["bluesky"]}),
        client.get(f"/v1/posts/group/{uuid.uuid4()}"),
        client.delete(f"/v1/posts/{post.id}"),
        client.get("/v1/nothing"),
    ]

    for answer in answers:
        text = str(answer.headers) + answer.content.decode()
        assert "s3cret" not in text
        assert account.remote_id not in text
        assert key not in text
