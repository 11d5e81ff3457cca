"""kill -9 and bad days while an access token is refreshed.

X's refresh token works once, and one that comes back ends the person's whole access: when nobody knows whether it was
spent, it must never be sent again. A person connects the account anew; that is the truth, and said. Bluesky gives the
same successor for a spent token for two hours: there the post goes out.
"""

from .case import LIVE, Case, Check, Expect, Play, Scene

DISCONNECTED = Expect(0, "failed", "account_disconnected")
#: The refresh as its steps see it.
STEPS = ("refreshing", "refresh_sent", "refreshed")


def cases() -> list[Case]:
    found = []
    for step in STEPS:
        spent = step != "refreshing"
        for platform in ("twitter", "bluesky"):
            cut_off = spent and platform == "twitter"
            expect, check = (DISCONNECTED, needs_reconnecting) if cut_off else (Expect(), never_replayed)
            found.append(Case(step, "kill -9", (platform,), killed_at(step), expect, check=check))
    found += [
        _case("twitter", "answers 503 before it rotates", "answer", "before", status=503, body="busy"),
        _case("twitter", "answers 429 with Retry-After: 3", "answer", status=429, headers={"Retry-After": "3"}),
        _case("twitter", "rotates and drops the connection", "drop", "after", expect=DISCONNECTED),
        _case("twitter", "rotates and sends half an answer", "half", "after", expect=DISCONNECTED),
        _case("twitter", "rotates and answers 500", "answer", "after", status=500, body="oops", expect=DISCONNECTED),
        _case("bluesky", "answers 503 before it rotates", "answer", "before", status=503, body="busy"),
        _case("bluesky", "rotates and drops the connection", "drop", "after"),
        _case("bluesky", "rotates and sends half an answer", "half", "after"),
        _case("bluesky", "rotates and answers 500", "answer", "after", status=500, body="oops"),
    ]
    return found


def _case(platform: str, fault: str, do: str, when: str = "before", *, expect: Expect = LIVE, **how: object) -> Case:
    check: Check = needs_reconnecting if expect is DISCONNECTED else never_replayed

    def play(scenes: list[Scene]) -> float:
        [scene] = scenes
        scene.trouble("refresh", do, when, **how)
        _expire(scene)
        scene.publish()
        return scene.befell("refresh")

    return Case("refresh", fault, (platform,), play, expect, check=check)


def killed_at(step: str) -> Play:
    def play(scenes: list[Scene]) -> float:
        [scene] = scenes
        scene.arm(step, "kill", account=True)
        _expire(scene)
        scene.publish()
        return scene.struck(step, account=True).at

    return play


def _expire(scene: Scene) -> None:
    """The access token's time is over, by our clock and by the platform's."""
    scene.token_ends()
    if scene.platform == "twitter":
        scene.stack.x.expire(scene.account.remote_id)


def never_replayed(scene: Scene) -> list[str]:
    """X's own count of spent refresh tokens that came back."""
    if scene.platform != "twitter":
        return []
    families = [family for family in scene.stack.x.families() if family["user_id"] == scene.account.remote_id]
    return [f"a spent refresh token came back: {family}" for family in families if family["replays"]] + [
        f"the person's access has ended at X: {family}" for family in families if not family["alive"]
    ]


def needs_reconnecting(scene: Scene) -> list[str]:
    [[status]] = scene.stack.sql(
        "SELECT status FROM integrations_integration WHERE id = %s", scene.account.integration_id
    )
    said = [] if status == "needs_refresh" else [f"the account is {status}, not needs_refresh"]
    return said + never_replayed(scene)
