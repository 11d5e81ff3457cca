"""What Bluesky allows. Pure facts."""

import re
from collections.abc import Sequence
from datetime import timedelta

from ..base import (
    Draft,
    Facet,
    Length,
    MediaKind,
    MediaLimits,
    MediaNote,
    Medium,
    Problem,
    Question,
    Rules,
    Shown,
    flag,
)
from ..counting import graphemes, utf8_bytes
from .facets import facets
from .settings import labels, languages, post_address, who_can_quote, who_can_reply


class Bluesky(Rules):
    name = "bluesky"
    label = "Bluesky"
    colour = "#0a66d6"
    client = "integrations.platforms.bluesky.client:build"
    connect = "integrations.platforms.bluesky.refreshing:refresh"
    sign_in = "integrations.platforms.bluesky.connect:connect"
    revoke = "integrations.platforms.bluesky.connect:revoke"
    check = "integrations.platforms.bluesky.refreshing:check"
    picture = "integrations.platforms.bluesky.profile:picture"
    clock = "https://bsky.social"
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

    media = MediaLimits(
        # Up to 4 as images; more as a gallery, of which clients show 10 whatever the server takes.
        # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/images.json
        # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/gallery.json
        images=10,
        image_types=("image/jpeg", "image/png", "image/webp"),
        image_bytes=2_000_000,
        # What moves is made a video by Bluesky's video service, as from its own app.
        # https://github.com/bluesky-social/social-app/blob/main/src/lib/constants.ts
        gifs=1,
        gif_bytes=300_000_000,
        # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/video.json
        videos=1,
        types=("video/mp4", "video/quicktime"),
        video_bytes=300_000_000,
        # Ten minutes.
        # https://github.com/bluesky-social/social-app/blob/main/src/lib/constants.ts
        longest=600,
        # The lexicons have no limit; Bluesky's own app has one.
        # https://github.com/bluesky-social/social-app/blob/main/src/lib/constants.ts
        alt_text=2000,
    )

    settings = (
        who_can_reply,
        who_can_quote,
        languages,
        labels,
        post_address("reply_to", label="Reply to"),
        post_address("quote", label="Quote", shown=Shown.BESIDE),
        flag("link_card", default=True, label="Card of the first link", shown=Shown.LINK_CARD),
    )

    # A refresh token ends after 90 days; each refresh gives a new one.
    # https://github.com/bluesky-social/atproto/blob/main/packages/pds/src/account-manager/helpers/auth.ts
    access_lasts = timedelta(days=90)

    #: What a post is in the account's repository.
    collection = "app.bsky.feed.post"

    # As Bluesky's own app shows it, and others do at theirs. Our keys are TIDs.
    # https://atproto.com/specs/record-key
    address = re.compile(r"https?://[^/?#]+/profile/[^/?#]+/post/[a-z2-7]{13}/?(?:[?#].*)?")
    address_like = "https://bsky.app/profile/name.bsky.social/post/3kabcdefgh222"

    def id_in(self, url: str, *, account: str) -> str:
        found = re.search(r"/post/([a-z2-7]{13})(?![^/?#])", url)
        return f"at://{account}/{self.collection}/{found[1]}" if found else super().id_in(url, account=account)

    def count(self, text: str) -> int:
        return graphemes(text)

    def lengths(self, draft: Draft) -> Sequence[Length]:
        return [*super().lengths(draft), Length(utf8_bytes(draft.text), self.byte_limit, "UTF-8 bytes")]

    def facets(self, draft: Draft) -> Sequence[Facet]:
        # A text that is far too long is never sent, and may have more than an answer should hold.
        return facets(draft.text) if utf8_bytes(draft.text) <= 10 * self.byte_limit else ()

    def problems(self, *parts: Draft) -> Sequence[Problem]:
        return [*super().problems(*parts), *self._gate_problems(parts[0])]

    def media_note(self, medium: Medium, limits: MediaLimits) -> MediaNote:
        if medium.kind == MediaKind.GIF:
            return MediaNote(medium, as_it_is=False, message="Bluesky makes a video of it that plays like a GIF.")
        return super().media_note(medium, limits)

    def _gate_problems(self, first: Draft) -> Sequence[Problem]:
        """Who may reply is said of a whole thread, by whoever began it."""
        if "reply_to" not in first.settings or first.settings.get("who_can_reply", "everyone") == "everyone":
            return []
        return [
            Problem(
                code="settings_conflict",
                message="A reply belongs to the thread that it answers, and who can reply there is not ours to say. "
                "Leave out who_can_reply or reply_to.",
                field=f"/platform_settings/{self.name}/who_can_reply",
                details={"platform": self.name},
            )
        ]
