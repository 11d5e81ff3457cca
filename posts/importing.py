"""Making the posts of a table: all of them or none, or only trying whether that would go well."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction

from integrations.models import Workspace
from openpost.api.errors import ApiError, Fault

from . import actions, attaching, bounds
from .models import Post
from .words import Plan, Words, files_named, plan


@dataclass(frozen=True, slots=True)
class Line:
    """What a line of the table says, or what is wrong with that."""

    number: int
    words: Words | None
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a line. After a dry run, or when a line is wrong, no post is there any more."""

    line: int
    post: Post | None
    faults: Sequence[Fault] = field(default=())


@transaction.atomic
def import_posts(*, workspace: Workspace, lines: Sequence[Line], dry_run: bool, by: str = "") -> Sequence[Tried]:
    """This will make a post of each line, in this order, unless one is wrong.

    A dry run makes them too, and takes them back: so it says exactly what would be said.
    """
    attaching.hold(workspace, [media_id for line in lines if line.words for media_id in files_named(line.words)])
    planned = [_planned(workspace, line) for line in lines]
    bounds.require_moderate(one.amount for one in planned if isinstance(one, Plan))
    tried = [_made(line, one, by=by) for line, one in zip(lines, planned, strict=True)]
    if dry_run or any(one.faults for one in tried):
        transaction.set_rollback(True)
    return tried


def _planned(workspace: Workspace, line: Line) -> Plan | Tried:
    if line.words is None:
        return Tried(line.number, None, line.faults)
    try:
        return plan(workspace=workspace, words=line.words, hold=True)
    except ApiError as error:
        return Tried(line.number, None, error.faults)


def _made(line: Line, planned: Plan | Tried, *, by: str) -> Tried:
    if isinstance(planned, Tried):
        return planned
    try:
        return Tried(line.number, actions.make(planned, by=by))
    except ApiError as error:
        return Tried(line.number, None, error.faults)
