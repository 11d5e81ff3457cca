"""A post as each account's network would show it, as far as it is known before it is there."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db.models import prefetch_related_objects

from integrations.models import Integration
from integrations.platforms import registry
from integrations.platforms.base import Look, Rules, Setting, Shown
from posts import checking
from posts.models import Media, Post
from posts.validating import Findings, PartFindings, parts_of

from . import asking, painting
from .painting import Stretch


@dataclass(frozen=True, slots=True)
class Said:
    """A setting, and what the post says of it: None where it says nothing."""

    setting: Setting
    value: Any

    @property
    def text(self) -> str:
        return asking.told(self.setting, self.value)


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
    def title(self) -> str:
        return next((one.text for one in self._said(Shown.TITLE)), "")

    @property
    def beside(self) -> Sequence[Said]:
        return self._said(Shown.BESIDE)

    @property
    def foot(self) -> Sequence[Said]:
        return self._said(Shown.FOOT)

    def _said(self, shown: Shown) -> Sequence[Said]:
        there = (Said(one, self.settings.get(one.name)) for one in self.rules.settings if one.shown == shown)
        return [one for one in there if one.text]


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
    rules = registry.PLATFORMS[account.platform]
    # Only the first part has something beside it.
    full = any(one.name in settings for one in rules.settings if one.shown == Shown.BESIDE)
    plain = any(settings.get(one.name) is False for one in rules.settings if one.shown == Shown.LINK_CARD)
    shown = [_part(part, files, links=not plain and (number > 0 or not full)) for number, part in enumerate(parts)]
    return Card(account, rules, shown, settings, problems)


def _part(part: PartFindings, files: Mapping[uuid.UUID, Media], *, links: bool) -> Part:
    """`links`: the first link has a card, unless there are files."""
    media = [files[note.medium.id] for note in part.notes if note.medium.id in files]
    card = painting.first_link(part.text, part.facets) if links and not media else ""
    return Part(painting.painted(part.text, part.facets), media, card)
