"""What only tests may: make users and tokens, post by hand, read the records, script faults, move the clock."""

import json
import secrets
from dataclasses import asdict, replace
from typing import Any

from ..faults import Faults
from . import media, posts
from .messages import Answer, Refuse, Request
from .oauth import SCOPES
from .world import ACCESS_LIFE, World


class Verbs:
    """One method per verb; its arguments are the JSON body's, or the query's."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world, self._faults = world, faults

    def post_reset(self) -> None:
        self._world.reset()
        self._faults.clear()

    def post_settings(self, **values: Any) -> None:
        self._world.settings = replace(self._world.settings, **values)

    def post_clock(self, ahead_s: float) -> None:
        self._world.ahead_s = ahead_s

    def post_lag(self, user_id: str, seconds: float) -> None:
        self._world.lags[user_id] = seconds

    def post_faults(self, **description: Any) -> None:
        self._faults.add(description)

    def post_users(self, username: str, name: str) -> dict[str, str]:
        return asdict(self._world.new_user(username, name))

    def post_picture(self, user_id: str, url: str) -> None:
        self._world.users[user_id].profile_image_url = url

    def post_tokens(
        self, user_id: str, scope: str = " ".join(sorted(SCOPES)), life: float = ACCESS_LIFE, kind: str = "user"
    ) -> dict[str, Any]:
        """As if the person had just signed in; of the kind `app`, a token that speaks for no user."""
        if kind == "app":
            self._world.app_tokens.add(token := secrets.token_urlsafe(48))
            return {"access_token": token}
        return self._world.new_pair(self._world.new_family(user_id, scope), life)

    def post_revoke(self, user_id: str) -> None:
        for family in self._world.families:
            family.alive = family.alive and family.user_id != user_id

    def post_expire(self, user_id: str) -> None:
        for family in self._world.families:
            if family.user_id == user_id:
                family.access.clear()

    def post_tweets(
        self, user_id: str, text: str, ago_s: float = 0, images: int = 0, quotes: str = "", answers: str = ""
    ) -> dict[str, Any]:
        """As if the person had posted it on the web site, `ago_s` seconds ago."""
        at_ms = int((self._world.now() - ago_s) * 1000)
        body: dict[str, Any] = {"text": text}
        if images:
            uploads = [media.new(self._world, user_id, "tweet_image", 1) for _ in range(images)]
            body["media"] = {"media_ids": [upload.id for upload in uploads]}
        if quotes:
            body["quote_tweet_id"] = quotes
        if answers:
            body["reply"] = {"in_reply_to_tweet_id": answers}
        return asdict(posts.add(self._world, user_id, body, at_ms=at_ms, by="hand"))

    def get_media(self, user_id: str = "") -> list[dict[str, Any]]:
        """The uploads, without their bytes."""
        mine = [one for one in self._world.media.values() if user_id in ("", one.user_id)]
        return [asdict(replace(one, pieces={})) | {"pieces": len(one.pieces)} for one in mine]

    def get_tweets(self, user_id: str = "") -> list[dict[str, Any]]:
        found = [asdict(post) for post in self._world.posts.values() if user_id in ("", post.user_id)]
        return sorted(found, key=lambda post: int(post["id"]))

    def get_requests(self, user_id: str = "") -> list[dict[str, Any]]:
        return [request for request in self._world.requests if user_id in ("", request["user"])]

    def get_families(self) -> list[dict[str, Any]]:
        return [
            {"user_id": f.user_id, "alive": f.alive, "spent": len(f.spent), "replays": f.replays}
            for f in self._world.families
        ]


def answer(world: World, faults: Faults, request: Request) -> Answer:
    name = f"{request.method}_{request.path.removeprefix('/_peer/')}".lower()
    verb = getattr(Verbs(world, faults), name, None)
    if verb is None:
        raise Refuse(404, {"error": f"no such verb: {name}"})
    try:
        told = verb(**(json.loads(request.body) if request.body else request.query))
    except (TypeError, ValueError) as error:
        raise Refuse(400, {"error": str(error)}) from error
    return Answer(200, {} if told is None else told)
