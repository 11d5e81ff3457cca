"""The days that a page of the calendar shows. Pure: no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from posts.local_time import after_the_gap

WEEK = timedelta(days=7)
HOURS = range(24)


class View(StrEnum):
    MONTH = "month"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Span:
    """A month, in whole weeks from Monday on, or one week; `day` is any day in it."""

    view: View
    day: date

    @property
    def days(self) -> Sequence[date]:
        first, last = (self._first_of_month, self._last_of_month) if self.view == View.MONTH else (self.day, self.day)
        monday = first - timedelta(days=first.weekday())
        sunday = last + timedelta(days=6 - last.weekday())
        return [monday + timedelta(days=number) for number in range((sunday - monday).days + 1)]

    @property
    def previous(self) -> date:
        return self._first_of_month - timedelta(days=1) if self.view == View.MONTH else self.day - WEEK

    @property
    def next(self) -> date:
        return self._last_of_month + timedelta(days=1) if self.view == View.MONTH else self.day + WEEK

    def within(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The moments at which the first of its days begins in `zone`, and at which the last ends."""
        days = self.days
        return tuple(  # type: ignore[return-value]
            after_the_gap(datetime.combine(day, time.min), zone) for day in (days[0], days[-1] + timedelta(days=1))
        )

    def holds(self, day: date) -> bool:
        """Whether a day that is shown belongs to what was asked for: a month shows days of its neighbours, too."""
        return self.view == View.WEEK or (day.year, day.month) == (self.day.year, self.day.month)

    @property
    def _first_of_month(self) -> date:
        return self.day.replace(day=1)

    @property
    def _last_of_month(self) -> date:
        return (self._first_of_month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
