"""The double's records: users, posts, tokens, what was asked. One lock guards them all."""

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

EPOCH_MS = 1288834974657
ACCESS_LIFE = 7200
CODE_LIFE = 30


@dataclass
class User:
    id: str
    username: str
    name: str
    # What X says of somebody who has chosen no picture.
    profile_image_url: str = "https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png"


@dataclass
class Post:
    """`at` is in Unix milliseconds; `by` says whether it came through the API or by hand.

    `written` is the text as its author wrote it, composed and trimmed; `text` and `entities` are what reading gives.
    `addressed` are the leading @mentions that X put before a reply; `quotes` is the post it quotes, asked for or not.
    """

    id: str
    user_id: str
    at: int
    written: str
    text: str
    entities: dict[str, Any]
    body: dict[str, Any]
    by: str
    media_keys: list[str] = field(default_factory=list)
    addressed: str = ""
    quotes: str = ""

    @property
    def in_reply_to(self) -> str | None:
        reply: dict[str, str] = self.body.get("reply", {})
        return reply.get("in_reply_to_tweet_id")


@dataclass
class Media:
    """An upload. `ends` is the Unix second from which it is gone; `steps` are what STATUS will say, in turn."""

    id: str
    key: str
    user_id: str
    category: str
    kind: str  # image, gif, video
    type: str
    size: int
    ends: float
    pieces: dict[int, bytes] = field(default_factory=dict, repr=False)
    finalized: bool = False
    sha256: str = ""
    width: int = 0
    height: int = 0
    steps: list[str] = field(default_factory=list)
    alt_text: str = ""


@dataclass
class Family:
    """All tokens that came from one consent. A spent refresh token that comes back ends it."""

    user_id: str
    scope: str
    alive: bool = True
    refresh: str = ""
    spent: set[str] = field(default_factory=set)
    replays: int = 0
    access: dict[str, float] = field(default_factory=dict)  # token -> Unix second of its end


@dataclass
class Code:
    user_id: str
    redirect_uri: str
    challenge: str
    scope: str
    ends: float


@dataclass
class Settings:
    client_id: str = "openpost-client"
    client_secret: str = "openpost-secret"  # empty: a public client
    consents: bool = True  # what people say on the consent page
    timeline_lag_s: float = 0
    duplicate_window_s: float = 24 * 3600
    limits: dict[str, int] = field(default_factory=dict)  # "POST /2/tweets" -> per 15 minutes
    enterprise: bool = False  # may quote, and reply to anybody
    premium: list[str] = field(default_factory=list)  # users
    media_life_s: int = 24 * 3600
    media_lag_s: float = 0  # until a post may have it
    processing: list[str] = field(default_factory=lambda: ["pending", "in_progress", "succeeded"])
    processing_error: dict[str, Any] = field(default_factory=dict)
    check_after_s: int = 1
    video_s: float = 10  # how long every video is


class World:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        self.settings = Settings()
        self.ahead_s = 0.0
        self.users: dict[str, User] = {}
        self.posts: dict[str, Post] = {}
        self.media: dict[str, Media] = {}
        self.families: list[Family] = []
        self.app_tokens: set[str] = set()
        self.owners: dict[str, str] = {}  # every token ever given out -> user
        self.codes: dict[str, Code] = {}
        self.lags: dict[str, float] = {}  # user -> seconds until a post of theirs shows
        self.requests: list[dict[str, Any]] = []
        self.windows: dict[tuple[str, str], tuple[int, int]] = {}
        self._numbers = 0

    def now(self) -> float:
        """Unix seconds by this world's clock, which tests can move."""
        return time.time() + self.ahead_s

    def new_id(self, at_ms: int) -> str:
        """A snowflake: milliseconds since X's epoch, then 22 bits that are never the same twice."""
        self._numbers += 1
        return str((at_ms - EPOCH_MS) << 22 | self._numbers & 0x3FFFFF)

    def new_user(self, username: str, name: str) -> User:
        user = User(self.new_id(int(self.now() * 1000)), username, name)
        self.users[user.id] = user
        return user

    def new_family(self, user_id: str, scope: str) -> Family:
        family = Family(user_id, scope)
        self.families.append(family)
        return family

    def new_pair(self, family: Family, life: float = ACCESS_LIFE) -> dict[str, Any]:
        """A fresh access token and, if the person allowed it, the next refresh token."""
        access = secrets.token_urlsafe(48)
        family.access[access] = self.now() + life
        self.owners[access] = family.user_id
        pair = {"token_type": "bearer", "expires_in": int(life), "access_token": access, "scope": family.scope}
        if "offline.access" in family.scope.split():
            if family.refresh:
                family.spent.add(family.refresh)
            family.refresh = pair["refresh_token"] = secrets.token_urlsafe(48)
            self.owners[family.refresh] = family.user_id
        return pair

    def bearer(self, token: str) -> Family | None:
        """Whose access token this is; None if nobody's, or not any more."""
        for family in self.families:
            if family.alive and family.access.get(token, 0) > self.now():
                return family
        return None
