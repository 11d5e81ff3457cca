"""Bad days of the platforms: what they do to the call, or to the question, and what must come of it.

The sandbox network's are its words. X's double and the Bluesky server's bad network take them from
tests/peers/faults.py, each for one account.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from .case import LIVE, Case, Check, Expect, Play, Scene, Wrong

#: Longer than our clients listen (X 20 s, Bluesky 30 s), and shorter than what a later look could miss.
X_HANG, BLUESKY_HANG = 27, 36

#: What X says to a text it has already. https://docs.x.com/x-api/posts/create-post
DUPLICATE = {
    "title": "Forbidden",
    "detail": "You are not allowed to create a Tweet with duplicate content.",
    "type": "about:blank",
    "status": 403,
}
NO_CREDIT = {"title": "CreditsDepleted", "detail": "Your account has no credits left.", "type": "about:blank"}
TOO_MANY = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
EXPIRED = {"error": "ExpiredToken", "message": "Token has expired"}

REVOKED = Expect(0, "failed", "account_disconnected")


@dataclass(frozen=True)
class Trouble:
    """Scripted trouble: `how` goes to the platform's faults, once or `times` times."""

    do: str
    when: str = "before"
    call: str = "send"
    how: dict[str, Any] = field(default_factory=dict)
    times: int = 1


def cases() -> list[Case]:
    return [*_common(), *_of_x(), *_of_bluesky(), *_of_sandbox()]


def _common() -> list[Case]:
    """What both platforms do alike: exactly one post, whatever the caller saw."""
    found = []
    for platform, hang in (("twitter", X_HANG), ("bluesky", BLUESKY_HANG)):
        slow = {"seconds": hang}
        table = {
            "drops the connection before it took it": Trouble("drop"),
            "drops the connection after it took it": Trouble("drop", "after"),
            "answers 500 after it took it": Trouble("answer", "after", how={"status": 500, "body": "oops"}),
            "answers 503 before it took it": Trouble("answer", how={"status": 503, "body": "busy"}),
            "hangs beyond the timeout, then takes it": Trouble("hang", how=slow),
            "takes it, then hangs beyond the timeout": Trouble("hang", "after", how=slow),
            "takes it and sends half an answer": Trouble("half", "after"),
        }
        found += [_case(platform, fault, trouble) for fault, trouble in table.items()]
        busy = {"status": 429, "headers": {"Retry-After": "5"}, "body": TOO_MANY}
        found += [
            _case(platform, "429 with Retry-After: 5", Trouble("answer", how=busy)),
            _case(
                platform,
                "takes it without a word; two looks meet 503",
                Trouble("drop", "after"),
                Trouble("answer", call="look", how={"status": 503, "body": "busy"}, times=2),
            ),
        ]
    return found


def _of_x() -> list[Case]:
    stays = Expect(0, "pending", "rate_limited")
    return [
        _case("twitter", "429 without Retry-After", Trouble("answer", how=_said(429, TOO_MANY)), expect=stays),
        _case("twitter", "401: the token is refreshed", Trouble("answer", how=_said(401, {"title": "Unauthorized"}))),
        Case("send", "takes it without a word, shows it 20 s later", ("twitter",), shown_later),
        Case("send", "takes it without a word, shows it 45 s later", ("twitter",), shown_late, Expect(within=75)),
        Case("send", "lost; its text was posted by hand a minute before", ("twitter",), posted_by_hand),
        Case("send", "access was revoked", ("twitter",), revoked, REVOKED),
        Case(
            "send",
            "402, no credit: the platform rests, others go on",
            ("twitter", "twitter", "bluesky"),
            no_credit,
            expects={0: Expect(0, "pending", "billing")},
            alone=True,
        ),
    ]


def _of_bluesky() -> list[Case]:
    return [
        _case("bluesky", "429 without Retry-After", Trouble("answer", how=_said(429, {"error": "RateLimitExceeded"}))),
        _case("bluesky", "400 ExpiredToken: the session is refreshed", Trouble("answer", how=_said(400, EXPIRED))),
        Case("send", "the app password was revoked", ("bluesky",), app_password_revoked, REVOKED),
    ]


def _of_sandbox() -> list[Case]:
    """The words, how often each strikes in all (0: always), and the outcome."""
    table = {
        "#sandbox-reject": (1, Expect(0, "failed", "rejected")),
        "#sandbox-ratelimit": (1, Expect()),
        "#sandbox-down-3": (3, Expect()),
        "#sandbox-down-always": (0, Expect(0, "failed", "platform_unavailable", within=90)),
        "#sandbox-lost": (1, Expect()),
        "#sandbox-slow": (1, Expect()),
        "#sandbox-slow #sandbox-lost": (2, Expect()),
        "#sandbox-revoked": (1, REVOKED),
    }
    return [
        Case("send", words, ("sandbox",), just_publish, expect, check=struck_by_words(times), words=words)
        for words, (times, expect) in table.items()
    ]


def _said(status: int, body: object) -> dict[str, Any]:
    return {"status": status, "body": body}


def _case(platform: str, fault: str, *troubles: Trouble, expect: Expect = LIVE) -> Case:
    return Case("send", fault, (platform,), troubled(*troubles), expect)


def troubled(*troubles: Trouble) -> Play:
    def play(scenes: list[Scene]) -> float:
        [scene] = scenes
        for trouble in troubles:
            scene.trouble(trouble.call, trouble.do, trouble.when, times=trouble.times, **trouble.how)
        scene.publish()
        begun = scene.befell(troubles[0].call)
        for call in {trouble.call for trouble in troubles}:
            scene.befell(call, times=sum(trouble.times for trouble in troubles if trouble.call == call), within=100)
        return begun

    return play


def shown_later(scenes: list[Scene]) -> float:
    """It is taken, and the first looks do not show it."""
    [scene] = scenes
    scene.stack.x.lag(scene.account.remote_id, seconds=20)
    return troubled(Trouble("drop", "after"))(scenes)


def shown_late(scenes: list[Scene]) -> float:
    """It is taken, the looks do not show it for longer than we look, and X refuses the second as a duplicate."""
    [scene] = scenes
    scene.stack.x.lag(scene.account.remote_id, seconds=45)
    scene.trouble("send", "drop", "after")
    scene.trouble("send", "answer", **_said(403, DUPLICATE))
    scene.publish()
    begun = scene.befell("send")
    scene.befell("send", times=2, within=50)
    return begun


def posted_by_hand(scenes: list[Scene]) -> float:
    [scene] = scenes
    scene.stack.x.by_hand(scene.account.remote_id, scene.text, ago_s=55)
    return troubled(Trouble("drop"))(scenes)


def revoked(scenes: list[Scene]) -> float:
    [scene] = scenes
    scene.stack.x.revoke(scene.account.remote_id)
    return just_publish(scenes)


def app_password_revoked(scenes: list[Scene]) -> float:
    """And the session's time is over, as it is every two hours."""
    [scene] = scenes
    scene.stack.pds.revoke_app_password(scene.account.more["person"])
    scene.token_ends()
    return just_publish(scenes)


def no_credit(scenes: list[Scene]) -> float:
    """While X rests, another account's post waits there; when an operator ends the rest, that one goes out."""
    struck, other, elsewhere = scenes
    struck.trouble("send", "answer", **_said(402, NO_CREDIT))
    struck.publish()
    struck.befell("send")
    struck.until("pending", "billing", within=10)
    other.publish()
    elsewhere.publish()
    elsewhere.until("published", within=10)
    if asked := [one for one in struck.stack.x.requests(other.account.remote_id) if one["path"] == "/2/tweets"]:
        raise Wrong(f"X was asked {len(asked)} times while it rested")
    struck.stack.sql("DELETE FROM integrations_platformrest")
    return time.time()


def struck_by_words(times: int) -> Check:
    """A word that struck less often than it says would prove nothing."""

    def check(scene: Scene) -> list[str]:
        [[counted]] = scene.stack.sql(
            "SELECT coalesce(sum(times), 0) FROM integrations_sandboxfault WHERE integration_id = %s",
            scene.account.integration_id,
        )
        return [] if not times or counted == times else [f"the words struck {counted} times, not {times}"]

    return check


def just_publish(scenes: list[Scene]) -> float:
    [scene] = scenes
    scene.publish()
    return time.time()
