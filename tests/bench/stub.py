"""The platforms, as fast as they can be: a process that takes what our clients send and says that it is live.

`python -m tests.bench.stub --delay 0.3` prints its port and serves until it is ended.
"""

import argparse
import asyncio
import itertools
import json
import sys
from typing import Any

#: Any will do: of a single post's answer our client compares the address.
_CID = "bafyreib2rxk3rybk3aobmv5cjuql3bm2twh4jo5uwgogbyuxgqopupzy2q"
#: X's are numbers that grow.
_ids = itertools.count(2_000_000_000_000_000_000)


def answer(path: str, body: bytes) -> dict[str, Any]:
    """What the platform would say."""
    sent = json.loads(body) if body else {}
    if path == "/2/tweets":
        return {"data": {"id": str(next(_ids)), "text": sent["text"]}}
    if path.endswith("putRecord"):
        uri = f"at://{sent['repo']}/{sent['collection']}/{sent['rkey']}"
        return {"uri": uri, "cid": _CID, "validationStatus": "valid"}
    raise KeyError(path)


class Stub(asyncio.Protocol):
    """HTTP/1.1 as far as our clients speak it: a head, a body of a known length, and connections that may be kept."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._read = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end].decode("latin-1")
            first, *lines = head.split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            length = int(fields.get("content-length", 0))
            if len(self._read) < end + 4 + length:
                return
            body, self._read = self._read[end + 4 : end + 4 + length], self._read[end + 4 + length :]
            said = answer(first.split(" ")[1], body)
            asyncio.get_running_loop().call_later(self._delay, self._say, said) if self._delay else self._say(said)

    def _say(self, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


async def serve(delay: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Stub(delay), "127.0.0.1", 0, backlog=1000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--delay", type=float, default=0.0)
    asyncio.run(serve(arguments.parse_args().delay))
