"""What stories begin with: functions that the Seeder runs. They use the product's own verbs, as tests/builders.py."""

import io
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw

from integrations.avatars import kept as avatars
from integrations.models import Role, Scope, SecondFactor, Workspace
from integrations.people import totp
from integrations.platforms import images
from posts import lifecycle
from posts.lifecycle import Failure
from posts.models import Post
from tests import builders

#: Who has which role, in every team.
PEOPLE = {Role.OWNER: "ada", Role.ADMIN: "ben", Role.EDITOR: "chika", Role.VIEWER: "dana"}

#: What they look like: the sky, the sun and the hill, by platform.
PICTURES = {
    "twitter": ("#2f4858", "#f6ae2d", "#33658a"),
    "bluesky": ("#cfe8ff", "#ff7a59", "#2b9348"),
    "instagram": ("#5f0f40", "#fb8b24", "#9a031e"),
    "mastodon": ("#e0d6ff", "#ffd166", "#6a4c93"),
}

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Team:
    """A workspace, a key of it for everything, and one person per role who is signed in: the cookie of each."""

    workspace: Workspace
    key: str
    sessions: Mapping[str, str] = field(repr=False)


def team(name: str, mode: str = "sandbox") -> Team:
    """A new team, in a sandbox workspace with one account per platform unless told otherwise."""
    workspace = builders.workspace(mode, name)
    sessions, number = {}, next(_numbers)
    for role, person in PEOPLE.items():
        username = person if number == 1 else f"{person}{number}"
        user = User.objects.create_user(username, first_name=person.title(), is_staff=True)
        workspace.memberships.create(user=user, role=role)
        sessions[role.value] = session(username)
    return Team(workspace, builders.api_key(workspace, scopes=Scope.values), sessions)


def session(username: str) -> str:
    """The cookie with which this person is signed in, as after the page on which they do it."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client.cookies["sessionid"].value


def pictures(workspace: Workspace) -> None:
    """Some of the accounts get a picture, of which the sandbox network has none: a sun over a hill, each another."""
    for platform, (sky, sun, hill) in PICTURES.items():
        image = Image.new("RGB", (400, 400), sky)
        draw = ImageDraw.Draw(image)
        draw.ellipse((110, 70, 290, 250), fill=sun)
        draw.ellipse((-120, 220, 520, 700), fill=hill)
        file = io.BytesIO()
        image.save(file, "PNG")
        row = workspace.integrations.get(platform=platform)
        row.avatar = avatars.put(images.square(file.getvalue(), side=96), of=row.id)
        row.save(update_fields=["avatar"])


def half_in(username: str) -> str:
    """The cookie of somebody new who is asked for a second factor next."""
    user = User.objects.create_user(username, is_staff=True)
    SecondFactor.objects.create(user=user, seed=totp.new_seed(), confirmed_at=timezone.now())
    return session(username)


# States that no word to the sandbox network brings about, or not for long ---------------------------------------------
#
# Each is a post of the day after tomorrow that a worker took up too early: the workers that run are after what is due,
# and leave it alone.


def being_sent(workspace: Workspace, **words: object) -> str:
    """A post that a worker holds, and goes on holding for a day."""
    post = _ahead(workspace, **words)
    _claim(post, now=timezone.now() + timedelta(days=1))
    return str(post.id)


def tried_later(workspace: Workspace, **words: object) -> str:
    """A post whose platform was away: it is tried again in two hours."""
    post, now = _ahead(workspace, **words), timezone.now()
    failure = Failure("platform_unavailable", "The platform is down.", retryable=True)
    for claim in _claim(post, now=now):
        lifecycle.postpone(claim, until=now + timedelta(hours=2), failure=failure, failures=3, now=now)
    return str(post.id)


def unknown(workspace: Workspace, **words: object) -> str:
    """A post of which nobody knows whether it is live: a person must say so."""
    post, now = _ahead(workspace, **words), timezone.now()
    failure = Failure(
        "outcome_unknown",
        "The platform never said whether it took the post. Look there, and only then say whether it is live.",
    )
    for claim in _claim(post, now=now):
        lifecycle.fail(claim, failure=failure, in_doubt=True, now=now)
    return str(post.id)


def _ahead(workspace: Workspace, **words: object) -> Post:
    return builders.post(workspace, at=builders.soon(days=2), **words)  # type: ignore[arg-type]


def _claim(post: Post, *, now: datetime) -> list[lifecycle.Claim]:
    found = []
    for target in post.targets.all():
        post.targets.filter(id=target.id).update(in_hand=True)
        assert target.due_at
        claim = lifecycle.claim(target_id=target.id, token=target.due_at, now=now)
        assert claim
        found.append(claim)
    return found
