"""One account of /v1/integrations. The list, and connecting, are described in integrations."""

from openpost.api.openapi import shapes
from openpost.api.openapi.calls import Answer, Call, Section
from posts.api.accounts import AccountViewSet

_WAITING = shapes.number("How many posts wait for the account.")

PARTS = {
    "Health": shapes.also(
        shapes.ref("Integration"),
        can_publish=shapes.flag("Whether a post would go out now."),
        problem=shapes.nullable(
            shapes.obj("Why not.", code=shapes.text(), message=shapes.text("A sentence for people."))
        ),
        access_ends_at=shapes.nullable(shapes.moment("When our access ends, unless it is renewed.")),
        refreshed_at=shapes.nullable(shapes.moment("When our access was renewed last.")),
        last_published_at=shapes.nullable(shapes.moment()),
        scheduled_posts=_WAITING,
    ),
    "Disconnected": shapes.also(
        shapes.ref("Integration"),
        ended_at_platform=shapes.nullable(shapes.flag("Whether the platform has ended our access; null: not asked.")),
        scheduled_posts=_WAITING,
    ),
}

ACCOUNTS = Section(
    "Integrations",
    "The accounts that a workspace speaks for.",
    {
        AccountViewSet: {
            "retrieve": Call(
                name="getIntegration",
                summary="Get an account",
                answers={200: Answer("The account.", shapes.data(shapes.ref("Integration")))},
            ),
            "destroy": Call(
                name="disconnectIntegration",
                summary="Disconnect an account",
                description="Its credentials are forgotten and its posts stay. It can be connected again.",
                answers={200: Answer("The account as it is now.", shapes.data(shapes.ref("Disconnected")))},
            ),
            "health": Call(
                name="getIntegrationHealth",
                summary="Get an account's health",
                description="What is known of the account, without asking its platform.",
                answers={200: Answer("Its health.", shapes.data(shapes.ref("Health")))},
            ),
            "next_slot": Call(
                name="getNextSlot",
                summary="Get an account's next free slot",
                answers={
                    200: Answer(
                        "The time.",
                        shapes.obj(next_slot=shapes.nullable(shapes.moment())),
                        {"next_slot": "2026-05-01T14:00:00Z"},
                    )
                },
            ),
        }
    },
)
