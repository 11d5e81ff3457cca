"""What Bluesky allows. Pure facts."""

import re
from collections.abc import Sequence
from datetime import timedelta

from ..base import Draft, Length, Question, Rules
from ..counting import graphemes, utf8_bytes


class Bluesky(Rules):
    name = "bluesky"
    label = "Bluesky"
    client = "integrations.platforms.bluesky.client:build"
    connect = "integrations.platforms.bluesky.connect:refresh"
    sign_in = "integrations.platforms.bluesky.connect:connect"
    threads = True
    questions = (
        Question("identifier", "Handle, such as alice.bsky.social"),
        Question("password", "App password (Settings, Privacy and security, App passwords)", secret=True),
        Question("service", "The account's own server", default="https://bsky.social"),
    )

    # maxGraphemes and maxLength of `text`; a real server refused graphemes 301 and byte 3001.
    # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json
    text_limit = 300
    text_unit = "graphemes"
    byte_limit = 3000

    # A refresh token ends after 90 days; each refresh gives a new one.
    # https://github.com/bluesky-social/atproto/blob/main/packages/pds/src/account-manager/helpers/auth.ts
    access_lasts = timedelta(days=90)

    #: What a post is in the account's repository.
    collection = "app.bsky.feed.post"

    def id_in(self, url: str, *, account: str) -> str:
        found = re.search(r"/post/([a-z2-7]{13})(?![^/?#])", url)
        return f"at://{account}/{self.collection}/{found[1]}" if found else super().id_in(url, account=account)

    def count(self, text: str) -> int:
        return graphemes(text)

    def lengths(self, draft: Draft) -> Sequence[Length]:
        return [*super().lengths(draft), Length(utf8_bytes(draft.text), self.byte_limit, "UTF-8 bytes")]
