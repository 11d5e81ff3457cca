"""A message as it lay in Redis when an earlier version had sent it, taken up by the worker of this one."""

import base64
import json
import time
import uuid
from datetime import datetime
from typing import Any

import pytest
from redis import Redis

from posts import lifecycle
from tests import builders

from .seeding import Seeder
from .stack import Program, Stack

#: Celery 5.7 and kombu 5.7, protocol 2, byte for byte but for what names one post and one sender.
ENVELOPE: dict[str, Any] = {
    "content-encoding": "utf-8",
    "content-type": "application/json",
    "headers": {
        "lang": "py", "task": "publishing.publish", "id": "281baf59-3221-406a-8ede-bfce876a1d3d", "shadow": None,
        "eta": None, "expires": None, "group": None, "group_index": None, "retries": 0, "timelimit": [None, None],
        "root_id": "281baf59-3221-406a-8ede-bfce876a1d3d", "parent_id": None, "argsrepr": "()", "kwargsrepr": "{}",
        "origin": "gen13611@vm", "ignore_result": None, "replaced_task_nesting": 0, "stamped_headers": None,
        "stamps": {},
    },
    "properties": {
        "correlation_id": "281baf59-3221-406a-8ede-bfce876a1d3d", "reply_to": "cfb84980-ee3f-3379-997b-00dbecefb585",
        "delivery_mode": 2, "delivery_info": {"exchange": "", "routing_key": "publish.twitter"}, "priority": 0,
        "body_encoding": "base64", "delivery_tag": "6db063f6-9198-4a03-b6ff-9b39d1c2c96b",
    },
}  # fmt: skip
#: What else a version put into the header of its own.
HEADERS: dict[str, dict[str, Any]] = {
    "the first version": {},
    "since requests are followed": {"openpost": {"sent_at": 1795620425.413532, "request_id": None}},
}


def handed_off(workspace_mode: str, content: str) -> tuple[uuid.UUID, str, uuid.UUID, datetime]:
    """A due post that waits in a worker's hands, without a message: its id, a key, its target and the token."""
    from django.db import transaction
    from django.utils import timezone

    workspace = builders.workspace(workspace_mode)
    with transaction.atomic():
        target = builders.due(workspace, content=content)
        (handed,) = lifecycle.hand_off(now=timezone.now(), most=1, accounts=[target.integration_id])
    return target.post_id, builders.api_key(workspace), handed.target_id, handed.token


@pytest.mark.parametrize("version", HEADERS)
def test_a_message_of_an_earlier_version_has_its_post_sent_at_once(stack: Stack, seed: Seeder, version: str) -> None:
    post, key, target, token = seed(handed_off, "sandbox", f"Told by {version}")
    arguments = [[str(target), token.isoformat()], {}, dict.fromkeys(("callbacks", "errbacks", "chain", "chord"))]
    body = base64.b64encode(json.dumps(arguments).encode()).decode()
    message = {**ENVELOPE, "body": body, "headers": {**ENVELOPE["headers"], **HEADERS[version]}}
    begun = time.monotonic()

    with Redis.from_url(stack.environ["REDIS_URL"]) as redis:
        redis.lpush("publish.twitter", json.dumps(message))

    Program(stack.url, key).wait(str(post), "published")
    # Without the message it would have gone out, too, but only then.
    assert time.monotonic() - begun < lifecycle.HAND_OFF.total_seconds() / 2
