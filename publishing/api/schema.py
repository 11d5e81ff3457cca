"""What became of a post, and a person's word on it, for the API's description."""

from integrations.platforms import registry
from integrations.platforms.codes import Side
from openpost.api.openapi import shapes
from openpost.api.openapi.calls import Answer, Body, Call, Description, Section
from posts.models import EventKind
from publishing.models import Outcome
from publishing.timeline import MOST

from .input import ResolveInput
from .views import TargetViewSet, TimelineViewSet

#: What a person did; "progress" of a try, and how it ended: an Outcome, of which "live" is told as "published".
_KINDS = [*EventKind.values, "progress", "published", *(one for one in Outcome.values if one != Outcome.LIVE)]

_PARTS = {
    "TimelineEntry": shapes.obj(
        "One thing that happened.",
        at=shapes.moment(),
        kind=shapes.choice(_KINDS),
        message=shapes.text("A sentence for people."),
        actor=shapes.nullable(shapes.text("Who did it; `worker` is the machine.")),
        target=shapes.nullable(
            shapes.obj(
                "Of which target; null: of the whole post.",
                id=shapes.uuid(),
                platform=shapes.choice(registry.NAMES),
                username=shapes.text(),
            )
        ),
        code=shapes.nullable(shapes.text("As in docs/errors.md.")),
        side=shapes.nullable(shapes.choice(Side)),
        attempt=shapes.nullable(shapes.number("Which try it belongs to.")),
        took_ms=shapes.nullable(shapes.number("How long the try took.")),
        next_attempt_at=shapes.nullable(shapes.moment("When the machine goes on.")),
    )
}

_ENTRY = {
    "at": "2026-05-01T14:00:01Z",
    "kind": "published",
    "message": "Live on Bluesky: https://bsky.app/profile/alice.bsky.social/post/3kq2bmfe7gs2c",
    "actor": "worker",
    "target": {
        "id": "6a1c2d3e-0000-4000-8000-000000000002",
        "platform": "bluesky",
        "username": "alice.bsky.social",
    },
    "code": None,
    "side": None,
    "attempt": 1,
    "took_ms": 412,
    "next_attempt_at": None,
}

DESCRIPTION = Description(
    parts=_PARTS,
    sections=[
        Section(
            "Posts",
            "",
            {
                TimelineViewSet: {
                    "list": Call(
                        name="listPostEvents",
                        summary="See what happened to a post",
                        answers={
                            200: Answer(
                                f"Oldest first, the newest {MOST}.",
                                shapes.obj(
                                    data=shapes.array(shapes.ref("TimelineEntry")),
                                    truncated=shapes.flag("Whether there was more before the first."),
                                ),
                                {"data": [_ENTRY], "truncated": False},
                            )
                        },
                    )
                },
                TargetViewSet: {
                    "resolve": Call(
                        name="resolveTarget",
                        summary="Say whether a target is live",
                        description="For a target with the error `outcome_unknown`: what only a person can find out.",
                        body=Body(
                            ResolveInput,
                            notes={
                                "published": "Whether it is live. If not, it is sent again.",
                                "url": "The address of the post there; given when it is live, and only then.",
                            },
                            examples={
                                "It is live": {
                                    "published": True,
                                    "url": "https://bsky.app/profile/alice.bsky.social/post/3kq2bmfe7gs2c",
                                },
                                "It is not": {"published": False},
                            },
                        ),
                        answers={200: Answer("The post.", shapes.data(shapes.ref("Post")), headers=["ETag"])},
                        refusals={409: ["nothing_to_resolve", "live_after_all", "already_recorded"]},
                    )
                },
            },
        )
    ],
)
