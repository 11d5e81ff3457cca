"""What X allows. Pure facts."""

import re
from collections.abc import Sequence

from ..base import Problem, Question, Rules, choice
from .weight import weight

# Twitter-text calls a text with one of these invalid: two noncharacters and the byte order mark.
# https://github.com/twitter/twitter-text/blob/master/js/src/regexp/invalidCharsGroup.js
INVALID = "\ufffe\ufeff\uffff"


class X(Rules):
    name = "twitter"
    label = "X"
    aliases = ("x",)
    client = "integrations.platforms.twitter.client:build"
    connect = "integrations.platforms.twitter.connect:refresh"
    sign_in = "integrations.platforms.twitter.connect:connect_with_tokens"
    questions = (
        Question("access_token", "OAuth 2.0 user access token", secret=True),
        Question("refresh_token", "OAuth 2.0 refresh token (scope offline.access)", secret=True),
    )

    # Each refresh gives a new refresh token and ends the old one; a replay was seen to end the whole family.
    # https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
    refresh_works_once = True

    # https://docs.x.com/fundamentals/counting-characters
    text_limit = 280
    text_unit = "weighted characters"

    # "everyone" is ours: the API takes the other four and wants the field left out for everyone.
    # https://docs.x.com/x-api/posts/create-post
    settings = (choice("who_can_reply", "everyone", "following", "mentionedUsers", "subscribers", "verified"),)

    def id_in(self, url: str, *, account: str) -> str:
        found = re.search(r"/status(?:es)?/(\d+)", url)
        return found[1] if found else super().id_in(url, account=account)

    def count(self, text: str) -> int:
        return weight(text)

    def text_problems(self, text: str) -> Sequence[Problem]:
        problems = list(super().text_problems(text))
        if any(char in text for char in INVALID):
            problems.append(self.bad_characters("U+FEFF, U+FFFE and U+FFFF"))
        return problems
