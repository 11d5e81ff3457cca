"""What every platform tells us about itself: the shape of `rules.py`. Pure facts, no Django, no network.

Lengths are in the platform's own unit; `Rules.count` is the only counter of the whole project: the API, the
composer, the validator and the publisher all ask it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from .draft import Draft, Facet, Length, Look, MediaKind, Medium
from .media import MediaLimits, MediaNote, MediaRules
from .problem import Problem
from .setting import Setting, Shown, choice, flag, text, text_list, url
from .splitting import split

#: All that a `rules.py` needs stands here.
__all__ = [
    "Draft",
    "Facet",
    "Length",
    "Look",
    "MediaKind",
    "MediaLimits",
    "MediaNote",
    "Medium",
    "Problem",
    "Question",
    "Rules",
    "Setting",
    "Shown",
    "choice",
    "flag",
    "text",
    "text_list",
    "url",
]

#: Ours: a thread of more parts is no thread any more, and on platforms that take part after part it would hold a
#: worker for more than ten minutes.
MOST_PARTS = 25


#: Characters of what a person answers to a Question: more than any name or password has.
LONGEST_ANSWER = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """One thing a person must tell us to connect an account; secrets are never taken from arguments."""

    name: str
    prompt: str
    secret: bool = False
    default: str | None = None


class Rules(MediaRules):
    """All that can be known of a platform without asking it.

    A platform subclasses this in its `rules.py`, puts the public address of the documentation above each limit,
    and is listed once in `registry.py`.
    """

    #: Other names the API understands: `x`.
    aliases: ClassVar[tuple[str, ...]] = ()
    #: The longest text, and the unit it is counted in.
    text_limit: ClassVar[int]
    text_unit: ClassVar[str] = "characters"
    #: The longest text of accounts that pay for more; None where nobody can.
    premium_text_limit: ClassVar[int | None] = None
    #: The longest a publish may take altogether before another worker looks what became of it.
    publish_within: ClassVar[timedelta] = timedelta(minutes=2)
    #: The same for a post with a video, which platforms take their time to look at.
    publish_video_within: ClassVar[timedelta] = timedelta(minutes=20)
    #: What stands on its mark, where that is not the first letter of its label; and the colour below, on which white
    #: has a contrast of 4.5 : 1 or more.
    letter: ClassVar[str] = ""
    colour: ClassVar[str] = "#57606a"
    #: How posts stand in its own app.
    look: ClassVar[Look] = Look.MICROBLOG
    #: Whether a thread of several parts can be published there.
    threads: ClassVar[bool] = False
    #: How long our access to an account lasts when nobody renews it; None where that is not known.
    access_lasts: ClassVar[timedelta | None] = None
    #: The fields of `platform_settings` this platform understands.
    settings: ClassVar[tuple[Setting, ...]] = ()
    #: Dotted paths, loaded only by workers and connect commands; "" where nothing speaks to the platform yet.
    client: ClassVar[str] = ""
    connect: ClassVar[str] = ""
    #: A refresh token is spent by its first use, and a replay ends the account's access: it is never sent twice, not
    #: even when the process that sent it died before it could tell.
    refresh_works_once: ClassVar[bool] = False
    #: What turns the answers to `questions` into a verified Connection: `sign_in(**answers, now=…)`.
    sign_in: ClassVar[str] = ""
    questions: ClassVar[tuple[Question, ...]] = ()
    #: The module whose `authorize_url` and `exchange` connect an account in the browser; "" where `sign_in` is all.
    oauth: ClassVar[str] = ""
    #: What ends our access there when an account is disconnected: `revoke(account)`.
    revoke: ClassVar[str] = ""
    #: What asks the platform, without changing anything, whether our access to an account holds: `check(account,
    #: now=…)` raises a PublishError when it does not. The token is good by its own word.
    check: ClassVar[str] = ""
    #: What gives the address of an account's picture, "" for an account without one: `picture(account, now=…)`, which
    #: raises a PublishError. No token is renewed for it.
    picture: ClassVar[str] = ""
    #: What we must be allowed, as `scope` in the credentials says it; nothing where the platform has no such word.
    scopes: ClassVar[tuple[str, ...]] = ()
    #: An address that answers anybody, for its clock.
    clock: ClassVar[str] = ""
    #: What the addresses of posts look like, and one of them; None where any may be one.
    address: ClassVar[re.Pattern[str] | None] = None
    address_like: ClassVar[str] = ""

    def wrong_address(self, url: str) -> str:
        """What completes "must be …" when no post can be at `url`; "" when one can, or when any address may be one."""
        fits = self.address is None or self.address.fullmatch(url)
        return "" if fits else f"the address of a post on {self.label}, such as {self.address_like}"

    def id_in(self, url: str, *, account: str) -> str:
        """The platform's own id of the post at `url`, as publishing would have got it; `account` is whose it is."""
        return urlsplit(url).path.rstrip("/").rpartition("/")[2] or url

    def count(self, text: str) -> int:
        """The length of `text` as the platform counts it, in `text_unit`."""
        return len(text)

    def problems(self, *parts: Draft) -> Sequence[Problem]:
        """Everything that would make the platform refuse the thread of these parts; empty when it can go out."""
        found = [
            *self.setting_problems(parts[0].settings),
            *self.thread_problems(parts),
        ]
        for part in parts:
            found += [at_part(problem, part) for problem in (*self.text_problems(part), *self.media_problems(part))]
        return found

    def cautions(self, *parts: Draft) -> Sequence[Problem]:
        """What the author should know of the thread of these parts although it can go out."""
        return [at_part(caution, part) for part in parts for caution in self.warnings(part)]

    def warnings(self, draft: Draft) -> Sequence[Problem]:
        """What the author should know of one part although it can go out."""
        return []

    def lengths(self, draft: Draft) -> Sequence[Length]:
        """Every length the platform limits, the one that people know first."""
        limit = (draft.premium and self.premium_text_limit) or self.text_limit
        return [Length(self.count(draft.text), limit, self.text_unit)]

    def fits(self, draft: Draft) -> bool:
        """Whether the text is short enough."""
        return all(length.count <= length.limit for length in self.lengths(draft))

    def split(self, draft: Draft) -> list[Draft]:
        """The draft as a thread of parts that fit, its media with the first; one that cannot be split stays whole.

        Where there are no threads only the author's own `---` lines separate, and the rules refuse what they make.
        """
        texts = split(
            draft.text,
            fits=lambda text: not self.threads or self.fits(replace(draft, text=text)),
            most=MOST_PARTS,
        )
        return [replace(draft, text=text, media=() if number else draft.media) for number, text in enumerate(texts)]

    def time_for(self, *parts: Draft) -> timedelta:
        """The longest a publish of these parts may take altogether."""
        moves = any(medium.kind == MediaKind.VIDEO for part in parts for medium in part.media)
        return self.publish_video_within if moves else self.publish_within + timedelta(seconds=20) * (len(parts) - 1)

    def facets(self, draft: Draft) -> Sequence[Facet]:
        """What the platform is told to show as links, mentions and tags; none where it finds them itself."""
        return ()

    def thread_problems(self, parts: Sequence[Draft]) -> Sequence[Problem]:
        """What is wrong with the parts together: `/thread` where the author made them, else `/content`."""
        field = "/thread" if parts[-1].source else "/content"
        if len(parts) > 1 and not self.threads:
            return [
                Problem(
                    code="thread_not_supported",
                    message=f"{self.label} has no threads that we can publish, and this is one of {len(parts)} parts. "
                    f"Leave {self.label} out, or send it a post of its own.",
                    field=field,
                    details={"platform": self.name, "count": len(parts), "limit": 1, "unit": "parts"},
                )
            ]
        if len(parts) > MOST_PARTS:
            return [
                Problem(
                    code="thread_too_long",
                    message=f"The thread for {self.label} would have more than {MOST_PARTS} parts. Shorten it.",
                    field=field,
                    details={"platform": self.name, "count": len(parts), "limit": MOST_PARTS, "unit": "parts"},
                )
            ]
        return []

    def text_problems(self, draft: Draft) -> Sequence[Problem]:
        # Beside an image or a video no words are needed.
        if not draft.text.strip() and not draft.media and not self.media_required:
            return [self.no_text()]
        return [
            self.too_long(length.count, length.limit, length.unit)
            for length in self.lengths(draft)
            if length.count > length.limit
        ]

    def no_text(self) -> Problem:
        return Problem(
            code="text_required",
            message=f"The text for {self.label} is empty, and a post there needs one.",
            field="/content",
            details={"platform": self.name},
        )

    def bad_characters(self, which: str) -> Problem:
        return Problem(
            code="text_characters",
            message=f"{self.label} refuses texts that contain {which}. "
            f"Remove them, or give {self.label} its own text in platform_overrides.",
            field="/content",
            details={"platform": self.name},
        )

    def too_long(self, count: int, limit: int, unit: str) -> Problem:
        return Problem(
            code="text_too_long",
            message=f"The text for {self.label} has {count} {unit}; the limit is {limit}. "
            f"Shorten it, or give {self.label} its own text in platform_overrides.",
            field="/content",
            details={"platform": self.name, "count": count, "limit": limit, "unit": unit},
        )

    def setting_problems(self, settings: Mapping[str, Any]) -> Sequence[Problem]:
        return [
            Problem(
                code="setting_required",
                message=f"{self.label} needs platform_settings.{self.name}.{setting.name}.",
                field=f"/platform_settings/{self.name}/{setting.name}",
                details={"platform": self.name},
            )
            for setting in self.settings
            if setting.required and setting.name not in settings
        ]


def at_part(problem: Problem, part: Draft) -> Problem:
    """The problem of a part, with its pointer into the author's own request."""
    if part.source and problem.field.startswith(("/content", "/media_ids")):
        return replace(problem, field=f"/thread/{part.source - 1}{problem.field}")
    return problem
