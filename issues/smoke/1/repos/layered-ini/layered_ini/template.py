"""Splitting a value into literal text and references.

A reference is written `${option}`, `${section:option}`, and either of them with a
fallback: `${option|fallback}`. A dollar sign that is meant literally is doubled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import TemplateError
from .parser import option_key

_TOKEN = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<body>[^{}]*)\})?")


@dataclass(frozen=True)
class Reference:
    section: str | None
    """None stands for the section which the value is read for."""
    option: str
    fallback: str | None = None


def split_template(value: str) -> list[str | Reference]:
    parts: list[str | Reference] = []
    end = 0
    for token in _TOKEN.finditer(value):
        if token.start() > end:
            parts.append(value[end : token.start()])
        if token["escaped"]:
            parts.append("$")
        elif token["body"] is not None:
            parts.append(_parse_reference(token["body"]))
        else:
            raise TemplateError(f"stray '$' in {value!r}, write '$$' for a literal one")
        end = token.end()
    if end < len(value):
        parts.append(value[end:])
    return parts


def _parse_reference(body: str) -> Reference:
    target, bar, fallback = body.partition("|")
    section, colon, option = target.rpartition(":")
    if not option.strip() or (colon and not section.strip()):
        raise TemplateError(f"incomplete reference '${{{body}}}'")
    return Reference(
        section=section.strip() if colon else None,
        option=option_key(option),
        fallback=fallback if bar else None,
    )
