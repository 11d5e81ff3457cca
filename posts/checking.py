"""Whether a post can go out as it stands: what the platforms' rules say about its texts and settings."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any

from integrations.access import access_ending
from integrations.models import Integration
from integrations.platforms import registry
from integrations.platforms.base import Draft, Problem, Rules
from openpost.api.errors import ApiError, Fault, pointer, refuse, short

from .models import Post
from .repeating import repetitions
from .targeting import canonical

Warnings = list[dict[str, Any]]
#: The steps to a place in a request's body: `("thread", 0, "colour")`.
Path = tuple[str | int, ...]

#: Characters of the content, or of one platform's own text: more than any platform takes (Facebook the most, 63,206).
LONGEST_TEXT = 100_000
#: Keys of `platform_overrides`, of `platform_settings` and of one platform's settings.
MOST_KEYS = 100
#: Warnings about what was ignored, of one kind; a last one counts the rest.
MOST_IGNORED = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """`platform_settings` as it is kept, and what was left out of it."""

    kept: dict[str, dict[str, Any]]
    ignored: Warnings


@dataclass(frozen=True, slots=True)
class Sending:
    """What one account would be sent: one part, or a thread of them."""

    account: Integration
    parts: Sequence[Draft]


def clean_overrides(raw: Mapping[str, Any], platforms: Iterable[str]) -> dict[str, str]:
    """This will check `{platform: text}`: only platforms of the post, only strings; else a 400."""
    wanted = set(platforms)
    cleaned: dict[str, str] = {}
    for name, value in raw.items():
        platform, field, shown = canonical(name), pointer("platform_overrides", name), short(name)
        if platform not in wanted:
            raise refuse(
                "override_without_target",
                f"{shown} is not among this post's platforms: {', '.join(sorted(wanted))}.",
                field=field,
            )
        if not isinstance(value, str):
            raise refuse("invalid_value", f"platform_overrides.{name} must be a string.", field=field)
        if len(value) > LONGEST_TEXT:
            raise refuse(
                "invalid_value",
                f"platform_overrides.{name} must have at most {LONGEST_TEXT} characters.",
                field=field,
            )
        if platform in cleaned:
            raise refuse("named_twice", f"{platform} is named twice, once by an alias; name it once.", field=field)
        cleaned[platform] = value
    return cleaned


def clean_settings(raw: Mapping[str, Any], platforms: Iterable[str]) -> Settings:
    """This will keep the documented fields of the post's platforms, and name the rest as ignored.

    A wrong value of a known field is a 400.
    """
    wanted = set(platforms)
    kept: dict[str, dict[str, Any]] = {}
    ignored: Warnings = []
    for name, fields in raw.items():
        platform, field, shown = canonical(name), pointer("platform_settings", name), short(name)
        if platform != name and platform in raw:
            raise refuse("named_twice", f"{platform} is named twice, once by an alias; name it once.", field=field)
        if not isinstance(fields, dict):
            raise refuse("invalid_value", f"platform_settings.{shown} must be an object.", field=field)
        if len(fields) > MOST_KEYS:
            raise refuse("invalid_value", f"platform_settings.{shown} must have at most {MOST_KEYS} keys.", field=field)
        if platform not in wanted:
            ignored.append(warning("setting_ignored", f"{shown} is not among this post's platforms.", field))
            continue
        known = {setting.name: setting for setting in registry.PLATFORMS[platform].settings}
        for key, value in fields.items():
            if key not in known:
                ignored.append(warning("setting_ignored", f"{name} has no setting {short(key)}.", field + pointer(key)))
            elif wrong := known[key].check(value):
                raise refuse(
                    "invalid_setting", f"platform_settings.{name}.{key} must be {wrong}.", field=field + pointer(key)
                )
            else:
                kept.setdefault(platform, {})[key] = value
    return Settings(kept, _counted(ignored, len(ignored), "/platform_settings"))


def unknown_fields(paths: Collection[Path]) -> Warnings:
    """This will name the fields of a body that mean nothing to us."""
    named = (warning("field_ignored", f"There is no field {short(str(path[-1]))}.", pointer(*path)) for path in paths)
    return _counted(named, len(paths), "")


def dropped(platform: str) -> dict[str, Any]:
    """This will name the text of a platform that is not among the post's any more."""
    said = f"{platform} is not among this post's platforms any more, and its own text is gone with it."
    return warning("override_dropped", said, pointer("platform_overrides", platform))


def _counted(found: Iterable[dict[str, Any]], number: int, field: str) -> Warnings:
    """This will keep as many of `number` warnings as are worth storing; the last says how many more there are."""
    if number <= MOST_IGNORED:
        return list(found)
    kept = list(islice(found, MOST_IGNORED - 1))
    return [*kept, warning(kept[0]["code"], f"… and {number - len(kept)} more.", field)]


def sendings(post: Post, accounts: Iterable[Integration]) -> list[Sending]:
    """This will make what each account would be sent, once for those that share platform and limits."""
    made: dict[tuple[str, bool], list[Draft]] = {}
    found = []
    for account in accounts:
        same = (account.platform, account.premium)
        if same not in made:
            made[same] = post.parts_for(account)
        found.append(Sending(account, made[same]))
    return found


def problems(post: Post, sent: Iterable[Sending]) -> list[Problem]:
    """This will list what would keep the post from going out, with pointers into the request's own shape."""
    return _said(post, sent, lambda rules, parts: rules.problems(*parts))


def cautions(post: Post, sent: Collection[Sending], *, at: datetime | None) -> list[Problem]:
    """This will list what its author should know of a post that is due at `at`, although it can go out."""
    own = of_the_accounts(post, [one.account for one in sent], at=at)
    return [*of_the_words(post, sent), *chain.from_iterable(own.values())]


def of_the_words(post: Post, sent: Iterable[Sending]) -> list[Problem]:
    """This will list the cautions that are the same for all accounts which share platform and limits."""
    return _said(post, sent, lambda rules, parts: rules.cautions(*parts))


def of_the_accounts(
    post: Post, accounts: Collection[Integration], *, at: datetime | None
) -> dict[uuid.UUID, list[Problem]]:
    """This will list the cautions that each account has of its own, by its id."""
    again = repetitions(post, accounts, at=at)
    endings = {account.id: access_ending(account, at=at) for account in accounts} if at else {}
    return {
        account.id: [one for one in (endings.get(account.id), again.get(account.id)) if one] for account in accounts
    }


def _said(
    post: Post, sent: Iterable[Sending], ask: Callable[[Rules, Sequence[Draft]], Sequence[Problem]]
) -> list[Problem]:
    """This will ask the rules of each account, those that share platform and limits once, and give each answer once."""
    found: list[Problem] = []
    for one in {(one.account.platform, one.account.premium): one for one in sent}.values():
        platform = one.account.platform
        for problem in ask(registry.PLATFORMS[platform], one.parts):
            if problem.field == "/content" and platform in post.platform_overrides:
                problem = replace(problem, field=f"/platform_overrides/{platform}")
            if problem not in found:
                found.append(problem)
    return found


def require_publishable(post: Post, sent: Iterable[Sending]) -> None:
    """This will raise a 400 with every problem, unless the post can go out as it stands."""
    found = problems(post, sent)
    if found:
        raise ApiError(*(Fault(p.code, p.message, p.field, dict(p.details)) for p in found))


def as_warnings(found: Iterable[Problem | Fault]) -> Warnings:
    """This will make `{code, message, field}` of each, with `post_id` where another post is meant."""
    return [warning(problem.code, problem.message, problem.field) | _other_post(problem) for problem in found]


def _other_post(problem: Problem | Fault) -> dict[str, Any]:
    details = problem.details if isinstance(problem, Problem) else {}
    return {name: details[name] for name in ("post_id",) if name in details}


def warning(code: str, message: str, field: str) -> dict[str, Any]:
    return {"code": code, "message": message, "field": field}
