"""Threads: each part once, each answering the one before, whatever strikes in the middle.

On X and the sandbox network part after part, so there a step has the part's place in its name (`sending-1` is that of
the second). On Bluesky all parts go in one call.
"""

from .case import Case, Check, Expect, Play, Scene
from .steps import killed_at
from .troubles import Trouble, troubled

#: Parts after the first.
MORE = 2
LIVE = Expect(live=MORE + 1)


def cases() -> list[Case]:
    found = []
    for platform in ("twitter", "sandbox"):
        found += [
            _case("kill -9 at the second part", step, platform, killed_at(f"{step}-1"))
            for step in ("sending", "accepted", "recorded")
        ]
        found.append(_case("kill -9 at the first part", "recorded", platform, killed_at("recorded")))
        again = killed_at("accepted-1", "looking-1")
        found.append(_case("kill -9 at the second part each time", "accepted, then looking", platform, again))
    found += [
        _case("kill -9", step, "bluesky", killed_at(step)) for step in ("prepared", "sending", "accepted", "recorded")
    ]
    found.append(_case("kill -9 each time", "accepted, then looking", "bluesky", killed_at("accepted", "looking")))
    # Of X's the second part's call, of Bluesky's the only one.
    faults = {
        "drops the connection before it took it": Trouble("drop", call="send_thread"),
        "drops the connection after it took it": Trouble("drop", "after", call="send_thread"),
        "answers 500 after it took it": Trouble(
            "answer", "after", call="send_thread", how={"status": 500, "body": "oops"}
        ),
        "answers 503 before it took it": Trouble("answer", call="send_thread", how={"status": 503, "body": "busy"}),
    }
    for fault, trouble in faults.items():
        found += [
            _case(f"X {fault}", "send, second part", "twitter", second(trouble)),
            _case(f"Bluesky {fault}", "send", "bluesky", troubled(trouble)),
        ]
    words = "#sandbox-lost"
    found.append(
        Case("send, a thread", words, ("sandbox",), _just_publish, LIVE, check=in_order, words=words, parts=MORE)
    )
    return found


def _case(fault: str, step: str, platform: str, play: Play) -> Case:
    return Case(f"{step}, a thread", fault, (platform,), play, LIVE, check=in_order, parts=MORE, takes=50)


def second(trouble: Trouble) -> Play:
    """The trouble befalls the call of the second part."""

    def play(scenes: list[Scene]) -> float:
        [scene] = scenes
        scene.trouble(trouble.call, trouble.do, trouble.when, skip=1, **trouble.how)
        scene.publish()
        return scene.befell(trouble.call)

    return play


def _just_publish(scenes: list[Scene]) -> float:
    """The word is in every part's text, and strikes each of them."""
    [scene] = scenes
    scene.publish()
    scene.until("published", within=60)
    assert scene.reached_at
    return scene.reached_at


def _in_order(scene: Scene) -> list[str]:
    there = {record.text: record.answers for record in scene.account.records}
    texts = scene.texts
    wanted = dict(zip(texts, [None, *texts[:-1]], strict=True))
    return [] if there == wanted else [f"the thread is {there}"]


#: Each part is there, and answers the one before.
in_order: Check = _in_order
