"""What a failed call proves: each is sorted into one of the four errors.

The server's own name for the trouble counts before the HTTP status: a deactivated account comes with 401, a bad
token with 400. An answer in nobody's words (a firewall's or a proxy's page) refuses nothing for good.
https://atproto.com/specs/xrpc#error-responses
"""

from ..errors import Disconnected, NotNow, PublishError, Rejected, Unconfirmed
from .error_names import ACCOUNT_GONE, TOKEN_REFUSED
from .xrpc import Failed


def harmless(failed: Failed) -> PublishError:
    """The error of a call that changes nothing, or that proves nothing went out: sign-in, reading, preparing."""
    answer = failed.answer
    if failed.unsent:
        return NotNow(
            f"{failed.host} could not be reached. If that lasts, check the server's address.",
            code="unreachable",
            detail=failed.detail,
        )
    if answer is None:
        return NotNow(
            f"{failed.host} gave no answer that could be understood. If that lasts, check the server's address.",
            code="answer_lost",
            detail=failed.detail,
        )
    if answer.status == 429 or answer.error == "RateLimitExceeded":
        return NotNow(
            f"{failed.host} is limiting this account for now; it goes on when the limit ends.",
            code="rate_limited", detail=failed.detail, retry_after=answer.retry_after, rests_account=True,
        )  # fmt: skip
    if answer.error in ACCOUNT_GONE:
        return Disconnected(
            f"{failed.host} says that this account is deactivated, suspended or gone. "
            "Put it right there, then connect it again.",
            detail=failed.detail,
        )
    if answer.error in TOKEN_REFUSED or answer.status == 401:
        return NotNow(
            f"{failed.host} no longer accepts the session; it is renewed before the next try.",
            code="token_expired", detail=failed.detail, token_refused=True,
        )  # fmt: skip
    if answer.error == "BlobNotFound":
        return NotNow(f"{failed.host} no longer holds a file of this post; it is uploaded again.", detail=failed.detail)
    if answer.status == 403 and answer.error:
        return Disconnected(
            f"{failed.host} does not let us do this with the app password it was given. "
            "Make a new app password and connect the account again.",
            detail=failed.detail,
        )
    if 400 <= answer.status < 500 and answer.error and answer.status != 404:
        said = answer.message or answer.error
        return Rejected(
            f"{failed.host} refused this: {said}. Duplicate the post, change the copy, and publish that.",
            detail=failed.detail,
        )
    return NotNow(f"{failed.host} is not working as it should (HTTP {answer.status}).", detail=failed.detail)


def sending(failed: Failed) -> PublishError:
    """The error of the irreversible call: without proof that nothing went out, the outcome is unknown."""
    if not failed.unsent and failed.answer is None:
        return Unconfirmed(
            f"{failed.host} gave no answer that could be understood: it may be live, or not.",
            code="answer_lost",
            detail=failed.detail,
        )
    if not failed.unsent and _is_open(failed):
        return Unconfirmed(
            f"{failed.host} did not confirm the post: it may be live, or not.",
            detail=failed.detail,
        )
    return harmless(failed)


def _is_open(failed: Failed) -> bool:
    answer = failed.answer
    # At InvalidSwap some record is at our key already, and it is not this one. Looking tells whose it is.
    return answer is not None and (answer.status >= 500 or answer.status == 408 or answer.error == "InvalidSwap")


def asking(failed: Failed) -> PublishError:
    """The error of a question: whatever the server said of the question, it refused no post."""
    error = harmless(failed)
    if isinstance(error, Rejected):
        return NotNow(f"{failed.host} did not answer our question.", detail=failed.detail)
    return error
