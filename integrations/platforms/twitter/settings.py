"""The fields of `platform_settings.twitter`. Pure facts; a client that sends none of them gets a plain post.

`poll` is `{"options": [str, …], "duration_minutes": int}`; `reply_to` and `quote` are addresses of posts at X. They
belong to the first part of a thread, `made_with_ai` to every part.
"""

import re

from ..setting import Kind, Poll, Setting, Shown, choice, flag

# "everyone" is ours: the API takes the other four and wants the field left out for everyone.
# https://docs.x.com/x-api/posts/create-post
WHO_CAN_REPLY = ("everyone", "following", "mentionedUsers", "subscribers", "verified")

# https://docs.x.com/x-api/posts/create-post
FEWEST_OPTIONS, MOST_OPTIONS = 2, 4
LONGEST_OPTION = 25
SHORTEST_POLL, LONGEST_POLL = 5, 10_080

#: A post's address as people see it, now and in former years; what may follow the id is for the page only.
POST_ADDRESS = re.compile(
    r"https?://(?:(?:www|mobile)\.)?(?:x|twitter)\.com/(?:i/web|i|[A-Za-z0-9_]{1,15})/status(?:es)?/([0-9]{1,19})"
    r"(?:[/?#][!-~]{0,200})?"
)


def post_id_in(address: str) -> str:
    """The id of the post at an address that `POST_ADDRESS` matches."""
    found = POST_ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(f"not the address of a post at X: {address}")
    return found[1]


def _poll(value: object) -> str:
    wanted = (
        f'an object {{"options": {FEWEST_OPTIONS} to {MOST_OPTIONS} non-empty strings, "duration_minutes": '
        f"{SHORTEST_POLL} to {LONGEST_POLL}}}"
    )
    if not isinstance(value, dict) or value.keys() != {"options", "duration_minutes"}:
        return wanted
    options, minutes = value["options"], value["duration_minutes"]
    good_options = (
        isinstance(options, list)
        and FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS
        and all(isinstance(option, str) and option.strip() and "\0" not in option for option in options)
    )
    good_minutes = type(minutes) is int and SHORTEST_POLL <= minutes <= LONGEST_POLL
    return "" if good_options and good_minutes else wanted


def _post_address(value: object) -> str:
    fits = isinstance(value, str) and POST_ADDRESS.fullmatch(value)
    return "" if fits else "the address of a post at X, such as https://x.com/name/status/1234567890"


who_can_reply = choice("who_can_reply", *WHO_CAN_REPLY, default="everyone", label="Who can reply")
poll = Setting(
    "poll",
    _poll,
    kind=Kind.POLL,
    poll=Poll(MOST_OPTIONS, SHORTEST_POLL, LONGEST_POLL),
    shown=Shown.BESIDE,
    label="Poll",
    help=f"{FEWEST_OPTIONS} to {MOST_OPTIONS} answers of up to {LONGEST_OPTION} characters.",
)
made_with_ai = flag("made_with_ai", label="Made with AI", help="X shows a label on the post.")
reply_to = Setting("reply_to", _post_address, kind=Kind.URL, label="Reply to", help="The address of a post at X.")
quote = Setting(
    "quote", _post_address, kind=Kind.URL, label="Quote", help="The address of a post at X.", shown=Shown.BESIDE
)
