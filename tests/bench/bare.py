"""The limits beside which the service is measured: the same calls and the same messages, and nothing else.

`python -m tests.bench.bare twitter 2000 http://127.0.0.1:1234` makes the calls on a few threads, and prints the CPU
seconds and the wall seconds of one.
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local

import requests
import tweepy
from atproto_client.client.base import ClientBase
from atproto_client.request import Request

THREADS = 8


def twitter(url: str) -> Callable[[int], None]:
    """Tweepy's call, with a session that each thread keeps."""
    kept = local()

    def call(number: int) -> None:
        if not hasattr(kept, "client"):
            kept.client = tweepy.Client("token", return_type=requests.Response)
            kept.client.session = requests.Session()
        kept.client.session.request("POST", f"{url}/2/tweets", json={"text": f"Post {number}"}).json()

    return call


def bluesky(url: str) -> Callable[[int], None]:
    """atproto's call, with a client that each thread keeps."""
    kept = local()

    def call(number: int) -> None:
        if not hasattr(kept, "client"):
            kept.client = ClientBase(url, Request())
        record = {"$type": "app.bsky.feed.post", "text": f"Post {number}", "createdAt": "2026-01-01T00:00:00.000Z"}
        body = {"repo": "did:plc:1", "collection": "app.bsky.feed.post", "rkey": str(number), "record": record}
        headers = {"Content-Type": "application/json", "Authorization": "Bearer token"}
        kept.client.invoke_procedure("com.atproto.repo.putRecord", content=json.dumps(body).encode(), headers=headers)

    return call


def main(platform: str, calls: int, url: str) -> None:
    call = {"twitter": twitter, "bluesky": bluesky}[platform](url)
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(call, range(THREADS * 4)))  # libraries loaded, connections made
        wall, cpu = time.monotonic(), time.process_time()
        list(threads.map(call, range(calls)))
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    sys.stdout.write(f"{cpu / calls} {wall / calls}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
