"""The double as tests use it: started as its own process, spoken to by plain HTTP."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any, Self

PROJECT = Path(__file__).resolve().parents[3]


class XPeer:
    """A running double. `url` is its address; the verbs are those of control.py."""

    def __init__(self, port: int = 0) -> None:
        command = [sys.executable, "-m", "tests.peers.x", "--port", str(port), "--leash"]
        self.process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout
        self.url = self.process.stdout.readline().decode().strip()
        if not self.url:
            raise RuntimeError("The double of X did not start; its reason is above.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()

    def user(self, username: str, name: str = "") -> dict[str, str]:
        """A person at X: `{"id", "username", "name"}`."""
        user: dict[str, str] = self._ask("users", {"username": username, "name": name or username})
        return user

    def picture(self, user_id: str, url: str) -> None:
        """This will give the person a picture, which X names by this address."""
        self._ask("picture", {"user_id": user_id, "url": url})

    def tokens(self, user_id: str, **how: Any) -> dict[str, Any]:
        """A fresh sign-in: `{"access_token", "refresh_token", "expires_in", "scope"}`."""
        tokens: dict[str, Any] = self._ask("tokens", {"user_id": user_id, **how})
        return tokens

    def tweets(self, user_id: str = "") -> list[dict[str, Any]]:
        """X's own records, oldest first: what is live."""
        tweets: list[dict[str, Any]] = self._ask(f"tweets?user_id={user_id}" if user_id else "tweets")
        return tweets

    def by_hand(self, user_id: str, text: str, **how: Any) -> dict[str, Any]:
        """This will post as the person would on the web site: `ago_s`, `images`, `quotes` and `answers` say how."""
        post: dict[str, Any] = self._ask("tweets", {"user_id": user_id, "text": text, **how})
        return post

    def media(self, user_id: str = "") -> list[dict[str, Any]]:
        """X's own records of what was uploaded, oldest first (world.Media, without the bytes)."""
        media: list[dict[str, Any]] = self._ask(f"media?user_id={user_id}" if user_id else "media")
        return media

    def fault(self, endpoint: str, do: str, when: str = "before", **how: Any) -> None:
        """This will script what befalls the next call: `fault("POST /2/tweets", "drop", "after")` (../faults.py)."""
        method, path = endpoint.split()
        self._ask("faults", {"method": method, "path": path, "do": do, "when": when, **how})

    def settings(self, **values: Any) -> None:
        self._ask("settings", values)

    def lag(self, user_id: str, *, seconds: float) -> None:
        """This will show the user's posts only after so many seconds."""
        self._ask("lag", {"user_id": user_id, "seconds": seconds})

    def clock(self, *, ahead_s: float) -> None:
        """This will move X's clock against ours."""
        self._ask("clock", {"ahead_s": ahead_s})

    def expire(self, user_id: str) -> None:
        """This will end the user's access tokens; the refresh tokens stay good."""
        self._ask("expire", {"user_id": user_id})

    def revoke(self, user_id: str) -> None:
        """This will end all the user's tokens, as when the person takes the app's access away."""
        self._ask("revoke", {"user_id": user_id})

    def families(self) -> list[dict[str, Any]]:
        families: list[dict[str, Any]] = self._ask("families")
        return families

    def requests(self, user_id: str = "") -> list[dict[str, Any]]:
        """What was asked of X, oldest first: `{"method", "path", "user", "at", "status"?, "fault"}`."""
        requests: list[dict[str, Any]] = self._ask(f"requests?user_id={user_id}" if user_id else "requests")
        return requests

    def reset(self) -> None:
        """This will forget everything."""
        self._ask("reset", {})

    def _ask(self, verb: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/_peer/{verb}", data), timeout=10) as answer:
            return json.load(answer)
