"""Query parameters, as strictly read as X reads them."""

import re
from datetime import datetime

from .messages import invalid
from .schema import ID
from .world import EPOCH_MS, World

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")


def only(query: dict[str, str], known: tuple[str, ...]) -> None:
    for name, value in query.items():
        if name not in known:
            raise invalid(f"The query parameter [{name}] is not one of [{','.join(known)}]", **{name: value})


def listed(query: dict[str, str], name: str, known: tuple[str, ...]) -> list[str]:
    values = query[name].split(",") if name in query else []
    for value in values:
        if value not in known:
            raise invalid(f"The `{name}` query parameter value [{value}] is not one of [{','.join(known)}]")
    return values


def number(query: dict[str, str], name: str, least: int, most: int, default: int) -> int:
    value = query.get(name, str(default))
    if not value.isdigit() or not least <= int(value) <= most:
        raise invalid(f"The `{name}` query parameter value [{value}] is not between {least} and {most}")
    return int(value)


def bounds(world: World, query: dict[str, str]) -> tuple[int, int]:
    """The lowest id that may be shown, and the first that may not."""
    times = query.keys() & {"start_time", "end_time"}
    if times and query.keys() & {"since_id", "until_id"}:
        raise invalid("Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.")
    for name in ("since_id", "until_id"):
        if name in query and not ID.fullmatch(query[name]):
            raise invalid(f"The `{name}` query parameter value [{query[name]}] is not valid")
    for name in times:
        value = query[name]
        if not TIME.fullmatch(value):
            raise invalid(f"The `{name}` query parameter value [{value}] is not a valid time", **{name: value})
        if datetime.fromisoformat(value).timestamp() > world.now() - 10:
            message = f"Invalid '{name}':'{value}'. '{name}' must be a minimum of 10 seconds prior to the request time."
            raise invalid(message, **{name: value})
    least = id_at(query["start_time"]) if "start_time" in query else int(query.get("since_id", -1)) + 1
    most = id_at(query["end_time"]) if "end_time" in query else int(query.get("until_id", 2**63))
    return least, most


def id_at(time: str) -> int:
    return (int(datetime.fromisoformat(time).timestamp() * 1000) - EPOCH_MS) << 22
