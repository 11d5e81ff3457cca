"""Names that Bluesky servers give to what is wrong. https://atproto.com/specs/xrpc#error-responses"""

# The account itself is closed to us; new tokens would not help.
ACCOUNT_GONE = frozenset({
    "AccountDeactivated", "AccountNotFound", "AccountSuspended", "AccountTakedown",
    "RepoDeactivated", "RepoSuspended", "RepoTakendown",
})  # fmt: skip
# The token is not good (any more); the account may well be.
TOKEN_REFUSED = frozenset({"AuthMissing", "AuthenticationRequired", "BadJwtAudience", "ExpiredToken", "InvalidToken"})
