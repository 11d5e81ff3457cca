"""Where on the page something is said: beside what causes it. From the pointers of faults to the places of the page."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from integrations.models import IntegrationStatus
from integrations.platforms import registry
from integrations.platforms.base import Problem
from openpost.api.errors import Fault

#: The field of the form that a fault belongs to, by the first step of its pointer, where they differ.
FIELDS = {"platforms": "integrations", "media": "media_ids", "scheduled_at": "schedule_at", "status": "schedule_at"}


#: Where a field has its place, as a whole.
_PLACES = {"integrations": "accounts", "thread": "thread", "tags": "tags", "group_id": "group_id", "schedule_at": "at"}


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence at one place: what is wrong (`bad`), or only worth knowing. `post_id` is another that is meant."""

    place: str
    message: str
    bad: bool
    post_id: str = ""


def remarks(found: Iterable[Problem | Fault], keys: Sequence[str], *, bad: bool) -> list[Remark]:
    """This will place what was found; `keys` are those of the thread's parts."""
    return [Remark(place_of(one.field, keys), for_people(one.message), bad, _other_post(one)) for one in found]


def field_of(pointer: str) -> str:
    """This will give the form's own field that a pointer into the body begins at."""
    name = pointer.strip("/").partition("/")[0]
    return FIELDS.get(name, name)


def place_of(pointer: str, keys: Sequence[str]) -> str:
    """This will give the place that a pointer means; what has none of its own is said at the top."""
    match pointer.strip("/").split("/"):
        case ["content", *_]:
            return "content"
        case ["media_ids", *_]:
            return "media"
        case ["thread", index, "media_ids", *_] if _is_part(index, keys):
            return f"media-{keys[int(index)]}"
        case ["thread", index, *_] if _is_part(index, keys):
            return f"content-{keys[int(index)]}"
        case ["platform_overrides", name, *_]:
            return f"text-{name}"
        case ["platform_settings", name, setting, *_]:
            return f"set-{name}-{setting}"
        case [name, *_] if field_of(name) in _PLACES:
            return _PLACES[field_of(name)]
    return "top"


def all_places(keys: Iterable[str], platforms: Iterable[str]) -> list[str]:
    """This will list the places of a page with these parts and platforms."""
    places = ["top", "content", "media", *_PLACES.values()]
    for key in keys:
        places += [f"content-{key}", f"media-{key}"]
    for name in platforms:
        places.append(f"text-{name}")
        places += [f"set-{name}-{setting.name}" for setting in registry.PLATFORMS[name].settings]
    return places


def for_people(message: str) -> str:
    """This will say in the page's words what the rules say in the API's."""
    message = _STATUS.sub("", message.replace(" in platform_overrides", "").replace("schedule_at", "a time"))
    message = _POST.sub("another post", message)
    return _SETTING.sub(lambda found: f"“{_label(found[1], found[2])}”", message)


#: How an account stands is shown beside its name, in words.
_STATUS = re.compile(rf" \((?:{'|'.join(IntegrationStatus.values)})\)")
_POST = re.compile(r"the post [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SETTING = re.compile(r"platform_settings\.(\w+)\.(\w+)")


def _other_post(one: Problem | Fault) -> str:
    return str(one.details.get("post_id", "")) if isinstance(one, Problem) else ""


def _label(platform: str, name: str) -> str:
    rules = registry.PLATFORMS.get(platform)
    return next((one.asked() for one in (rules.settings if rules else ()) if one.name == name), name)


def _is_part(index: str, keys: Sequence[str]) -> bool:
    return index.isdigit() and int(index) < len(keys)
