"""Posts that fall due one after the other, whatever happens to the service; and the count of them at X.

They are made over the API, as somebody's program does that insists; half of them go out at once, and the others by the
clock alone, without a hint.
"""

import threading
import time
import uuid
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import psycopg
import requests

from tests.peers.x.process import XPeer

from .stack import Stack

APP = {"X_CLIENT_ID": "openpost-client", "X_CLIENT_SECRET": "openpost-secret"}
#: Seconds ahead at which a post that goes by the clock falls due: some do so just when nobody is there.
AHEAD = 4.0


class Traffic:
    """`with Traffic(stack, x, people=2) as traffic`: a post every so many seconds, of as many accounts as people.

    `url` is where requests go to; it may change at any moment.
    """

    def __init__(self, stack: Stack, x: XPeer, *, people: int, every: float = 0.25) -> None:
        self.url = stack.url
        self.x = x
        self._every = every
        self._database = stack.environ["DATABASE_URL"]
        self.people = [_connect(stack, x) for _ in range(people)]
        key = stack.manage("create_key", "Live").split()[-1]
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {key}"
        #: When each text was due, Unix seconds.
        self.due: dict[str, float] = {}
        #: When requests found nobody who answered.
        self.refused: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._pour, name="traffic", daemon=True)

    def __enter__(self) -> Self:
        self._accounts = [one["id"] for one in self._call("GET", "/v1/integrations")]
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """This will make no more posts."""
        self._over.set()
        self._thread.join(timeout=60)

    def hang(self, *, seconds: float, times: int) -> None:
        """This will have X answer each person's next calls only after so many seconds; the post is live before that."""
        for person in self.people:
            self.x.fault("POST /2/tweets", "hang", "after", user=person, seconds=seconds, times=times)

    def hung(self) -> int:
        """How many calls X has let wait so far."""
        return sum(bool(asked["fault"]) for person in self.people for asked in self.x.requests(person))

    def lateness(self) -> dict[str, float]:
        """How late each text was at X, in seconds; inf while it is not there. Errors: one that is there twice."""
        there = [tweet for tweet in self.x.tweets() if tweet["by"] == "api" and tweet["user_id"] in self.people]
        times = Counter(tweet["written"] for tweet in there)
        assert not (twice := [text for text, number in times.items() if number > 1]), twice
        at = {tweet["written"]: tweet["at"] / 1000 for tweet in there}
        return {text: at.get(text, float("inf")) - due for text, due in list(self.due.items())}

    def wait(self, *, within: float) -> dict[str, float]:
        """This will wait until all that is due by now is at X, and give how late each was."""
        deadline, texts = time.monotonic() + within, list(self.due)
        while missing := [text for text, late in self.lateness().items() if text in texts and late == float("inf")]:
            assert time.monotonic() < deadline, f"{len(missing)} of {len(texts)} are not at X: {missing}"
            time.sleep(0.2)
        late = self.lateness()
        return {text: late[text] for text in texts}

    def _pour(self) -> None:
        number = 0
        while not self._over.wait(self._every):
            number += 1
            self._post(f"Post {number} {uuid.uuid4().hex[:8]}", number, by_clock=bool(number % 2))

    def _post(self, text: str, number: int, *, by_clock: bool) -> None:
        at = datetime.now(UTC) + (timedelta(hours=1) if by_clock else timedelta(0))
        account = self._accounts[number // 2 % len(self._accounts)]
        body = {"content": text, "integrations": [account], "schedule_at": at.isoformat()}
        post = self._call("POST", "/v1/posts", body)
        due = datetime.now(UTC)
        if by_clock:
            due += timedelta(seconds=AHEAD)
            _fall_due(self._database, post["id"], due)
        self.due[text] = due.timestamp()

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        """This will send a request until somebody answers it."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        while True:
            with suppress(requests.ConnectionError, requests.Timeout):
                answer = self._session.request(method, self.url + path, json=body, headers=headers, timeout=5)
                if answer.status_code != 409:  # the first try of it is still on its way
                    assert answer.ok, answer.text
                    return answer.json()["data"]
            self.refused.append(time.time())
            time.sleep(0.1)


def _connect(stack: Stack, x: XPeer) -> str:
    """This will connect a new person at X, as an operator does; gives X's id of them."""
    person = x.user(f"u{uuid.uuid4().hex[:10]}")
    tokens = x.tokens(person["id"])
    stack.manage("connect", "twitter", stdin=f"{tokens['access_token']}\n{tokens['refresh_token']}\n")
    return person["id"]


def _fall_due(database: str, post_id: str, at: datetime) -> None:
    """Over the API a time that near means "now", which sends a hint: so the row's own clock is set."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "UPDATE posts_posttarget SET due_at = %s, wanted_at = %s WHERE post_id = %s", (at, at, post_id)
        )
        connection.execute("UPDATE posts_post SET scheduled_at = %s WHERE id = %s", (at, post_id))
