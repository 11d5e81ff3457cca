"""/v1/integrations, and connecting. What one account's posts say of it is described in posts."""

from integrations.api.accounts import IntegrationListViewSet
from integrations.api.connecting import ConnectViewSet
from integrations.models import IntegrationStatus
from integrations.platforms import registry
from openpost.api.openapi import shapes
from openpost.api.openapi.calls import Answer, Body, Call, Parameter, Section
from openpost.api.openapi.manners import PAGING

_NAMES = [*registry.NAMES, *(alias for rules in registry.PLATFORMS.values() for alias in rules.aliases)]

EXAMPLE = {
    "id": "9b2d3e4f-0000-4000-8000-000000000002",
    "platform": "bluesky",
    "username": "alice.bsky.social",
    "display_name": "Alice",
    "status": "active",
    "status_reason": None,
    "premium": False,
    "connected_at": "2026-04-01T09:00:00Z",
    "token_expires_at": "2026-04-16T12:00:00Z",
    "resting_until": None,
    "created_at": "2026-04-01T09:00:00Z",
}

PARTS = {
    "Integration": shapes.obj(
        id=shapes.uuid(),
        platform=shapes.choice(registry.NAMES),
        username=shapes.text(),
        display_name=shapes.text(),
        status=shapes.choice(IntegrationStatus.values, "Whether it is connected; `needs_refresh`: connect it again."),
        status_reason=shapes.nullable(shapes.text("A sentence for people.")),
        premium=shapes.flag("Whether the account pays its platform for longer texts and larger files."),
        connected_at=shapes.nullable(shapes.moment()),
        token_expires_at=shapes.nullable(shapes.moment("It is renewed before.")),
        resting_until=shapes.nullable(shapes.moment("Until then its platform takes nothing from it.")),
        created_at=shapes.moment(),
    ),
    "SignIn": shapes.obj(
        auth_type=shapes.choice(["oauth"]),
        url=shapes.address("Send the person there."),
        state=shapes.text("Names this sign-in."),
        redirect_uri=shapes.address("Where the platform sends the person back to."),
    ),
    "Credentials": shapes.obj(
        auth_type=shapes.choice(["credentials"]),
        fields=shapes.array(
            shapes.obj(
                name=shapes.text(),
                description=shapes.text(),
                secret=shapes.flag(),
                required=shapes.flag(),
                default=shapes.nullable(shapes.text()),
            ),
            "What to POST to this address.",
        ),
    ),
}
PATH = {"platform": shapes.choice(_NAMES)}

ACCOUNTS = Section(
    "Integrations",
    "The accounts that a workspace speaks for.",
    {
        IntegrationListViewSet: {
            "list": Call(
                name="listIntegrations",
                summary="List accounts",
                description="Newest first. Without a `status`, those that are connected, well or not.",
                query=(
                    Parameter("platform", shapes.choice(_NAMES), "Accounts of this platform."),
                    Parameter("status", shapes.choice(IntegrationStatus.values), "Accounts of this status."),
                    *PAGING,
                ),
                answers={
                    200: Answer(
                        "The accounts.",
                        shapes.page(shapes.ref("Integration")),
                        {"data": [EXAMPLE], "next_cursor": None},
                        leads={"integration_id": "/data/0/id"},
                    )
                },
                refusals={400: ["unknown_platform", "invalid_status"]},
            )
        },
        ConnectViewSet: {
            "retrieve": Call(
                name="beginConnecting",
                summary="See how an account is connected",
                description="Begins a sign-in in the browser where the platform has one, or says what to POST here.",
                answers={
                    200: Answer(
                        "How to go on.",
                        {"oneOf": [shapes.ref("SignIn"), shapes.ref("Credentials")]},
                        headers=["Cache-Control"],
                    )
                },
                refusals={404: ["unknown_platform"], 501: ["platform_not_available", "app_not_configured"]},
            ),
            "create": Call(
                name="connectIntegration",
                summary="Connect an account",
                description="With the answers to `fields`, verified at the account's own server. An account that was "
                "connected before keeps its id and its posts.",
                body=Body(
                    shapes.mapping(description="The platform's `fields`; for Bluesky as in the example."),
                    examples={
                        "Bluesky": {"identifier": "alice.bsky.social", "password": "abcd-efgh-ijkl-mnop"},
                    },
                ),
                answers={201: Answer("The account.", shapes.data(shapes.ref("Integration")), {"data": EXAMPLE})},
                refusals={
                    400: [
                        *("sign_in_in_the_browser", "invalid_credentials", "invalid_service"),
                        *("app_password_required", "account_disconnected", "unknown_field"),
                    ],
                    404: ["unknown_platform"],
                    501: ["platform_not_available"],
                    502: ["platform_unavailable", "unreachable"],
                },
            ),
        },
    },
)
