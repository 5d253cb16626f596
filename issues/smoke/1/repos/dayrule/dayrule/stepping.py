"""Moving by periods: days, weeks, months or years."""

from __future__ import annotations

from datetime import date, timedelta

from .frequency import Frequency
from .months import add_months, whole_months


def shift(day: date, frequency: Frequency, periods: int) -> date:
    """The date that lies `periods` periods after `day`."""
    match frequency:
        case Frequency.DAILY:
            return day + timedelta(days=periods)
        case Frequency.WEEKLY:
            return day + timedelta(weeks=periods)
        case Frequency.MONTHLY:
            return add_months(day, periods)
        case Frequency.YEARLY:
            return add_months(day, 12 * periods)


def whole_periods(start: date, end: date, frequency: Frequency) -> int:
    """How many full periods lie between `start` and `end`, which is not earlier."""
    match frequency:
        case Frequency.DAILY:
            return (end - start).days
        case Frequency.WEEKLY:
            return (end - start).days // 7
        case Frequency.MONTHLY:
            return whole_months(start, end)
        case Frequency.YEARLY:
            return whole_months(start, end) // 12
