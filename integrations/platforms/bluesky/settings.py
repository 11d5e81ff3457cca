"""The fields of `platform_settings.bluesky`. Pure facts; a client that sends none of them gets what Bluesky's app does.

`reply_to` and `quote` are addresses of posts, `link_card: false` leaves out the card of the first link.
"""

import re

from ..setting import Kind, Setting, Shown, choice

#: Who may reply, and the rules of a threadgate that say so; None: no gate, [] nobody.
#: https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/threadgate.json
REPLY_RULES: dict[str, list[str] | None] = {
    "everyone": None,
    "following": ["app.bsky.feed.threadgate#followingRule"],
    "followers": ["app.bsky.feed.threadgate#followerRule"],
    "mentionedUsers": ["app.bsky.feed.threadgate#mentionRule"],
    "nobody": [],
}
#: What other platforms can say and Bluesky cannot.
NOT_HERE = ("subscribers", "verified")

#: Who may quote, and the rules of a postgate that say so.
#: https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/postgate.json
QUOTE_RULES: dict[str, list[str] | None] = {"everyone": None, "nobody": ["app.bsky.feed.postgate#disableRule"]}

#: What a post may be labelled with by its author.
#: https://atproto.com/specs/label#self-labels-in-records
LABELS = ("sexual", "nudity", "porn", "graphic-media")

#: https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json
MOST_LANGUAGES = 3
# The common forms of BCP 47: language, script, region, variants. A primary subtag is of two or three small letters.
# https://atproto.com/specs/lexicon#language
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))?")

#: A post's address, as people see it and as servers do: whose it is, and its key.
#: https://atproto.com/specs/at-uri-scheme
POST_ADDRESS = re.compile(
    r"(?:https://bsky\.app/profile/|at://)(?P<who>[a-zA-Z0-9._:%-]{1,253})/(?:post|app\.bsky\.feed\.post)/"
    r"(?P<key>[a-zA-Z0-9._:~-]{1,512})/?(?:[?#].*)?"
)


def _who_can_reply(value: object) -> str:
    wanted = "one of " + ", ".join(REPLY_RULES)
    if value in NOT_HERE:
        return f"{wanted}; Bluesky has no way to say “{value}”"
    return "" if isinstance(value, str) and value in REPLY_RULES else wanted


def _languages(value: object) -> str:
    fits = (
        isinstance(value, list)
        and len(value) <= MOST_LANGUAGES
        and all(isinstance(item, str) and LANGUAGE.fullmatch(item) for item in value)
    )
    return "" if fits else f"a list of at most {MOST_LANGUAGES} language tags such as en or pt-BR"


def _labels(value: object) -> str:
    fits = isinstance(value, list) and all(isinstance(item, str) and item in LABELS for item in value)
    return "" if fits else "a list of some of " + ", ".join(LABELS)


def _post_address(value: object) -> str:
    fits = isinstance(value, str) and POST_ADDRESS.fullmatch(value)
    return "" if fits else "the address of a post, https://bsky.app/profile/…/post/… or at://…/app.bsky.feed.post/…"


who_can_reply = Setting(
    "who_can_reply",
    _who_can_reply,
    kind=Kind.CHOICE,
    values=tuple(REPLY_RULES),
    default="everyone",
    label="Who can reply",
)
who_can_quote = choice("who_can_quote", *QUOTE_RULES, label="Who can quote")
languages = Setting(
    "languages", _languages, kind=Kind.LINES, label="Languages", help=f"Up to {MOST_LANGUAGES}: en, pt-BR."
)
labels = Setting(
    "labels", _labels, kind=Kind.CHOICES, values=LABELS, label="Content warning", help="Who hides such posts is warned."
)


def post_address(name: str, *, label: str = "", shown: Shown = Shown.FOOT) -> Setting:
    """A setting that is the address of a post on Bluesky."""
    said = "The address of a post on Bluesky."
    return Setting(name, _post_address, kind=Kind.URL, label=label, help=said, shown=shown)
