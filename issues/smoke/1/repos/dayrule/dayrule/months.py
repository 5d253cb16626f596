"""Arithmetic with months, which are not all of the same length."""

from __future__ import annotations

import calendar
from datetime import MAXYEAR, date


def days_in_month(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` months later.

    Where that month is too short, the result is its last day. Raises OverflowError
    after the year 9999, as adding a timedelta does.
    """
    years, month_index = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month_index + 1
    if year > MAXYEAR:
        raise OverflowError("date value out of range")
    return date(year, month, min(day.day, days_in_month(year, month)))


def whole_months(start: date, end: date) -> int:
    """How many full months lie between `start` and `end`, which is not earlier."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if end.day < start.day:
        months -= 1
    return months
