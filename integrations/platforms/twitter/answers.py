"""What an answer of X, or its absence, proves: each becomes one of the four errors.

Bodies are problem details: `{"title", "detail", "type", "status"}`, for bad requests with
`"errors": [{"message", "parameters"}]` beside them. https://docs.x.com/x-api/fundamentals/response-codes-and-errors
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from ..errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed

#: Money and monthly caps do not come back within minutes: a person has to act, or the month to end.
BILLING_WAIT = timedelta(hours=1)
CAP_WAIT = timedelta(hours=6)
#: A rate limit's window, for a 429 that does not say when it ends.
# https://docs.x.com/x-api/fundamentals/rate-limits
WINDOW = timedelta(minutes=15)

#: X has no codes for what it forbids, only sentences: words of theirs, our code, our sentence. The first that fits.
REFUSALS = (
    (
        "duplicate content",
        "duplicate_content",
        "X already has this text from this account. If it shall go out again, duplicate the post and change the copy.",
    ),
    (
        "video longer",
        "media_too_long",
        "X lets this account post no video as long as this one. Give a copy of the post a shorter one.",
    ),
    (
        "too long",
        "text_too_long",
        "X counts this text as too long. Duplicate the post, shorten the text of the copy, and publish that.",
    ),
    (
        "cashtag",
        "too_many_cashtags",
        "X takes one cashtag ($NAME) per post. Duplicate it, remove the others from the copy, and publish that.",
    ),
    (
        "deleted or not visible",
        "post_not_found",
        "The post that this one answers is gone, or hidden from this account. Duplicate yours, and send it by itself.",
    ),
    (
        "reply to or quote",
        "reply_restricted",
        "X lets this app reply to or quote only posts that mention this account. Duplicate yours without that.",
    ),
    (
        "repl",
        "reply_restricted",
        "X lets this app reply only where the account was mentioned. Duplicate the post and publish it by itself.",
    ),
    (
        "quot",
        "quote_restricted",
        "X does not let this app quote that post. Duplicate yours, leave the quote out of the copy, and publish that.",
    ),
    ("locked", "account_locked", "X has locked this account. Sign in at x.com, unlock it, then publish again."),
    ("suspended", "account_suspended", "X has suspended this account. Appeal at x.com, then publish again."),
)

#: Addresses and headers that cannot be.
_NEVER_SENT = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
)

#: How long X gets to learn of an upload that it does not know in a post.
SETTLES = timedelta(seconds=30)

#: Problems of a 403 that are about our app, by the end of their `type`.
APP_PROBLEMS = ("client-forbidden", "oauth1-permissions")


def problem_of(response: requests.Response) -> dict[str, Any]:
    """The answer's JSON object; empty when there is none, so when the answer was not X's own."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def detail_of(response: requests.Response) -> str:
    """The raw answer for the attempt log, at most about 2,000 characters."""
    return f"HTTP {response.status_code} {response.text[:2000]}"


def publish_refused(response: requests.Response, *, now: datetime) -> PublishError:
    """What an answer other than 2xx to `POST /2/tweets` proves."""
    status, problem, detail = response.status_code, problem_of(response), detail_of(response)
    # A server that failed may have failed after it took the post: even a 503 proves nothing. Nor do redirects
    # (we follow none) and 408, which somebody between us and X may have sent.
    if status < 400 or status >= 500 or status == 408:
        return Unconfirmed(f"X answered with an error of its own ({status}): it may be live, or not.", detail=detail)
    if common := refused_anywhere(response, problem, now=now):
        return common
    if not problem:
        return NotNow(f"Something before X turned the post away ({status}).", code="unreachable", detail=detail)
    words = words_of(problem)
    if "media ids are invalid" in words.lower():
        # Said of uploads that X has lost, of some that it has only just got, and of some that it dislikes.
        return NotNow(
            "X did not take an uploaded file in a post. It is offered again, and uploaded anew if X has lost it; if "
            "this goes on, the file is not as X wants it: give a copy of the post another one.",
            code="media_not_taken",
            detail=detail,
            retry_after=SETTLES,
        )
    for needle, code, sentence in REFUSALS:
        # A 400 names fields of ours, with the same words in them; only a text too long was seen as either.
        if needle in words.lower() and (status == 403 or code == "text_too_long"):
            return Rejected(sentence, code=code, detail=detail)
    if str(problem.get("type", "")).endswith(APP_PROBLEMS):
        return app_not_permitted(detail)
    return Rejected(
        f"X refused the post: {words or status}. Duplicate it, change the copy, and publish that.", detail=detail
    )


def read_refused(response: requests.Response, *, now: datetime) -> PublishError:
    """What an answer other than 2xx to a question proves: NotNow or Disconnected, nothing about any post."""
    return refused_anywhere(response, problem_of(response), now=now) or NotNow(
        f"X could not be asked ({response.status_code}).", detail=detail_of(response)
    )


def publish_unanswered(error: requests.RequestException) -> PublishError:
    """What a call that ended without an answer proves."""
    if nothing_left_us(error):
        return _unreachable(error)
    return Unconfirmed(
        "The connection to X broke before its answer came: it may be live, or not.",
        code="answer_lost",
        detail=_raw(error),
    )


def read_unanswered(error: requests.RequestException) -> NotNow:
    """A question that was not answered can be asked again."""
    if nothing_left_us(error):
        return _unreachable(error)
    return NotNow("X did not answer in time.", code="answer_lost", detail=_raw(error))


def nothing_left_us(error: requests.RequestException) -> bool:
    """Whether not a byte of the request can have reached X: no name, no connection, no trust in its certificate."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True  # a ProxyError only says that the proxy itself was not reached
    if isinstance(error, _NEVER_SENT):
        return True
    if isinstance(error, requests.exceptions.SSLError):
        return "CERTIFICATE_VERIFY_FAILED" in str(error)
    reason = error.args[0] if error.args else None
    if isinstance(reason, MaxRetryError):
        reason = reason.reason
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def reset_after(headers: Mapping[str, str], *, now: datetime) -> timedelta:
    """How long X wants us to wait: until the last of the used-up windows ends. At least a second.

    Windows of 15 minutes (`x-rate-limit-*`) and of 24 hours (`x-user-limit-24hour-*`, `x-app-limit-24hour-*`) end
    at Unix seconds by X's clock, which is read from the answer's Date, so a wrong clock of ours does no harm.
    """
    if (seconds := _number(headers.get("retry-after"))) is not None:
        return max(timedelta(seconds=seconds), timedelta(seconds=1))
    x_now = date_of(headers) or now
    used_up, all_resets = [], []
    for window in ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour"):
        reset = _number(headers.get(f"{window}-reset"))
        if reset is not None:
            all_resets.append(reset)
            if headers.get(f"{window}-remaining") == "0":
                used_up.append(reset)
    if not all_resets:
        return WINDOW
    wait = max(used_up) if used_up else min(all_resets)
    return max(timedelta(seconds=wait - x_now.timestamp()), timedelta(seconds=1))


def refused_anywhere(response: requests.Response, problem: dict[str, Any], *, now: datetime) -> PublishError | None:
    """Refusals that mean the same at every endpoint."""
    status, kind, detail = response.status_code, str(problem.get("type", "")), detail_of(response)
    if status == 401:
        return NotNow(
            "X did not accept the account's access any more; it is renewed before the next try.",
            code="token_expired",
            detail=detail,
            token_refused=True,
        )
    if status == 403 and kind.endswith("unsupported-authentication"):
        return Disconnected("X does not accept this kind of access; connect the account again.", detail=detail)
    if status == 402:
        return NotNow(
            "The X app of this service has no credit left. Whoever runs it must buy credit at X; then it goes on.",
            code="billing",
            detail=detail,
            retry_after=BILLING_WAIT,
            rests_platform=True,
        )
    if status == 429 and kind.endswith("usage-capped"):
        return NotNow(
            "The X app of this service has used up its plan for now. Whoever runs it can raise the plan at X, "
            "or wait until X counts anew.",
            code="usage_capped",
            detail=detail,
            retry_after=CAP_WAIT,
            rests_platform=True,
        )
    if status == 429:
        return NotNow(
            "X takes no more from this account for now; it goes on when X allows it.",
            code="rate_limited",
            detail=detail,
            retry_after=reset_after(response.headers, now=now),
            rests_account=True,
        )
    return None


def app_not_permitted(detail: str) -> Rejected:
    return Rejected(
        "X does not let this service's app publish. Whoever runs it must check its plan at X; then publish again.",
        code="app_not_permitted",
        detail=detail,
    )


def _unreachable(error: requests.RequestException) -> NotNow:
    return NotNow("X could not be reached.", code="unreachable", detail=_raw(error))


def _raw(error: requests.RequestException) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def words_of(problem: dict[str, Any]) -> str:
    """X's own sentences."""
    errors = problem.get("errors")
    messages = (
        [e["message"] for e in errors if isinstance(e, dict) and "message" in e] if isinstance(errors, list) else []
    )
    said = messages or [problem.get("detail") or problem.get("title") or ""]
    return " ".join(str(sentence) for sentence in said).strip()[:500].removesuffix(".")


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() else None


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """X's own time, in whole seconds, if the answer tells it."""
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def is_id(value: object) -> bool:
    """Whether X gave an id, a string of digits."""
    return isinstance(value, str) and value.isascii() and value.isdigit()
