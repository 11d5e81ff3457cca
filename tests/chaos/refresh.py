"""kill -9 and bad days while an access token is refreshed.

X's refresh token works once, and one that comes back ends the person's whole access. So when nobody knows whether it
was spent it is not sent again while anything can be lost by that: an access token that is still good is used to its
end. When that has ended too, a person connects the account anew; that is the truth, and said. Bluesky gives the same
successor for a spent token for two hours: there the post always goes out.
"""

from .case import LIVE, Case, Expect, Play, Scene

DISCONNECTED = Expect(0, "failed", "account_disconnected")
#: The refresh as its steps see it.
PLATFORMS = ("twitter", "bluesky")
STEPS = ("refreshing", "refresh_sent", "refreshed")


def cases() -> list[Case]:
    meeting = "two posts of one account need it at once"
    both = [Case("refresh", meeting, (name,) * 2, meet, check=never_replayed, together=True) for name in PLATFORMS]
    return [*_killed(), *_troubled(), *both]


def _killed() -> list[Case]:
    found = []
    for step in STEPS:
        for platform in PLATFORMS:
            cut_off = platform == "twitter" and step != "refreshing"
            expect, check = (DISCONNECTED, cut_off_and_never_replayed) if cut_off else (LIVE, never_replayed)
            found.append(Case(step, "kill -9", (platform,), killed_at(step), expect, check=check))
    return found


def _troubled() -> list[Case]:
    """What befalls the call; `rotates` are those after which X's token is spent and its successor lost."""
    passing = {
        "answers 503 before it rotates": ("answer", "before", {"status": 503, "body": "busy"}),
        "answers 429 with Retry-After: 3": ("answer", "before", {"status": 429, "headers": {"Retry-After": "3"}}),
    }
    rotates = {
        "rotates and drops the connection": ("drop", "after", {}),
        "rotates and sends half an answer": ("half", "after", {}),
        "rotates and answers 500": ("answer", "after", {"status": 500, "body": "oops"}),
    }
    found = []
    for fault, trouble in (passing | rotates).items():
        found.append(Case("refresh", fault, ("bluesky",), _troubled_by(*trouble)))
        ended = (DISCONNECTED, needs_reconnecting) if fault in rotates else (LIVE, never_replayed)
        found.append(Case("refresh", fault, ("twitter",), _troubled_by(*trouble), ended[0], check=ended[1]))
    for fault, trouble in rotates.items():
        play = _troubled_by(*trouble, ended=False)
        found.append(Case("refresh, access still good", fault, ("twitter",), play, check=never_replayed))
    return found


def _troubled_by(do: str, when: str, how: dict[str, object], *, ended: bool = True) -> Play:
    def play(scenes: list[Scene]) -> float:
        [scene] = scenes
        scene.trouble("refresh", do, when, **how)
        if ended:
            _expire(scene)
        else:
            scene.token_ends(in_seconds=60)
        scene.publish()
        return scene.befell("refresh")

    return play


def meet(scenes: list[Scene]) -> float:
    """The first call takes 3 s: whoever does not wait for it sends the same token."""
    scenes[0].trouble("refresh", "hang", "before", seconds=3)
    _expire(scenes[0])
    for scene in scenes:
        scene.publish()
    return scenes[0].befell("refresh")


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
    return [] if status == "needs_refresh" else [f"the account is {status}, not needs_refresh"]


def cut_off_and_never_replayed(scene: Scene) -> list[str]:
    return needs_reconnecting(scene) + never_replayed(scene)
