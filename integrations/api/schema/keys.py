"""/v1/keys."""

from integrations.api.keys import KeyChange, KeyInput, KeyViewSet, RotateInput
from integrations.api.me import MeViewSet
from integrations.models import Mode, Scope
from integrations.models.api_key import ORDINARY
from openpost.api.openapi import shapes
from openpost.api.openapi.calls import Answer, Body, Call, Section
from openpost.api.openapi.manners import PAGING

EXAMPLE = {
    "id": "1c9f0a2b-3d4e-4f50-8a6b-7c8d9e0f1a2b",
    "name": "The newsletter",
    "hint": "op_live_Zk3v…9QxA",
    "scopes": ["read", "write"],
    "status": "active",
    "created_at": "2026-04-01T09:00:00Z",
    "last_used_at": None,
    "expires_at": None,
    "rotated_at": None,
    "revoked_at": None,
}
_SHOWN_ONCE = "op_live_Zk3vB1n7cYtq0WmS5rJd2HfLx8Ua9QxA"

PARTS = {
    "Key": shapes.obj(
        id=shapes.uuid(),
        name=shapes.text("What uses it."),
        hint=shapes.text("Its beginning and end, to recognise it by."),
        scopes=shapes.array(shapes.choice(Scope.values), "What it may do. None holds another."),
        status=shapes.choice(["active", "expired", "revoked"]),
        created_at=shapes.moment(),
        last_used_at=shapes.nullable(shapes.moment("To the minute.")),
        expires_at=shapes.nullable(shapes.moment()),
        rotated_at=shapes.nullable(shapes.moment("When another one took its place.")),
        revoked_at=shapes.nullable(shapes.moment()),
    ),
    "NewKey": shapes.also(shapes.ref("Key"), key=shapes.text("The key itself: the only time that it is shown.")),
    "Me": shapes.obj(
        key=shapes.ref("Key"),
        workspace=shapes.obj(
            "Whose posts and accounts the key sees.",
            id=shapes.uuid(),
            name=shapes.text(),
            mode=shapes.choice(Mode.values, "In a sandbox nothing reaches a real platform."),
        ),
    ),
    "RotatedKey": shapes.also(shapes.ref("NewKey"), replaces=shapes.ref("Key")),
}
PATH = {"key_id": shapes.uuid()}

_NOTES = {
    "name": "What uses the key, so that you know what stops when it goes.",
    "scopes": f"What it may do: {', '.join(ORDINARY)} unless said otherwise.",
    "expires_at": "When it ends by itself; never, unless said.",
    "overlap_seconds": "For how long the old key goes on beside the new one.",
}

KEYS = Section(
    "Keys",
    "A workspace's API keys, for keys with the scope `admin`; and the key at hand, for every one.",
    {
        MeViewSet: {
            "retrieve": Call(
                name="getMe",
                summary="See what the key at hand is",
                description="Takes a key of any scope.",
                answers={
                    200: Answer(
                        "The key, and its workspace.",
                        shapes.data(shapes.ref("Me")),
                        {
                            "data": {
                                "key": EXAMPLE,
                                "workspace": {
                                    "id": "5b0d1c2e-0000-4000-8000-000000000001",
                                    "name": "Newsroom",
                                    "mode": "live",
                                },
                            }
                        },
                    )
                },
            )
        },
        KeyViewSet: {
            "list": Call(
                name="listKeys",
                summary="List keys",
                query=PAGING,
                answers={
                    200: Answer(
                        "The keys, newest first.",
                        shapes.page(shapes.ref("Key")),
                        {"data": [EXAMPLE], "next_cursor": None},
                    )
                },
            ),
            "create": Call(
                name="createKey",
                summary="Create a key",
                body=Body(
                    KeyInput, notes=_NOTES, examples={"One that only reads": {"name": "Statistics", "scopes": ["read"]}}
                ),
                answers={
                    201: Answer(
                        "The key.",
                        shapes.data(shapes.ref("NewKey")),
                        {"data": {**EXAMPLE, "key": _SHOWN_ONCE}},
                        leads={"key_id": "/data/id"},
                    )
                },
                refusals={400: ["time_in_past"], 409: ["too_many_keys"]},
            ),
            "retrieve": Call(
                name="getKey",
                summary="Get a key",
                answers={200: Answer("The key.", shapes.data(shapes.ref("Key")), {"data": EXAMPLE})},
            ),
            "partial_update": Call(
                name="updateKey",
                summary="Change a key",
                body=Body(KeyChange, notes=_NOTES, examples={"Another name": {"name": "The newsletter"}}),
                answers={200: Answer("As it is now.", shapes.data(shapes.ref("Key")), {"data": EXAMPLE})},
            ),
            "destroy": Call(
                name="revokeKey",
                summary="Revoke a key",
                answers={204: Answer("It works no more.")},
            ),
            "rotate": Call(
                name="rotateKey",
                summary="Rotate a key",
                description="Makes a key that takes the place of this one, which goes on for a while.",
                body=Body(RotateInput, notes=_NOTES, examples={"An hour": {"overlap_seconds": 3600}}),
                answers={
                    201: Answer(
                        "The new key.",
                        shapes.data(shapes.ref("RotatedKey")),
                        {"data": {**EXAMPLE, "key": _SHOWN_ONCE, "replaces": EXAMPLE}},
                    )
                },
                refusals={409: ["key_not_rotatable", "too_many_keys"]},
            ),
        },
    },
)
