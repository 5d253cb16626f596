"""Everything that can go wrong while a configuration is loaded or read."""

from __future__ import annotations

from collections.abc import Iterable


class ConfigError(Exception):
    """Base class of all errors of this package."""


class ParseError(ConfigError):
    """The text of a layer is not a valid INI file."""

    def __init__(self, source: str, line: int, message: str) -> None:
        super().__init__(f"{source}:{line}: {message}")
        self.source = source
        self.line = line


class TemplateError(ConfigError):
    """A value has a "$" that starts neither a reference nor an escape."""


class MissingEntry(ConfigError):
    """Something that was asked for, or referred to, does not exist."""


class MissingSection(MissingEntry):
    def __init__(self, section: str) -> None:
        super().__init__(f"there is no section [{section}]")
        self.section = section


class MissingOption(MissingEntry):
    def __init__(self, section: str, option: str) -> None:
        super().__init__(f"there is no option {option!r} in [{section}]")
        self.section = section
        self.option = option


class CircularInheritance(ConfigError):
    """A section is its own ancestor."""

    def __init__(self, chain: Iterable[str]) -> None:
        self.chain = tuple(chain)
        super().__init__("circular inheritance: " + " -> ".join(self.chain))


class CircularReference(ConfigError):
    """The value of an option depends on itself."""

    def __init__(self, chain: Iterable[str]) -> None:
        self.chain = tuple(chain)
        super().__init__("circular reference: " + " -> ".join(self.chain))


class ConversionError(ConfigError):
    """A value is not of the type that was asked for."""

    def __init__(self, value: str, expected: str) -> None:
        super().__init__(f"{value!r} is not {expected}")
        self.value = value
