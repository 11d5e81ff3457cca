"""Each call that the description has can go well, as it says, and every status that it promises is really given.

That nothing else comes back is looked at in every test: `builders.client` holds each answer to the description.
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT

from integrations.models import Scope, Workspace
from tests import builders

from .described import operations, seen

pytestmark = pytest.mark.django_db

TABLE = 'content,platforms\nSpring is here,"twitter, bluesky"\n'
HOOK = {"url": "https://hooks.example.com/openpost", "events": ["post.published"]}
BODY = {"content": "Said once", "platforms": ["twitter"]}


def of_posts(program: Any, workspace: Workspace) -> None:
    made = program.post("/v1/posts", BODY).json()["data"]
    place = f"/v1/posts/{made['id']}"
    etag = program.get(place)["ETag"]
    program.get(place, headers={"If-None-Match": etag})
    program.get("/v1/posts")
    program.post("/v1/posts/validate", BODY)
    program.patch(place, {"scheduled_at": builders.iso(builders.soon())})
    program.post(f"{place}/cancel")
    program.post(f"{place}/duplicate")
    program.get(f"{place}/events")
    program.post(f"{place}/publish")
    program.delete(f"/v1/posts/{builders.post(workspace).id}")
    program.post("/v1/posts/import?dry_run=true", TABLE, "text/csv")
    program.post("/v1/posts/import", TABLE, "text/csv")


def of_groups(program: Any, workspace: Workspace) -> None:
    group = uuid.uuid4()
    program.post("/v1/posts/group", {"group_id": str(group), "posts": [BODY, BODY]})
    program.get(f"/v1/posts/group/{group}")
    program.delete(f"/v1/posts/group/{group}")


def of_media(program: Any, workspace: Workspace) -> None:
    sent = program.post("/v1/media", {"file": SimpleUploadedFile("picture.png", builders.PNG)}, MULTIPART_CONTENT)
    place = f"/v1/media/{sent.json()['media']['id']}"
    program.get("/v1/media")
    program.get(place)
    program.patch(place, {"alt_text": "A red dot"})
    program.delete(place)


def of_accounts(program: Any, workspace: Workspace) -> None:
    place = f"/v1/integrations/{builders.account(workspace).id}"
    program.get("/v1/integrations")
    program.get("/v1/integrations/bluesky/connect")
    program.post("/v1/integrations/bluesky/connect", {"identifier": "alice.bsky.social", "password": "anything"})
    for address in (place, f"{place}/health", f"{place}/next-slot"):
        program.get(address)
    program.delete(place)


def of_keys(program: Any, workspace: Workspace) -> None:
    place = f"/v1/keys/{program.post('/v1/keys', {'name': 'Statistics'}).json()['data']['id']}"
    program.get("/v1/me")
    program.get("/v1/keys")
    program.get(place)
    program.patch(place, {"name": "The newsletter"})
    program.post(f"{place}/rotate", {})
    program.delete(place)


def of_webhooks(program: Any, workspace: Workspace) -> None:
    place = f"/v1/webhooks/{program.post('/v1/webhooks', HOOK).json()['data']['id']}"
    program.get("/v1/webhooks")
    program.get(place)
    program.patch(place, {"enabled": True})
    program.post(f"{place}/rotate-secret", {})
    delivery = program.post(f"{place}/test").json()["data"]["id"]
    program.get(f"{place}/deliveries")
    program.post(f"{place}/deliveries/{delivery}/replay")
    program.post(f"{place}/replay", {"since": builders.iso(builders.soon(hours=-1))})
    program.get("/v1/events")
    program.delete(place)


def of_itself(program: Any, workspace: Workspace) -> None:
    etag = program.get("/v1/openapi.json")["ETag"]
    program.get("/v1/openapi.json", headers={"If-None-Match": etag})


STORIES: list[Callable[[Any, Workspace], None]] = [
    of_posts, of_groups, of_media, of_accounts, of_keys, of_webhooks, of_itself,
]  # fmt: skip
#: What takes another host, or an outcome that nobody knows: their own tests see to that.
ELSEWHERE = {("fetchMedia", 201), ("resolveTarget", 200)}


def test_every_call_goes_well_with_each_status_that_it_promises() -> None:
    workspace = builders.workspace()
    program = builders.client(workspace, *Scope.values)
    seen.answers.clear()

    for story in STORIES:
        story(program, workspace)

    promised = {
        (operation["operationId"], int(status))
        for *_, operation in operations()
        for status in operation["responses"]
        if status < "400"
    }
    assert promised - seen.answers - ELSEWHERE == set()
    assert {answer for answer in seen.answers if answer[1] >= 400} == set()
