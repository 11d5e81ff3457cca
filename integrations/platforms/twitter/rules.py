"""What X allows. Pure facts."""

import re
from collections.abc import Sequence

from ..base import Draft, Problem, Question, Rules, choice
from .weight import has_url, weight

# Twitter-text calls a text with one of these invalid: two noncharacters and the byte order mark.
# https://github.com/twitter/twitter-text/blob/master/js/src/regexp/invalidCharsGroup.js
INVALID = "\ufffe\ufeff\uffff"

# https://github.com/twitter/twitter-text/blob/master/js/src/regexp/validCashtag.js
CASHTAG = re.compile(r"(?:^|(?<=\s))\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?=$|[\s!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$])")

# Dollars for "Content: Create" and "Content: Create (with URL)".
# https://docs.x.com/x-api/getting-started/pricing
PRICE, LINK_PRICE = "0.015", "0.20"

# Per post, from apps without an Enterprise plan.
# https://docs.x.com/x-api/posts/manage-tweets/integrate
CASHTAGS = 1


class X(Rules):
    name = "twitter"
    label = "X"
    aliases = ("x",)
    client = "integrations.platforms.twitter.client:build"
    connect = "integrations.platforms.twitter.connect:refresh"
    sign_in = "integrations.platforms.twitter.connect:connect_with_tokens"
    threads = True
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
    # Of accounts with Premium, through the API since 20 August 2024.
    # https://developer.x.com/en/updates/changelog
    premium_text_limit = 25_000

    # "everyone" is ours: the API takes the other four and wants the field left out for everyone.
    # https://docs.x.com/x-api/posts/create-post
    settings = (choice("who_can_reply", "everyone", "following", "mentionedUsers", "subscribers", "verified"),)

    def id_in(self, url: str, *, account: str) -> str:
        found = re.search(r"/status(?:es)?/(\d+)", url)
        return found[1] if found else super().id_in(url, account=account)

    def count(self, text: str) -> int:
        return weight(text)

    def text_problems(self, draft: Draft) -> Sequence[Problem]:
        problems = list(super().text_problems(draft))
        if any(char in draft.text for char in INVALID):
            problems.append(self.bad_characters("U+FEFF, U+FFFE and U+FFFF"))
        return problems

    def warnings(self, draft: Draft) -> Sequence[Problem]:
        found = {}
        if has_url(draft.text):
            found["link_costs_more"] = (
                f"{self.label} charges ${LINK_PRICE} for a post with a link, and ${PRICE} for one without."
            )
        if len(CASHTAG.findall(draft.text)) > CASHTAGS:
            found["too_many_cashtags"] = (
                f"{self.label} refuses more than one cashtag ($NAME) in a post, save from apps with an Enterprise plan."
            )
        return [
            Problem(code=code, message=message, field="/content", details={"platform": self.name})
            for code, message in found.items()
        ]
