"""The network of X, through tweepy. Loaded only by workers.

X has no idempotency key: what became of a call whose answer was lost is read from the author's own newest posts.
https://docs.x.com/x-api/posts/create-post
https://docs.x.com/x-api/users/get-posts
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, ClassVar

import requests
import tweepy
from django.utils import timezone

from ..client import Account, Client, Files, Part, Published
from ..errors import NotNow, Unconfirmed
from . import answers
from .session import Bearer, Refused, Session
from .snowflake import time_of
from .texts import is_same

#: How far X's clock may be behind the one that stamped `sent_at` without our seeing it: it is told in whole seconds.
SKEW = timedelta(seconds=2)
#: The timeline is asked from this long before `sent_at`: X refuses a start within the last 10 seconds.
LOOK_BACK = timedelta(seconds=60)
#: Posts per page, and pages, that are read to find ours. X bills the posts it returns.
PAGE, PAGES = 100, 5


def build() -> Client:
    """This will give the client; it holds nothing, so one serves all accounts and threads."""
    return XClient()


class XClient:
    """Credentials: `{"access_token", "refresh_token", "scope"}`, strings; `Account.remote_id` is the numeric id."""

    #: A call ends by its own timeouts within 25 s (session.py). What X took until then shows in the timeline within
    #: seconds; X documents no bound, and a 403 for duplicate content stands behind it.
    absent_after: ClassVar[timedelta] = timedelta(seconds=30)
    absences: ClassVar[int] = 3

    def new_key(self, *, now: datetime) -> str:
        """A name for our ledger; X never sees it."""
        return uuid.uuid4().hex

    whole_threads: ClassVar[bool] = False

    def prepare(
        self, account: Account, parts: Sequence[Part], *, files: Files, now: datetime
    ) -> Sequence[dict[str, Any]]:
        """The bodies of `POST /2/tweets`, save what they answer: that is known when they are sent."""
        return [_body(part) for part in parts]

    def publish(self, account: Account, payload: Mapping[str, Any], *, key: str, after: Published | None) -> Published:
        body = dict(payload)
        if after:
            body["reply"] = {"in_reply_to_tweet_id": after.remote_id}
        try:
            response = _call(account, lambda x: x.request("POST", "/2/tweets", json=body))
        except Refused as error:
            raise answers.publish_refused(error.response, now=timezone.now()) from error
        except requests.RequestException as error:
            raise answers.publish_unanswered(error) from error
        post = answers.problem_of(response).get("data")
        if not (isinstance(post, dict) and _is_id(post.get("id"))):
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
        """The oldest own post with this text that X made since `sent_at` and that is no other post of ours.

        The same text from before `sent_at` is not ours: somebody posted it by hand. Each id carries its time, by X's
        clock.
        """
        posts, ahead = _own_posts(account, since=sent_at - LOOK_BACK, now=now)
        ours = [
            post["id"]
            for post in posts
            if time_of(post["id"]) >= sent_at + ahead - SKEW
            and is_same(post, payload["text"])
            and not taken(post["id"])
        ]
        return _published(account, min(ours, key=int)) if ours else None


def _body(part: Part) -> dict[str, Any]:
    """`{"text": str, "reply_settings"?: str}`. For everyone the field is left out."""
    body: dict[str, Any] = {"text": part.draft.text}
    who_can_reply = part.draft.settings.get("who_can_reply", "everyone")
    if who_can_reply != "everyone":
        body["reply_settings"] = who_can_reply
    return body


def _own_posts(account: Account, *, since: datetime, now: datetime) -> tuple[list[dict[str, Any]], timedelta]:
    """The account's posts and replies, newest first, and how far X's clock is ahead of ours.

    Raises NotNow when X did not say all it knows.
    """
    found: list[dict[str, Any]] = []
    page_token, begun = None, monotonic()
    for _ in range(PAGES):
        page = _page(account, since=since, page_token=page_token)
        posts, page_token = _posts_in(page)
        found += posts
        if page_token is None:
            return found, _ahead(page, now=now + timedelta(seconds=monotonic() - begun))
    raise NotNow(
        f"More than {PAGE * PAGES} posts came after it; X cannot be asked further back.", code="too_many_posts"
    )


def _ahead(page: requests.Response, *, now: datetime) -> timedelta:
    """How far X's clock is at least ahead of ours; nothing, if no further than whole seconds and a quick answer tell.

    `now` is when the page had come. What it took to come makes it less: rather too far back than past our own post.
    """
    x_now = answers.date_of(page.headers)
    ahead = x_now - now if x_now else timedelta(0)
    return ahead if abs(ahead) > SKEW else timedelta(0)


def _posts_in(response: requests.Response) -> tuple[list[dict[str, Any]], str | None]:
    """The page's posts, and the token of the next page if there is one.

    With a 200 X may still say that it could not look, by an error beside the data or instead of it: only what X
    itself has counted counts.
    """
    body = answers.problem_of(response)
    meta, posts = body.get("meta"), body.get("data", [])
    if isinstance(meta, dict) and isinstance(posts, list) and not body.get("errors"):
        good = all(isinstance(post, dict) and _is_id(post.get("id")) for post in posts)
        if good and meta.get("result_count") == len(posts):
            return posts, meta.get("next_token")
    raise NotNow("X answered only in part.", detail=answers.detail_of(response))


def _page(account: Account, *, since: datetime, page_token: str | None) -> requests.Response:
    try:
        return _call(
            account,
            lambda x: x.get_users_tweets(
                account.remote_id,
                max_results=PAGE,
                start_time=since,
                exclude=["retweets"],
                tweet_fields=["created_at", "entities", "note_tweet"],
                pagination_token=page_token,
            ),
        )
    except Refused as error:
        raise answers.read_refused(error.response, now=timezone.now()) from error
    except requests.RequestException as error:
        raise answers.read_unanswered(error) from error


def _call(account: Account, ask: Callable[[tweepy.Client], requests.Response]) -> requests.Response:
    """One call through tweepy, over our session."""
    with Session(Bearer(account.credentials["access_token"])) as session:
        x = tweepy.Client(return_type=requests.Response)
        x.session = session
        return ask(x)


def _published(account: Account, post_id: str) -> Published:
    return Published(remote_id=post_id, url=f"https://x.com/{account.username}/status/{post_id}")


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()
