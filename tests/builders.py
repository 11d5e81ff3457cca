"""What tests begin with, as plain functions. They use the product's own verbs, so that no test starts from a state
that the product could not reach.
"""

import itertools
import os
import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations import connect, keys
from integrations.models import Integration, Mode, Role, Workspace
from integrations.platforms.base import MediaKind
from posts import actions, lifecycle
from posts.lifecycle import Claim, Failure
from posts.models import Media, Post, PostTarget
from posts.words import ThreadPart, Words
from tests.openpost import described

_numbers = itertools.count(1)

#: A red picture, a red one that turns blue, and what every MP4 begins with.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73000000164944415478da633c2127c7c0c0c0c4c0c0c0c0"
    "c000000d0401087fad82510000000049454e44ae426082"
)
GIF = bytes.fromhex(
    "47494638396102000200810000c81e1e00000000000000000021ff0b4e45545343415045322e30030100000021f90400640000002c000000"
    "00020002000008060001080410100021f90401640001002c0000000002000200811e1ec80000000000000000000806000108041010003b"
)
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"


def soon(**kwargs: float) -> datetime:
    """A time ahead, an hour unless told otherwise: `soon(days=3)`. Whole seconds, as people write them."""
    return (timezone.now() + timedelta(**(kwargs or {"hours": 1}))).replace(microsecond=0)


def iso(at: datetime) -> str:
    """The time as the API shows it."""
    return at.isoformat().replace("+00:00", "Z")


# Who speaks ---------------------------------------------------------------------------------------------------------


def workspace(mode: str = "sandbox", name: str = "") -> Workspace:
    """A sandbox workspace has one account per platform; a live one has none."""
    return connect.create_workspace(name=name or f"Workspace {next(_numbers)}", mode=Mode(mode), now=timezone.now())


def member(workspace: Workspace, role: str = Role.EDITOR, **fields: Any) -> User:
    """A person with this role in the workspace, who may enter admin."""
    user = User.objects.create_user(f"person{next(_numbers)}", is_staff=True, **fields)
    workspace.memberships.create(user=user, role=role)
    return user


def signed_in(user: User) -> Client:
    """The browser of this person, as Django's test client."""
    client = Client()
    client.force_login(user)
    return client


def integration(workspace: Workspace, platform: str = "twitter", **fields: Any) -> Integration:
    """One more account of the workspace: `integration(workspace, "bluesky", status="needs_refresh")`."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "remote_id": f"remote-{number}",
        "username": f"somebody{number}",
        "connected_at": timezone.now(),
        **fields,
    }
    return Integration.objects.create(workspace=workspace, platform=platform, **values)


def account(workspace: Workspace, platform: str = "twitter") -> Integration:
    """The account a workspace already has on a platform: its first."""
    return workspace.integrations.filter(platform=platform).order_by("created_at", "id")[0]


def api_key(
    workspace: Workspace, *, scopes: Collection[str] = ("read", "write"), expires_at: datetime | None = None
) -> str:
    return keys.create_key(workspace=workspace, name="Tests", scopes=scopes, expires_at=expires_at)[1]


class ApiClient(Client):
    """Django's test client, sending JSON unless told otherwise. Each answer must be one that the API describes."""

    def request(self, **request: Any) -> Any:
        answer = super().request(**request)
        described.check(request["REQUEST_METHOD"], request["PATH_INFO"], answer)
        return answer

    def post(self, path: str, data: Any = None, content_type: str = "application/json", **extra: Any) -> Any:  # type: ignore[override]
        return super().post(path, data, content_type, **extra)

    def patch(self, path: str, data: Any = "", content_type: str = "application/json", **extra: Any) -> Any:  # type: ignore[override]
        return super().patch(path, data, content_type, **extra)


def client(workspace: Workspace, *scopes: str) -> ApiClient:
    """A program that holds a key of the workspace: one that reads and writes unless told otherwise."""
    key = api_key(workspace, scopes=scopes) if scopes else api_key(workspace)
    return ApiClient(headers={"Authorization": f"Bearer {key}"})


def stranger(*scopes: str) -> ApiClient:
    """A program of another workspace, which has the same platforms connected."""
    return client(workspace(name="Somebody else's"), *scopes)


def error(response: Any, status: int = 400) -> dict[str, Any]:
    """The body of an answer that must be an error of that status in the API's one shape."""
    assert response.status_code == status, response.content
    body: dict[str, Any] = response.json()
    assert isinstance(body["error"], str)
    assert body["error"]
    assert isinstance(body["code"], str)
    assert body["request_id"] == response["X-Request-Id"]
    return body


def environment() -> dict[str, str]:
    """The environment in which another process works on this test's own database; mark the test `transaction=True`."""
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return {**os.environ, "DATABASE_URL": url}


# What is said -------------------------------------------------------------------------------------------------------


def post(
    workspace: Workspace,
    content: str = "Hello world",
    *,
    platforms: Sequence[str] = ("twitter",),
    at: datetime | None = None,
    group_id: uuid.UUID | None = None,
    tags: Sequence[str] = (),
    overrides: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    integrations: Sequence[uuid.UUID] = (),
    media: Sequence[Media] = (),
    thread: Sequence[str | tuple[str, Sequence[Media]]] = (),
    split: bool = False,
) -> Post:
    """A draft, or a scheduled post when `at` is given; a time near now makes it due at once.

    A part of the thread is its text, or its text and its files.
    """
    parts = [(part, ()) if isinstance(part, str) else part for part in thread]
    words = Words(
        content=content,
        platforms=[] if integrations else list(platforms),
        integrations=list(integrations),
        at=at,
        tags=list(tags),
        group_id=group_id,
        platform_overrides=dict(overrides or {}),
        platform_settings=dict(settings or {}),
        media_ids=[one.id for one in media],
        thread=[ThreadPart(text, [one.id for one in files]) for text, files in parts],
        split=split,
    )
    return actions.create(workspace=workspace, words=words)


def media(workspace: Workspace, kind: str = "image", *, content: bytes | None = None, **fields: Any) -> Media:
    """A stored file: a real PNG or GIF of a few pixels; of a video only the first box.

    `media(workspace, "video", file_size=10**9, duration=7)` says other facts of it than its bytes would.
    """
    file_type, name = {
        MediaKind.IMAGE: ("image/png", "picture.png"),
        MediaKind.GIF: ("image/gif", "moving.gif"),
        MediaKind.VIDEO: ("video/mp4", "clip.mp4"),
    }[MediaKind(kind)]
    data = content or {"image": PNG, "gif": GIF, "video": MP4}[kind]
    moves = {"duration": 2.0, "frames": 2, "frame_rate": 1.0} if kind != "image" else {}
    values = {"name": name, "file_type": file_type, "file_size": len(data), "width": 2, "height": 2, **moves, **fields}
    return Media.objects.create(workspace=workspace, kind=kind, file=ContentFile(data, name), **values)


def target(post: Post, platform: str = "") -> PostTarget:
    """The post's target on a platform, or its only one, fresh from the database."""
    targets = PostTarget.objects.filter(post=post)
    return (targets.filter(integration__platform=platform) if platform else targets).get()


def due(workspace: Workspace, **kwargs: Any) -> PostTarget:
    """The only target of a new post that is due now."""
    return target(post(workspace, at=timezone.now(), **kwargs))


def claimed(target: PostTarget) -> Claim:
    """What a worker holds that has just taken up a target that is due."""
    target.refresh_from_db()
    assert target.due_at is not None
    PostTarget.objects.filter(id=target.id).update(in_hand=True)
    claim = lifecycle.claim(target_id=target.id, token=target.due_at, now=timezone.now())
    assert claim is not None
    return claim


def publishing(workspace: Workspace, **kwargs: Any) -> Post:
    """A post whose every target a worker has taken up."""
    made = post(workspace, at=timezone.now(), **kwargs)
    for one in made.targets.all():
        claimed(one)
    made.refresh_from_db()
    return made


def published(workspace: Workspace, **kwargs: Any) -> Post:
    """A post that is live on all its platforms."""
    made = post(workspace, at=timezone.now(), **kwargs)
    for one in made.targets.all():
        go_live(one)
    made.refresh_from_db()
    return made


def failed(workspace: Workspace, **kwargs: Any) -> Post:
    """A post whose every target has failed."""
    made = post(workspace, at=timezone.now(), **kwargs)
    for one in made.targets.all():
        go_wrong(one)
    made.refresh_from_db()
    return made


def go_live(target: PostTarget) -> None:
    """A worker takes the target up and publishes it."""
    url = f"https://example.com/{target.id}"
    assert lifecycle.live(claimed(target), remote_id=str(target.id), urls=[url], now=timezone.now())


def go_wrong(target: PostTarget, code: str = "rejected") -> None:
    """A worker takes the target up, and the platform refuses it."""
    failure = Failure(code=code, message="The platform refused it.")
    assert lifecycle.fail(claimed(target), failure=failure, now=timezone.now())
