"""What the page shows beside the writing: what `validate` finds, each sentence at its place, and a card per account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.platforms import registry
from integrations.platforms.base import Length
from openpost.api.errors import ApiError, Fault
from posts import validating
from posts.targeting import require_active
from posts.validating import Findings, PartFindings

from . import body, cards, places
from .body import Body
from .cards import Card
from .form import PostForm
from .places import Remark

#: A second length is shown from this part of its limit on, in percent.
NEARLY = 80


@dataclass(frozen=True, slots=True)
class Meter:
    """How long a text is on one platform. `percent` is of the limit, at most 100."""

    platform: str
    label: str
    length: Length

    @property
    def percent(self) -> int:
        return min(100, self.length.count * 100 // self.length.limit)

    @property
    def state(self) -> str:
        return "over" if self.length.count > self.length.limit else "near" if self.percent >= NEARLY else "fits"


@dataclass(frozen=True, slots=True)
class Outlook:
    """All that the page shows of the post as it stands. `remarks` and `meters` are by their places."""

    cards: Sequence[Card]
    remarks: Mapping[str, Sequence[Remark]]
    meters: Mapping[str, Sequence[Meter]]
    places: Sequence[str]

    @property
    def texts(self) -> list[str]:
        """The places that are texts."""
        return [place for place in self.places if place.startswith(("content", "text-"))]

    @property
    def problems(self) -> int:
        return self.problems_at("")

    def problems_at(self, *beginnings: str) -> int:
        """How many things are wrong at the places whose names begin so."""
        places = (place for place in self.remarks if place.startswith(beginnings))
        return sum(one.bad for place in places for one in self.remarks[place])


def outlook(form: PostForm, *, faults: Iterable[Fault] = ()) -> Outlook:
    """This will ask the rules about what stands in the form; `faults` are what a verb refused just now."""
    said, wrong = understandable(form)
    found: Findings | None = None
    try:
        # Nobody need have chosen an account, or typed a word, to look at the page.
        if said.fields["integrations"]:
            found = validating.validate(
                workspace=form.workspace,
                words=body.words(said.fields),
                stands_for=None if form.adding else form.instance.pk,
            )
    except ApiError as error:
        wrong += error.faults
    untouched = form.adding and not form.is_bound
    remarks = [] if untouched else _remarks(found, [*faults, *wrong], said.keys)
    platforms = dict.fromkeys(account.platform for account in form.accounts)
    return Outlook(
        cards=cards.of(found, form.attached) if found else [],
        remarks=_by_place(remarks),
        meters=_meters(found, said) if found else {},
        places=places.all_places(said.keys, platforms),
    )


def understandable(form: PostForm) -> tuple[Body, list[Fault]]:
    """This will leave out what makes a body wrong as a whole, and say so: the rest can still be looked at."""
    fields, wrong = dict(form.body.fields), list[Fault]()
    known = {str(account.id): account for account in form.accounts}
    good = []
    for number, chosen in enumerate(fields["integrations"]):
        try:
            if chosen in known:
                require_active(known[chosen], field=f"/integrations/{number}")
                good.append(chosen)
        except ApiError as error:
            wrong += error.faults
    platforms = {known[chosen].platform for chosen in good}
    fields["integrations"] = good
    fields["platform_overrides"] = {k: v for k, v in fields["platform_overrides"].items() if k in platforms}
    fields["platform_settings"], badly = _right_settings(fields["platform_settings"], platforms)
    try:
        # No rule asks them: they are looked at by themselves.
        body.words({name: fields.pop(name) for name in ("tags", "group_id")})
    except ApiError as error:
        wrong += error.faults
    return Body(fields, form.body.keys), [*wrong, *badly, *form.time_in_doubt()]


def _right_settings(
    settings: Mapping[str, Mapping[str, Any]], platforms: set[str]
) -> tuple[dict[str, Any], list[Fault]]:
    kept: dict[str, dict[str, Any]] = {}
    wrong = []
    for platform, values in settings.items():
        known = {setting.name: setting for setting in registry.PLATFORMS[platform].settings}
        for name, value in values.items() if platform in platforms else ():
            if must_be := known[name].check(value):
                pointer = f"/platform_settings/{platform}/{name}"
                wrong.append(Fault("invalid_setting", f"This must be {must_be}.", pointer))
            else:
                kept.setdefault(platform, {})[name] = value
    return kept, wrong


def _remarks(found: Findings | None, wrong: Sequence[Fault], keys: Sequence[str]) -> list[Remark]:
    said = places.remarks(wrong, keys, bad=True)
    if found:
        said += places.remarks(found.problems, keys, bad=True)
        for target in found.targets:
            said += places.remarks(target.problems, keys, bad=True)
        for target in found.targets:
            said += places.remarks(target.warnings, keys, bad=False)
    return list(dict.fromkeys(said))


def _by_place(remarks: Iterable[Remark]) -> dict[str, list[Remark]]:
    found: dict[str, list[Remark]] = {}
    for one in remarks:
        found.setdefault(one.place, []).append(one)
    return found


def _meters(found: Findings, said: Body) -> dict[str, list[Meter]]:
    """How long each text is on each platform that sends it; twice where some of its accounts may more than others."""
    meters: dict[str, list[Meter]] = {}
    for target in found.targets:
        platform = target.account.platform
        label = registry.PLATFORMS[platform].label
        for source, parts in _by_source(target.parts).items():
            place = _place_of_text(source, platform, said)
            if place is None:
                continue
            for length in _telling(parts):
                meter = Meter(platform, label, length)
                if meter not in meters.setdefault(place, []):
                    meters[place].append(meter)
    return meters


def _by_source(parts: Iterable[PartFindings]) -> dict[int, list[PartFindings]]:
    found: dict[int, list[PartFindings]] = {}
    for part in parts:
        found.setdefault(part.source, []).append(part)
    return found


def _place_of_text(source: int, platform: str, said: Body) -> str | None:
    if source == 0:
        return f"text-{platform}" if platform in said.fields["platform_overrides"] else "content"
    return f"content-{said.keys[source - 1]}" if source <= len(said.keys) else None


def _telling(parts: Sequence[PartFindings]) -> list[Length]:
    """Of a text that was split, its fullest part; of several lengths the first, and those that are nearly full."""
    fullest = max(parts, key=lambda part: max(one.count / one.limit for one in part.lengths))
    first, *others = fullest.lengths
    return [first, *(one for one in others if one.count * 100 >= NEARLY * one.limit)]
