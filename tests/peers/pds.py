"""A real Bluesky server on loopback, and what a test wants to know of it without asking our own client.

Name it in a conftest: `from tests.peers.pds import pds`. One server per test process, started when first wanted.
"""

import itertools
import json
import os
import secrets
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from .install import HERE, missing, node

#: Seconds. It takes four on two idle cores.
START = 90
#: A run that must not skip, such as CI, sets it.
REQUIRED = "OPENPOST_REQUIRE_PEERS"

_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class PdsAccount:
    """An account on the server, with the app password a user would give us."""

    did: str
    handle: str
    app_password: str
    main_password: str
    #: A session of its own, for what the test does in the user's name.
    access_jwt: str


class Pds:
    """The running server, spoken to by plain HTTP."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._http = httpx.Client(base_url=f"{base_url}/xrpc/", timeout=30, trust_env=False)

    def create_account(self, name: str = "") -> PdsAccount:
        """This will sign up as a person does and make an app password. `name` need not be unique."""
        name = f"{name or 'user'}-{next(_names)}-{secrets.token_hex(3)}"
        password = secrets.token_urlsafe()
        made = self.call(
            "com.atproto.server.createAccount",
            {"handle": f"{name}.test", "email": f"{name}@example.com", "password": password},
        )
        app = self.call("com.atproto.server.createAppPassword", {"name": "openpost"}, token=made["accessJwt"])
        return PdsAccount(
            did=made["did"],
            handle=made["handle"],
            app_password=app["password"],
            main_password=password,
            access_jwt=made["accessJwt"],
        )

    def revoke_app_password(self, account: PdsAccount) -> None:
        """This will take our access away, as a person does in the settings of the account."""
        self.call("com.atproto.server.revokeAppPassword", {"name": "openpost"}, token=account.access_jwt)

    def deactivate(self, account: PdsAccount) -> None:
        """This will put the account to sleep, as a person does before moving or leaving."""
        self.call("com.atproto.server.deactivateAccount", {}, token=account.access_jwt)

    def list_records(self, did: str, collection: str = "app.bsky.feed.post") -> list[dict[str, Any]]:
        """Every record of the account, oldest first, as anybody can read it: `uri`, `cid`, `value`."""
        answer = self._http.get(
            "com.atproto.repo.listRecords",
            params={"repo": did, "collection": collection, "limit": 100, "reverse": "true"},
        )
        answer.raise_for_status()
        records: list[dict[str, Any]] = answer.json()["records"]
        return records

    def fetch_blob(self, did: str, cid: str) -> bytes:
        """A file of the account as anybody can fetch it: only one that a record names."""
        answer = self._http.get("com.atproto.sync.getBlob", params={"did": did, "cid": cid})
        answer.raise_for_status()
        return answer.content

    def upload(self, account: PdsAccount, data: bytes, mime_type: str) -> dict[str, Any]:
        """This will upload a file in the person's name and give the blob, for a record to name it."""
        headers = {"Authorization": f"Bearer {account.access_jwt}", "Content-Type": mime_type}
        answer = self._http.post("com.atproto.repo.uploadBlob", content=data, headers=headers)
        answer.raise_for_status()
        blob: dict[str, Any] = answer.json()["blob"]
        return blob

    def call(self, nsid: str, body: dict[str, Any], *, token: str = "") -> dict[str, Any]:
        """This will call a procedure and insist on success. {} for one that answers nothing."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self._http.post(nsid, json=body, headers=headers)
        assert answer.is_success, f"{nsid}: {answer.status_code} {answer.text}"
        content: dict[str, Any] = answer.json() if answer.content else {}
        return content

    def close(self) -> None:
        self._http.close()


@contextmanager
def running(*, rate_limits: bool = False) -> Iterator[Pds]:
    """This will start a server of its own on free ports and end it, with its data, after the block."""
    runtime = node()
    if runtime is None:
        raise RuntimeError(missing())
    process = subprocess.Popen(
        [str(runtime), str(HERE / "pds.mjs"), *(["--rate-limits"] if rate_limits else [])],
        stdin=subprocess.PIPE,  # its end is the server's end, also when we are killed
        stdout=subprocess.PIPE,
        env={**os.environ, "LOG_ENABLED": "false", "NODE_ENV": "test"},
        text=True,
    )
    try:
        server = Pds(_ready(process)["url"])
        try:
            yield server
        finally:
            server.close()
    finally:
        # Closes the pipes too.
        with process:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _ready(process: "subprocess.Popen[str]") -> dict[str, str]:
    assert process.stdout is not None
    if not select.select([process.stdout], [], [], START)[0]:
        raise RuntimeError(f"The Bluesky server was not ready after {START} seconds.")
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"The Bluesky server ended with {process.wait()} before it was ready; its words are above.")
    ready: dict[str, str] = json.loads(line)
    return ready


def require_peers() -> None:
    """This will skip the test when the peers are not installed, or fail it where none may be skipped."""
    require(missing())


def require(why: str) -> None:
    """This will skip the test if there is a reason why it cannot run, or fail it where none may be skipped."""
    if why:
        if os.environ.get(REQUIRED, "0") not in ("", "0"):
            pytest.fail(f"{REQUIRED} is set, but {why}")
        pytest.skip(why)


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    """A real Bluesky server."""
    require_peers()
    with running() as server:
        yield server
