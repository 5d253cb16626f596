"""Turning the text of a value into other types."""

from __future__ import annotations

from .errors import ConversionError

_BOOLEANS = {
    "1": True,
    "yes": True,
    "true": True,
    "on": True,
    "0": False,
    "no": False,
    "false": False,
    "off": False,
}


def to_int(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ConversionError(value, "a whole number") from None


def to_bool(value: str) -> bool:
    try:
        return _BOOLEANS[value.strip().lower()]
    except KeyError:
        raise ConversionError(value, "one of yes/no, true/false, on/off, 1/0") from None


def to_list(value: str) -> list[str]:
    """The entries between commas or line ends, without empty ones."""
    entries = (entry.strip() for entry in value.replace("\n", ",").split(","))
    return [entry for entry in entries if entry]
