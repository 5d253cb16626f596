"""Recurring dates: every 2 weeks, every month, every year."""

from .agenda import Agenda
from .errors import RuleError, RuleSyntaxError
from .frequency import Frequency
from .rule import Rule
from .text import describe, parse_rule

__all__ = [
    "Agenda",
    "Frequency",
    "Rule",
    "RuleError",
    "RuleSyntaxError",
    "describe",
    "parse_rule",
]
