"""The network of X, through tweepy. Loaded only by workers.

X has no idempotency key: what became of a call whose answer was lost is read from the author's own newest posts.
https://docs.x.com/x-api/posts/create-post
https://docs.x.com/x-api/users/get-posts
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests
from django.utils import timezone

from ..client import Account, Client, Files, Part, Published
from ..errors import Unconfirmed
from . import answers
from .bodies import answering, body_of
from .calling import call
from .matching import is_what_was_sent
from .session import Refused
from .snowflake import time_of
from .timeline import LOOK_BACK, SKEW, own_posts
from .uploads import Uploads


def build() -> Client:
    """This will give the client; it holds nothing, so one serves all accounts and threads."""
    return XClient()


class XClient:
    """Credentials: `{"access_token", "refresh_token", "scope"}`, strings; `Account.remote_id` is the numeric id."""

    #: A call ends by its own timeouts within 25 s (session.py). What X took until then shows in the timeline within
    #: seconds; X documents no bound, and a 403 for duplicate content stands behind it.
    absent_after: ClassVar[timedelta] = timedelta(seconds=30)
    absences: ClassVar[int] = 3
    whole_threads: ClassVar[bool] = False

    def new_key(self, *, now: datetime) -> str:
        """A name for our ledger; X never sees it."""
        return uuid.uuid4().hex

    def prepare(
        self, account: Account, parts: Sequence[Part], *, files: Files, now: datetime
    ) -> Sequence[dict[str, Any]]:
        """The bodies of `POST /2/tweets`, save what later parts answer: that is known when they are sent."""
        ids = Uploads(account, files, now).media_ids(medium for part in parts for medium in part.draft.media)
        return [
            body_of(part.draft, media_ids=[ids[medium.id] for medium in part.draft.media], first=part.number == 0)
            for part in parts
        ]

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str, after: Published | None) -> Published:
        try:
            response = call(account, lambda x: x.request("POST", "/2/tweets", json=answering(payload, after)))
        except Refused as error:
            raise answers.publish_refused(error.response, now=timezone.now()) from error
        except requests.RequestException as error:
            raise answers.publish_unanswered(error) from error
        post = answers.problem_of(response).get("data")
        if not (isinstance(post, dict) and answers.is_id(post.get("id"))):
            raise Unconfirmed("X took the post without saying which it is.", detail=answers.detail_of(response))
        return _published(account, post["id"])

    def find(
        self,
        account: Account,
        payload: Mapping[str, Any],
        *,
        key: str,
        after: Published | None,
        sent_at: datetime,
        now: datetime,
        taken: Callable[[str], bool],
    ) -> Published | None:
        """The oldest own post like this one that X made since `sent_at` and that is no other post of ours.

        The same from before `sent_at` is not ours: somebody posted it by hand. Each id carries its time, by X's clock.
        """
        body = answering(payload, after)
        posts, ahead = own_posts(account, since=sent_at - LOOK_BACK, now=now)
        ours = [
            post["id"]
            for post in posts
            if time_of(post["id"]) >= sent_at + ahead - SKEW and is_what_was_sent(post, body) and not taken(post["id"])
        ]
        return _published(account, min(ours, key=int)) if ours else None


def _published(account: Account, post_id: str) -> Published:
    return Published(remote_id=post_id, url=f"https://x.com/{account.username}/status/{post_id}")
