"""The four ways a publish can go wrong. Each answers one question first: did it go out?

| Error        | Did it go out? | Then                                              |
| ------------ | -------------- | ------------------------------------------------- |
| Rejected     | no             | the target has failed                             |
| NotNow       | no             | tried again, at the platform's own time if it gave one |
| Disconnected | no             | the account must be connected again               |
| Unconfirmed  | unknown        | the platform is asked before anything is sent again |
"""

from datetime import timedelta


def printable(text: str) -> str:
    """This will give `text` without what PostgreSQL and UTF-8 cannot keep: NUL and unpaired surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


class PublishError(Exception):
    """Base of the four.

    `code` is stable snake_case for programs, `message` a sentence for people that says what to do next,
    `detail` the platform's raw answer for the attempt log (the caller removes secrets before storing it).
    """

    default_code = "publish_error"
    #: Whether the same thing may go out when it is tried again.
    retryable = True

    def __init__(self, message: str, *, code: str = "", detail: str = "") -> None:
        self.code = code or self.default_code
        # A platform's words may hold anything; they must never keep a target from reaching its next state.
        self.message = printable(message)
        self.detail = printable(detail)
        super().__init__(self.message)


class Rejected(PublishError):
    """The platform refused it for good: nothing went out, and the same thing will be refused again."""

    default_code = "rejected"
    retryable = False


class NotNow(PublishError):
    """The platform cannot take it at present: nothing went out, trying later may help.

    `retry_after` is the platform's own word on when, if it gave one. `rests_account` says that the whole account
    must wait (a rate limit), not just this post; `rests_platform` that every account there must, since what is wrong
    is this service's own app (no credit left). `token_refused` says that the access token was not accepted
    although we thought it good: it must be refreshed before the next try. `waiting` says that nothing was tried at
    all, the target only stood in line: that is neither evidence nor held against it.
    """

    default_code = "platform_unavailable"

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        detail: str = "",
        retry_after: timedelta | None = None,
        rests_account: bool = False,
        rests_platform: bool = False,
        token_refused: bool = False,
        waiting: bool = False,
    ) -> None:
        super().__init__(message, code=code, detail=detail)
        self.retry_after = retry_after
        self.rests_account = rests_account
        self.rests_platform = rests_platform
        self.token_refused = token_refused
        self.waiting = waiting


class Disconnected(PublishError):
    """The platform no longer lets us speak for this account: nothing went out, a person must connect it again."""

    default_code = "account_disconnected"


class Unconfirmed(PublishError):
    """The request left us and no answer came: it may be live. Only looking can tell."""

    default_code = "unconfirmed"


class Unknowable(Unconfirmed):
    """Only a person can tell: asking the platform once more would not."""
