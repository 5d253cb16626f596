"""Rules in words: "every 2 weeks from 2026-01-05 until 2026-06-30"."""

from __future__ import annotations

import re
from datetime import date

from .errors import RuleSyntaxError
from .frequency import Frequency
from .rule import Rule

_RULE = re.compile(
    r"every (?:(?P<interval>\d+) )?(?P<unit>day|week|month|year)s?"
    r" from (?P<start>\d{4}-\d\d-\d\d)"
    r"(?: until (?P<until>\d{4}-\d\d-\d\d)| (?P<count>\d+) times?)?"
)


def parse_rule(text: str) -> Rule:
    """The rule that a text describes; case and extra spaces do not matter."""
    match = _RULE.fullmatch(" ".join(text.lower().split()))
    if match is None:
        raise RuleSyntaxError(f"not a rule: {text!r}")
    return Rule(
        start=_parse_date(match["start"]),
        frequency=Frequency(match["unit"]),
        interval=int(match["interval"] or 1),
        count=int(match["count"]) if match["count"] else None,
        until=_parse_date(match["until"]) if match["until"] else None,
    )


def describe(rule: Rule) -> str:
    """The shortest text from which `parse_rule` makes this rule."""
    unit = rule.frequency.value
    every = unit if rule.interval == 1 else f"{rule.interval} {unit}s"
    text = f"every {every} from {rule.start.isoformat()}"
    if rule.until is not None:
        text += f" until {rule.until.isoformat()}"
    if rule.count is not None:
        text += f" {rule.count} time" + ("s" if rule.count > 1 else "")
    return text


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleSyntaxError(f"not a date: {text!r}") from None
