"""A rule and the dates that it stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from .errors import RuleError
from .frequency import Frequency
from .stepping import shift, whole_periods


@dataclass(frozen=True)
class Rule:
    """Dates that repeat from `start` on.

    `count` limits how many there are, `until` is the last date that is possible.
    """

    start: date
    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.interval < 1:
            raise RuleError("the interval must be at least 1")
        if self.count is not None and self.count < 1:
            raise RuleError("the count must be at least 1")
        if self.count is not None and self.until is not None:
            raise RuleError("a rule can have a count or an end date, not both")
        if self.until is not None and self.until < self.start:
            raise RuleError("a rule cannot end before it starts")

    def __iter__(self) -> Iterator[date]:
        return self._walk(0)

    def __contains__(self, day: date) -> bool:
        return bool(self.between(day, day))

    def between(self, first: date, last: date) -> list[date]:
        """The dates from `first` to `last`, both included."""
        found: list[date] = []
        for day in self._walk(self._index_near(first)):
            if day > last:
                break
            if day >= first:
                found.append(day)
        return found

    def after(self, day: date) -> date | None:
        """The next date later than `day`."""
        candidates = self._walk(self._index_near(day))
        return next((candidate for candidate in candidates if candidate > day), None)

    def before(self, day: date) -> date | None:
        """The last date earlier than `day`."""
        if day <= self.start:
            return None
        latest = day - timedelta(days=1)
        if self.until is not None:
            latest = min(latest, self.until)
        index = self._index_near(latest)
        if self.count is not None:
            index = min(index, self.count - 1)
        return self._jump(index)

    def _index_near(self, day: date) -> int:
        """Where to start looking for dates around `day`.

        Long-running rules are asked for dates far from their start, so this counts
        the periods in between instead of walking through them.
        """
        if day <= self.start:
            return 0
        return whole_periods(self.start, day, self.frequency) // self.interval

    def _jump(self, index: int) -> date:
        return shift(self.start, self.frequency, index * self.interval)

    def _walk(self, index: int) -> Iterator[date]:
        """All dates from the one with the given index on."""
        day = self._jump(index)
        while self.count is None or index < self.count:
            if self.until is not None and day > self.until:
                return
            yield day
            try:
                day = shift(day, self.frequency, self.interval)
            except OverflowError:
                # The calendar ends here, and with it a rule that has no other end.
                return
            index += 1
