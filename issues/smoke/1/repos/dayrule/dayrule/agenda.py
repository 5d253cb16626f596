"""Several rules together, without the dates that are called off."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import date
from itertools import groupby

from .rule import Rule


class Agenda:
    def __init__(self, rules: Iterable[Rule], skip: Iterable[date] = ()) -> None:
        self._rules = tuple(rules)
        self._skip = frozenset(skip)

    def between(self, first: date, last: date) -> list[date]:
        """The dates from `first` to `last` in order, each only once."""
        merged = heapq.merge(*(rule.between(first, last) for rule in self._rules))
        return [day for day, _ in groupby(merged) if day not in self._skip]

    def __contains__(self, day: date) -> bool:
        return day not in self._skip and any(day in rule for rule in self._rules)
