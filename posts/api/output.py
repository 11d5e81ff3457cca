"""A post as the API shows it."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from integrations.models import Integration
from integrations.platforms.base import Problem
from openpost.api.times import moment
from posts.checking import as_warnings
from posts.media.output import render_media
from posts.models import Media, PostTarget
from posts.reading import Shown
from posts.validating import Findings, PartFindings, TargetFindings
from posts.waiting import Present, is_unknown, reason


def render_post(shown: Shown, present: Present) -> dict[str, Any]:
    """The Post object of the reference, and what we add to it."""
    post, media = shown.post, shown.files
    return {
        "id": str(post.id),
        "status": post.status,
        "content": post.content,
        "media": render_files(media.get(0, ())),
        "thread": [
            {"content": text, "media": render_files(media.get(number, ()))}
            for number, text in enumerate(post.thread, 1)
        ],
        "split": post.split,
        "scheduled_at": moment(post.scheduled_at),
        "published_at": moment(post.published_at),
        "tags": post.tags,
        "post_targets": [render_target(target, present) for target in shown.targets],
        "created_at": moment(post.created_at),
        "updated_at": moment(post.updated_at),
        "group_id": str(post.group_id) if post.group_id else None,
        "platform_overrides": post.platform_overrides,
        "platform_settings": post.platform_settings,
        "warnings": post.warnings,
    }


def render_files(media: Iterable[Media]) -> list[dict[str, Any]]:
    return [render_media(one) for one in media]


def render_target(target: PostTarget, present: Present) -> dict[str, Any]:
    """`thread_urls` are the addresses of its parts that are live, in order: one of a post that is no thread."""
    return {
        "id": str(target.id),
        "status": target.status,
        "platform_post_url": target.platform_post_url,
        "thread_urls": target.live_parts,
        "published_at": moment(target.published_at),
        "error": render_error(target, present),
        "integrations": render_account(target.integration),
    }


def render_findings(findings: Findings) -> dict[str, Any]:
    """The answer of validate. Problems of the whole post (its time) stand beside the targets, theirs with each."""
    return {
        "valid": findings.valid,
        "problems": as_warnings(findings.problems),
        "ignored": findings.ignored,
        "targets": [render_target_findings(target) for target in findings.targets],
    }


def render_target_findings(found: TargetFindings) -> dict[str, Any]:
    """What stands of the first part beside `parts` stands there for all who send no thread."""
    parts = [render_part_findings(part) for part in found.parts]
    return {
        "integrations": render_account(found.account),
        "settings": found.settings,
        **{name: parts[0][name] for name in ("content", "count", "limit", "unit", "counts")},
        "parts": parts,
        "problems": render_problems(found.problems),
        "warnings": as_warnings(found.warnings),
    }


def render_problems(found: Iterable[Problem]) -> list[dict[str, Any]]:
    """What is wrong, with the numbers behind the sentence, as an error has them."""
    return [{"code": one.code, "message": one.message, "field": one.field, **one.details} for one in found]


def render_part_findings(part: PartFindings) -> dict[str, Any]:
    """`count`, `limit` and `unit` are the first of `counts`: all that the platform limits."""
    counts = [{"count": length.count, "limit": length.limit, "unit": length.unit} for length in part.lengths]
    return {
        "content": part.text,
        **counts[0],
        "counts": counts,
        "facets": [asdict(facet) for facet in part.facets],
        "media": [
            {"id": str(note.medium.id), "as_it_is": note.as_it_is, "message": note.message} for note in part.notes
        ],
    }


def render_account(account: Integration) -> dict[str, Any]:
    return {"platform": account.platform, "id": str(account.id), "username": account.username}


def render_error(target: PostTarget, present: Present) -> dict[str, Any] | None:
    """Why it has not gone out (yet), on whose side that is, and whether and when it is tried again by itself."""
    found = reason(target, present)
    if found is None:
        return None
    return {
        "code": found.code,
        "message": f"{found.message} {resolving(target)}" if is_unknown(target) else found.message,
        "side": found.side,
        "retryable": found.retryable,
        "next_attempt_at": moment(found.next_attempt_at),
    }


def resolving(target: PostTarget) -> str:
    """How a program says what only a person can find out (publishing/urls.py); pages have buttons for it."""
    return f"Say it by POST /v1/posts/{target.post_id}/targets/{target.id}/resolve."
