"""Whose side every error code is on, so that whoever reads it knows who has to do something. Pure: no Django.

A code that can stand on a target or an attempt must be here; a test compares this table with the source.
"""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Where the trouble lies."""

    YOURS = "yours"  # the author's text or account
    OURS = "ours"  # this service, or whoever runs it
    NETWORK = "network"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is known of a code beforehand. `person`: it does not pass until somebody does something."""

    side: Side
    person: bool


_YOURS = Trouble(Side.YOURS, person=True)
_OPERATOR = Trouble(Side.OURS, person=True)
_OURS = Trouble(Side.OURS, person=False)
_NETWORK = Trouble(Side.NETWORK, person=False)
_PLATFORM = Trouble(Side.PLATFORM, person=False)

CODES: dict[str, Trouble] = {
    # The text, its settings, what goes with it.
    "alt_text_too_long": _YOURS,
    "duplicate_content": _YOURS,
    "duplicate_text": _YOURS,
    "key_taken": _YOURS,
    "media_format_not_supported": _YOURS,
    "media_gone": _YOURS,
    "media_kind_not_supported": _YOURS,
    "media_mixed": _YOURS,
    "media_not_supported": _YOURS,
    "media_refused": _YOURS,
    "media_required": _YOURS,
    "media_too_large": _YOURS,
    "media_too_long": _YOURS,
    "media_too_short": _YOURS,
    "media_type_not_supported": _YOURS,
    "poll_option_too_long": _YOURS,
    "post_not_found": _YOURS,
    "quote_restricted": _YOURS,
    "rejected": _YOURS,
    "reply_restricted": _YOURS,
    "setting_required": _YOURS,
    "settings_conflict": _YOURS,
    "text_characters": _YOURS,
    "text_required": _YOURS,
    "text_too_long": _YOURS,
    "thread_not_supported": _YOURS,
    "thread_too_long": _YOURS,
    "too_many_cashtags": _YOURS,
    "too_many_links": _YOURS,
    "too_many_media": _YOURS,
    # The account.
    "access_may_end": _YOURS,
    "account_disconnected": _YOURS,
    "account_locked": _YOURS,
    "account_suspended": _YOURS,
    "app_password_required": _YOURS,
    "invalid_credentials": _YOURS,
    "invalid_service": _YOURS,
    "sign_in_failed": _YOURS,
    # What only whoever runs this service can mend.
    "app_not_accepted": _OPERATOR,
    "app_not_configured": _OPERATOR,
    "app_not_permitted": _OPERATOR,
    "billing": _OPERATOR,
    "credentials_unreadable": _OPERATOR,
    "missed": _OPERATOR,
    "platform_not_available": _OPERATOR,
    "platform_resting": _OPERATOR,
    "restored": _OPERATOR,
    "usage_capped": _OPERATOR,
    # What this service mends by itself.
    "internal_error": _OURS,
    "lease_lost": _OURS,
    "thread_goes_on": _OURS,
    "token_expired": _OURS,
    "token_refreshing": _OURS,
    "worker_stopped": _OURS,
    "worker_stopping": _OURS,
    "workers_lost": _OPERATOR,
    # Between us.
    "answer_lost": _NETWORK,
    "unreachable": _NETWORK,
    # The platform.
    "account_resting": _PLATFORM,
    "media_lost": _PLATFORM,
    "media_not_taken": _PLATFORM,
    "media_processing": _PLATFORM,
    "outcome_unknown": Trouble(Side.PLATFORM, person=True),
    "platform_unavailable": _PLATFORM,
    "rate_limited": _PLATFORM,
    "too_many_posts": _PLATFORM,
    "unconfirmed": _PLATFORM,
}

#: The codes that stand until a person acts.
NEED_A_PERSON = frozenset(code for code, trouble in CODES.items() if trouble.person)


def side_of(code: str) -> Side | None:
    """This will give the side a code is on; None for "", and for a code of an earlier version."""
    trouble = CODES.get(code)
    return trouble.side if trouble else None
