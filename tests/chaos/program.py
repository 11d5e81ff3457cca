"""Somebody's program: it knows an address and a key, and nothing else. It tries again when web was shot under it."""

import time
from collections.abc import Sequence
from typing import Any

import requests

#: Web is back within this, whatever was killed; seconds.
PATIENCE = 40


class Program:
    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {key}"

    def create(
        self,
        text: str,
        integrations: list[str],
        *,
        at: str | None = None,
        thread: Sequence[str] = (),
        media_ids: Sequence[str] = (),
    ) -> Any:
        """A draft, or a scheduled post when `at` (ISO 8601) is given."""
        body = {
            "content": text,
            "integrations": integrations,
            "schedule_at": at,
            "thread": [{"content": part} for part in thread],
            "media_ids": list(media_ids),
        }
        return self._call("POST", "/v1/posts", body, status=201)

    def upload(self, data: bytes) -> str:
        """This will upload a file, and give its id. Repeated only while the service takes no more at a time: cases
        upload before anything is struck.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._session.post(f"{self._url}/v1/media", files={"file": ("picture", data)}, timeout=20)
            if answer.status_code == 201:
                break
            if answer.status_code != 429 or time.monotonic() > deadline:
                raise RuntimeError(f"POST /v1/media: {answer.status_code} {answer.text}")
            time.sleep(0.3)
        media_id: str = answer.json()["media"]["id"]
        return media_id

    def publish(self, post_id: str) -> None:
        """This will publish a draft now. An answer that was lost with web is looked up: it is a draft still, or not."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._session.post(f"{self._url}/v1/posts/{post_id}/publish", timeout=20)
            except (requests.ConnectionError, requests.Timeout):
                answer = None
            if answer is not None and answer.status_code == 202:
                return
            if self.read(post_id)["status"] != "draft":
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"could not be published: {answer.text if answer is not None else 'no answer'}")
            time.sleep(0.3)

    def read(self, post_id: str) -> Any:
        return self._call("GET", f"/v1/posts/{post_id}", status=200)

    def _call(self, method: str, path: str, body: Any = None, *, status: int) -> Any:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._session.request(method, self._url + path, json=body, timeout=20)
            except (requests.ConnectionError, requests.Timeout):
                if method != "GET" or time.monotonic() > deadline:
                    raise
            else:
                if answer.status_code == status:
                    return answer.json()["data"]
                if answer.status_code < 500 or time.monotonic() > deadline:
                    raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
            time.sleep(0.3)
