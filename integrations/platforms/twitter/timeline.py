"""Reading an account's own posts, newest first, and what their ids and answers tell of time.

https://docs.x.com/x-api/users/get-posts
"""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import requests
from django.utils import timezone

from ..client import Account
from ..errors import NotNow
from . import answers
from .calling import call
from .session import Refused

#: How far X's clock may be behind the one that stamped `sent_at` without our seeing it: it is told in whole seconds.
SKEW = timedelta(seconds=2)
#: The timeline is asked from this long before `sent_at`: X refuses a start within the last 10 seconds.
LOOK_BACK = timedelta(seconds=60)
#: Posts per page, and pages, that are read to find ours. X bills the posts it returns.
PAGE, PAGES = 100, 5
#: Of each post only what tells it from another.
FIELDS = ("attachments", "created_at", "entities", "note_tweet", "referenced_tweets")


def own_posts(account: Account, *, since: datetime, now: datetime) -> tuple[list[dict[str, Any]], timedelta]:
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
        good = all(isinstance(post, dict) and answers.is_id(post.get("id")) for post in posts)
        if good and meta.get("result_count") == len(posts):
            return posts, meta.get("next_token")
    raise NotNow("X answered only in part.", detail=answers.detail_of(response))


def _page(account: Account, *, since: datetime, page_token: str | None) -> requests.Response:
    try:
        return call(
            account,
            lambda x: x.get_users_tweets(
                account.remote_id,
                max_results=PAGE,
                start_time=since,
                exclude=["retweets"],
                tweet_fields=list(FIELDS),
                pagination_token=page_token,
            ),
        )
    except Refused as error:
        raise answers.read_refused(error.response, now=timezone.now()) from error
    except requests.RequestException as error:
        raise answers.read_unanswered(error) from error
