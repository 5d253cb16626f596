"""The units in which a rule can repeat."""

from enum import Enum


class Frequency(Enum):
    DAILY = "day"
    WEEKLY = "week"
    MONTHLY = "month"
    YEARLY = "year"
