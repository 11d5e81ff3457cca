"""What would become of a post, before it is one: the rules that creating and publishing ask, and nothing written."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.models import Integration, Workspace
from integrations.platforms import registry
from integrations.platforms.base import MOST_PARTS, Facet, Length, MediaNote, Problem
from openpost.api.errors import ApiError, Fault

from . import bounds, checking
from .checking import Sending, Warnings
from .words import Plan, Words, plan, require_possible


@dataclass(frozen=True, slots=True)
class PartFindings:
    """One part as it would be sent. `lengths`: the main one first; `notes`: what becomes of each of its files.

    `source`: which of the author's parts it is or was split from, 0 being the content.
    """

    text: str
    lengths: Sequence[Length]
    facets: Sequence[Facet]
    notes: Sequence[MediaNote]
    source: int


@dataclass(frozen=True, slots=True)
class TargetFindings:
    """What one account would be sent, and what stands against it."""

    account: Integration
    parts: Sequence[PartFindings]
    settings: Mapping[str, Any]
    problems: Sequence[Problem]
    warnings: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Findings:
    """What concerns the whole post, and what concerns each account."""

    problems: Sequence[Fault]
    ignored: Warnings
    targets: Sequence[TargetFindings]

    @property
    def valid(self) -> bool:
        """Whether the post could be scheduled as it stands."""
        return not self.problems and not any(target.problems for target in self.targets)


def validate(*, workspace: Workspace, words: Words, stands_for: uuid.UUID | None = None) -> Findings:
    """This will say what `create` would; raises the ApiError that it would where the words cannot be understood.

    `stands_for` is the post that these words would become, when there is one: it does not repeat itself.
    """
    planned = plan(workspace=workspace, words=words)
    bounds.require_moderate([planned.amount])
    planned.post.id = stands_for or planned.post.id
    said: dict[tuple[str, bool], _Said] = {}
    own = checking.of_the_accounts(planned.post, planned.accounts, at=planned.post.scheduled_at)
    targets = []
    for sending in checking.sendings(planned.post, planned.accounts):
        # A hundred accounts of one platform are sent the same, and the rules are slow on long texts.
        same = (sending.account.platform, sending.account.premium)
        said[same] = said.get(same) or _said(planned, sending)
        targets.append(_target(sending, said[same], own[sending.account.id]))
    return Findings(problems=_time_problems(planned.post.scheduled_at), ignored=planned.ignored, targets=targets)


def _time_problems(at: datetime | None) -> Sequence[Fault]:
    try:
        if at is not None:
            require_possible(at)
    except ApiError as error:
        return error.faults
    return []


@dataclass(frozen=True, slots=True)
class _Said:
    """What the rules say of the words, whichever account sends them."""

    parts: Sequence[PartFindings]
    problems: Sequence[Problem]
    warnings: Sequence[Problem]


def parts_of(sending: Sending) -> list[PartFindings]:
    """This will measure each part that an account is sent."""
    rules = registry.PLATFORMS[sending.account.platform]
    return [
        PartFindings(part.text, rules.lengths(part), rules.facets(part), rules.media_notes(part), part.source)
        for part in sending.parts[:MOST_PARTS]  # what has more is not sent
    ]


def _said(planned: Plan, sending: Sending) -> _Said:
    post = planned.post
    return _Said(parts_of(sending), checking.problems(post, [sending]), checking.of_the_words(post, [sending]))


def _target(sending: Sending, said: _Said, own: Sequence[Problem]) -> TargetFindings:
    """`own`: what concerns this account alone."""
    return TargetFindings(
        account=sending.account,
        parts=said.parts,
        settings=sending.parts[0].settings,
        problems=said.problems,
        warnings=[*said.warnings, *own],
    )
