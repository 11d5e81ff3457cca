"""Somebody who asks as fast as they are answered, at little cost of their own, since they share the machine.

`python -m tests.bench.load` takes a `Work` on its standard input, in JSON, and prints what came of it.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

#: As a router that ends TLS sends them on.
_COMMON = "Host: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.7\r\n"


@dataclass(frozen=True)
class Ask:
    """One request. `key` is an API key; a body goes as JSON."""

    path: str
    key: str = ""
    body: Any = None
    method: str = "GET"

    def raw(self) -> bytes:
        body = b"" if self.body is None else json.dumps(self.body).encode()
        head = f"{self.method} {self.path} HTTP/1.1\r\n{_COMMON}"
        head += f"Authorization: Bearer {self.key}\r\n" if self.key else ""
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        return head.encode() + b"\r\n" + body


@dataclass(frozen=True)
class Work:
    """What is asked of whom, in turn: for so many seconds, or with 0 each once."""

    url: str
    asks: Sequence[Ask]
    connections: int = 8
    seconds: float = 0.0


@dataclass(frozen=True)
class Done:
    """Seconds: `wall` of all, `took` of each answer, sorted. `statuses` counts the answers."""

    wall: float
    cpu: float
    took: list[float]
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return len(self.took) / self.wall

    def percentile(self, percent: float) -> float:
        return self.took[min(len(self.took) - 1, int(len(self.took) * percent / 100))]

    @property
    def median(self) -> float:
        return statistics.median(self.took)


def loaded(work: Work, *, status: int = 200) -> Done:
    """This will do the work in a process of its own; every answer must have this status."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        input=json.dumps(asdict(work)), text=True, stdout=subprocess.PIPE, check=True,
    ).stdout  # fmt: skip
    done = Done(**json.loads(said))
    assert set(done.statuses) == {str(status)}, done.statuses
    return done


class _Connection(asyncio.Protocol):
    """One connection: an answer comes, the next request goes."""

    def __init__(self, asking: "_Asking") -> None:
        self._asking = asking
        self._read = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._next()

    def _next(self) -> None:
        raw = self._asking.next()
        if raw is None:
            self._transport.close()
        else:
            self._began = time.perf_counter()
            self._transport.write(raw)

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._read[:end].lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(self._read) >= end + 4 + length:
            self._asking.answered(self._read[9:12].decode(), time.perf_counter() - self._began)
            self._read = b""
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._asking.left(exc)


class _Asking:
    def __init__(self, work: Work) -> None:
        raws = [ask.raw() for ask in work.asks]
        self._raws = cycle(raws) if work.seconds else iter(raws)
        self._until = time.perf_counter() + work.seconds if work.seconds else None
        self._open = work.connections
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.took: list[float] = []
        self.statuses: dict[str, int] = {}

    def next(self) -> bytes | None:
        over = self._until is not None and time.perf_counter() >= self._until
        return None if over else next(self._raws, None)

    def answered(self, status: str, took: float) -> None:
        self.took.append(took)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def left(self, error: Exception | None) -> None:
        self._open -= 1
        if not self.ended.done() and (error or not self._open):
            self.ended.set_exception(error) if error else self.ended.set_result(None)


async def _done(work: Work) -> Done:
    asking, server = _Asking(work), urlsplit(work.url)
    loop = asyncio.get_running_loop()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(work.connections):
        await loop.create_connection(lambda: _Connection(asking), server.hostname or "", server.port or 80)
    await asking.ended
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Done(wall, cpu, sorted(asking.took), asking.statuses)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    asked["asks"] = [Ask(**ask) for ask in asked["asks"]]
    json.dump(asdict(asyncio.run(_done(Work(**asked)))), sys.stdout)
