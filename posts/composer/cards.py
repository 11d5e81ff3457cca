"""A post as each account's network would show it, as far as it is known before it is there."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db.models import prefetch_related_objects

from integrations.models import Integration
from integrations.platforms import registry
from integrations.platforms.base import Look, Rules
from posts import checking
from posts.models import Media, Post
from posts.validating import Findings, PartFindings, parts_of

from . import asking, painting
from .painting import Stretch

#: Settings that a preview shows in words of its own.
REPLY = "who_can_reply"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what goes out, as its network would show it. `card` is the address of a link's card, or ""."""

    text: Sequence[Stretch]
    media: Sequence[Media]
    card: str

    @property
    def host(self) -> str:
        return urlsplit(self.card).netloc if self.card else ""


@dataclass(frozen=True, slots=True)
class Card:
    """What one account would show."""

    account: Integration
    rules: Rules
    parts: Sequence[Part]
    settings: Mapping[str, Any]
    problems: int

    @property
    def look(self) -> Look:
        return self.rules.look

    @property
    def framed(self) -> bool:
        """Whether a picture or a film is what the post is made of there."""
        return self.look in (Look.PHOTO, Look.VIDEO, Look.REEL)

    @property
    def replies(self) -> str:
        """Who can reply, in words; "" where the platform leaves that to nobody."""
        if not any(setting.name == REPLY for setting in self.rules.settings):
            return ""
        return asking.in_words(self.settings.get(REPLY, "everyone"))

    @property
    def title(self) -> str:
        return next((str(self.settings[name]) for name in self.settings if name.endswith("title")), "")


def of(found: Findings, files: Mapping[uuid.UUID, Media]) -> list[Card]:
    """This will give a card per account; `files` are those that stand in the form, by their ids."""
    return [_card(one.account, one.parts, one.settings, files, len(one.problems)) for one in found.targets]


def of_post(post: Post) -> list[Card]:
    """This will give a card per account of a post as it is stored: of what is on its way, or out."""
    prefetch_related_objects([post], "attachments__media")  # once for all accounts
    files = {one.id: one for part in post.media_by_part().values() for one in part}
    targets = post.targets.select_related("integration").defer("integration__credentials").order_by("position", "id")
    sent = checking.sendings(post, [target.integration for target in targets])
    alike = {(one.account.platform, one.account.premium): one for one in sent}
    parts = {same: parts_of(one) for same, one in alike.items()}
    return [
        _card(one.account, parts[one.account.platform, one.account.premium], one.parts[0].settings, files)
        for one in sent
    ]


def _card(
    account: Integration,
    parts: Sequence[PartFindings],
    settings: Mapping[str, Any],
    files: Mapping[uuid.UUID, Media],
    problems: int = 0,
) -> Card:
    shown = [_part(part, settings if number == 0 else {}, files) for number, part in enumerate(parts)]
    return Card(account, registry.PLATFORMS[account.platform], shown, settings, problems)


def _part(part: PartFindings, settings: Mapping[str, Any], files: Mapping[uuid.UUID, Media]) -> Part:
    media = [files[note.medium.id] for note in part.notes if note.medium.id in files]
    full = media or "poll" in settings or "quote" in settings or not settings.get("link_card", True)
    card = "" if full else painting.first_link(part.text, part.facets)
    return Part(painting.painted(part.text, part.facets), media, card)
