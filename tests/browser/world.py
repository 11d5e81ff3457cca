"""What the screens show: a workspace with a post in every state, one that is empty, and who looks at them."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from tests import builders
from tests.system.seeding import Seeder
from tests.system.stack import Program, Stack

from . import seeds
from .seeds import Team


@dataclass(frozen=True)
class World:
    """`sessions` by who it is: nobody, operator (a superuser), newcomer (in an empty workspace), half_in (who has
    given a password, and no second factor yet), or a role in the team.

    `ids` by what it is: of posts by their state, and of whatever else an address names.
    """

    team: Team
    sessions: Mapping[str, str]
    ids: Mapping[str, str]


def make_world(stack: Stack, seed: Seeder) -> World:
    team, empty = seed(seeds.team, "Acme"), seed(seeds.team, "Quiet corner")
    seed(seeds.pictures, team.workspace)
    sessions = {
        "nobody": "",
        "operator": seed(seeds.session, "admin"),
        "newcomer": empty.sessions["owner"],
        "half_in": seed(seeds.half_in, "erin"),
        **team.sessions,
    }
    program = Program(stack.url, team.key)
    ids = {"workspace": str(team.workspace.id), **_posts(program, team, seed), **_others(program)}
    return World(team, sessions, ids)


def _posts(program: Program, team: Team, seed: Seeder) -> dict[str, str]:
    """One post per state. What the sandbox network can bring about is brought about there, by the workers."""
    now, tomorrow = builders.iso(builders.soon(seconds=1)), builders.iso(builders.soon(days=1, hours=2))

    def create(content: str, *platforms: str, **more: object) -> str:
        body = {"content": content, "platforms": platforms, **more}
        post_id: str = program.call("POST", "/v1/posts", body, status=201)["id"]
        return post_id

    draft = create("Behind the scenes of the new workshop: what we learned", "twitter", "linkedin", tags=["workshop"])
    shared = create("Meet the millers: two portraits", "instagram", "facebook")
    kept = create("A walk along the stream", "mastodon")
    picture = _upload(program)
    thread = [{"content": "First, the roof came off."}, {"content": "Then the light came in. #before #after"}]
    words = {"scheduled_at": tomorrow, "media_ids": [picture], "thread": thread, "tags": ["launch"]}
    scheduled = create("The old mill has a new life 🎉 https://example.com/mill", "twitter", "bluesky", **words)
    live = create(
        "We are open! Come by for a coffee, Mon to Fri 8–18 h.", "twitter", "bluesky", "mastodon", schedule_at=now
    )
    refused = create("Free cake for the first hundred #sandbox-reject", "facebook", schedule_at=now)
    revoked = create("Hiring: two carpenters and a cook #sandbox-revoked", "threads", schedule_at=now)
    overrides = {"mastodon": "Half of it #sandbox-reject"}
    in_part = create("Doors close at ten tonight", "bluesky", "mastodon", schedule_at=now, platform_overrides=overrides)
    for post, status in ((live, "published"), (refused, "failed"), (revoked, "failed"), (in_part, "failed")):
        program.wait(post, status)
    return {
        "draft": draft,
        "shared": shared,
        "kept": kept,
        "scheduled": scheduled,
        "published": live,
        "failed": refused,
        "disconnected": revoked,
        "in_part": in_part,
        "publishing": seed(seeds.being_sent, team.workspace, content="The band is on stage in five minutes"),
        "retrying": seed(seeds.tried_later, team.workspace, content="Last tickets at the door"),
        "unknown": seed(seeds.unknown, team.workspace, content="Thank you for a wonderful summer"),
        "picture": picture,
    }


def _others(program: Program) -> dict[str, str]:
    webhook = program.call("POST", "/v1/webhooks", {"url": "http://127.0.0.1:9/hook"}, status=201)
    accounts = {row["platform"]: row["id"] for row in program.call("GET", "/v1/integrations", status=200)}
    return {"webhook": webhook["id"], "account": accounts["twitter"], "lost_account": accounts["threads"]}


def _upload(program: Program) -> str:
    """A picture such as people post: an evening sky."""
    sky = Image.linear_gradient("L").resize((1200, 800))
    picture = Image.merge(
        "RGB",
        (
            sky,
            sky.point([value // 2 + 60 for value in range(256)]),
            sky.point([255 - value // 2 for value in range(256)]),
        ),
    )
    file = io.BytesIO()
    picture.save(file, "PNG")
    files = {"file": ("mill.png", file.getvalue(), "image/png")}
    answer = program.session.post(
        f"{program.url}/v1/media", files=files, data={"alt_text": "The mill at dusk"}, timeout=30
    )
    assert answer.status_code == 201, answer.text
    media_id: str = answer.json()["media"]["id"]
    return media_id
