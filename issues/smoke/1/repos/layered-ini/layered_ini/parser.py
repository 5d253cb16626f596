"""Reading the text of one layer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .errors import ParseError

_HEADER = re.compile(
    r"\[\s*(?P<name>[^\[\]:]+?)\s*(?::\s*(?P<parent>[^\[\]:]+?)\s*)?\]"
)
_OPTION = re.compile(r"(?P<name>[^\s=:|${}][^=:|${}]*?)\s*=\s*(?P<value>.*)")


@dataclass
class Section:
    """One section as written in one layer; values are still unresolved."""

    name: str
    parent: str | None = None
    options: dict[str, str] = field(default_factory=dict)


def option_key(name: str) -> str:
    """The form under which an option is stored: option names ignore case."""
    return name.strip().lower()


def parse(text: str, source: str = "<text>") -> list[Section]:
    """Parse a whole layer; `source` is the name used in error messages."""
    sections: dict[str, Section] = {}
    section: Section | None = None
    # The option that an indented line would continue.
    open_option: str | None = None

    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped:
            open_option = None
            continue
        if stripped[0] in "#;":
            continue
        if line[0].isspace() and section is not None and open_option is not None:
            section.options[open_option] += "\n" + _unquote(stripped)
            continue

        if stripped.startswith("["):
            section = _parse_header(stripped, source, number)
            if section.name in sections:
                raise ParseError(source, number, f"second section [{section.name}]")
            sections[section.name] = section
            open_option = None
            continue

        if section is None:
            raise ParseError(source, number, "an option must be inside a section")
        match = _OPTION.fullmatch(stripped)
        if match is None:
            raise ParseError(source, number, "expected 'option = value'")
        open_option = option_key(match["name"])
        if open_option in section.options:
            raise ParseError(source, number, f"second option {open_option!r}")
        section.options[open_option] = _unquote(match["value"])

    return list(sections.values())


def _parse_header(line: str, source: str, number: int) -> Section:
    match = _HEADER.fullmatch(line)
    if match is None:
        raise ParseError(source, number, "expected '[section]' or '[section : parent]'")
    return Section(match["name"], match["parent"])


def _unquote(value: str) -> str:
    """Quotes are there to keep outer spaces; they are not part of the value."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value
