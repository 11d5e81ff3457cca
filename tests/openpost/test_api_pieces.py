"""A body in pieces, whose length nobody says beforehand, is read like any other: by the real server, too."""

import socket
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests

from integrations.models import ApiKey
from posts.models import Post
from tests import builders
from tests.posts.media.web import WebProcess

JSON = {"Content-Type": "application/json"}


def terminated(body: bytes) -> dict[str, Any]:
    """What a server says of a body whose end it knows."""
    return {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, **unsaid()}


def unsaid() -> dict[str, Any]:
    return {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}


@pytest.mark.django_db
def test_it_reads_a_body_whose_end_the_server_knows() -> None:
    workspace = builders.workspace()
    post = builders.post(workspace, "Before")

    answer = builders.client(workspace).patch(f"/v1/posts/{post.id}", **terminated(b'{"content": "After"}'))

    assert answer.json()["data"]["content"] == "After"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/v1/posts", "/v1/posts/import", "/v1/webhooks", "/v1/media", "/v1/media/from-url"])
def test_it_asks_for_the_length_where_the_server_does_not_know_the_end(path: str) -> None:
    answer = builders.client(builders.workspace()).post(path, **unsaid())

    assert builders.error(answer, 411)["code"] == "length_required"


@pytest.mark.django_db
def test_it_takes_1_mib_in_pieces_and_no_more() -> None:
    client = builders.client(builders.workspace())
    good = b'{"content": "Hello", "platforms": ["twitter"]}'
    fits = good.ljust(1024 * 1024)

    assert client.post("/v1/posts", **terminated(fits)).status_code == 201
    assert builders.error(client.post("/v1/posts", **terminated(fits + b" ")), 413)["code"] == "body_too_large"


# The real server ----------------------------------------------------------------------------------------------------

real = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


class Api:
    """The real web process, and a workspace whose key may do everything."""

    def __init__(self, web: WebProcess, workspace: Any) -> None:
        self.web, self.workspace = web, workspace

    def send(self, method: str, path: str, *pieces: bytes, **headers: str) -> requests.Response:
        said = {**self.web.headers, **(JSON | {name.replace("_", "-"): value for name, value in headers.items()})}
        return requests.request(method, self.web.url + path, data=iter(pieces), headers=said, timeout=30)

    def raw(self, body: bytes) -> bytes:
        """The answer to a POST with this behind its head."""
        lines = {**self.web.headers, **JSON, "Host": "x", "Transfer-Encoding": "chunked", "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        with socket.create_connection(("127.0.0.1", self.web.port), timeout=30) as line:
            line.sendall(f"POST /v1/posts HTTP/1.1\r\n{head}\r\n".encode() + body)
            return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    workspace = builders.workspace()
    key = builders.api_key(workspace, scopes=("read", "write", "admin"))
    environment = {**builders.environment(), "MEDIA_ROOT": str(tmp_path / "media")}
    with WebProcess(environment, key, tmp_path) as web:
        yield Api(web, workspace)


class TestTheRealServer:
    pytestmark = real

    def test_it_does_what_the_pieces_say(self, api: Api) -> None:
        post = builders.post(api.workspace, "Before")
        row = ApiKey.objects.get()

        changed = api.send("PATCH", f"/v1/posts/{post.id}", b'{"content": "Af', b'ter"}')
        table = api.send("POST", "/v1/posts/import", b"content,platforms\n", b"A,x\n", Content_Type="text/csv")
        misspelt = api.send("POST", f"/v1/posts/{post.id}/publish", b'{"schedule_', b'at": "2030-01-01T00:00:00Z"}')
        nothing = api.send("POST", f"/v1/posts/{post.id}/duplicate")
        rotated = api.send("POST", f"/v1/keys/{row.id}/rotate", b'{"overlap', b'_seconds": 0}')

        assert changed.json()["data"]["content"] == "After"
        assert (table.status_code, table.json()["data"][0]["content"]) == (201, "A")
        assert (misspelt.status_code, misspelt.json()["code"]) == (400, "unknown_field")
        assert nothing.status_code == 201
        assert rotated.status_code == 201
        assert api.send("GET", "/v1/keys").status_code == 401
        post.refresh_from_db()
        assert post.status == "draft"

    def test_it_refuses_what_is_too_large_or_a_file(self, api: Api) -> None:
        large = api.send("POST", "/v1/posts", *[b" " * 65536] * 17)
        form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        file = api.send("POST", "/v1/media", form, b"\r\n--x--\r\n", Content_Type="multipart/form-data; boundary=x")

        assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
        assert (file.status_code, file.json()["code"]) == (411, "length_required")

    def test_it_refuses_pieces_that_do_not_fit_together(self, api: Api) -> None:
        for body in (b"nonsense\r\n", b"2\r\n{}nonsense\r\n"):
            answer = api.raw(body)

            assert answer.startswith(b"HTTP/1.1 400 ")
            assert b'"code":"bad_request"' in answer
        assert not Post.objects.exists()
