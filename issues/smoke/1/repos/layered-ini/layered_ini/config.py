"""The configuration as a program uses it."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from .convert import to_bool, to_int, to_list
from .errors import ConfigError, MissingEntry
from .layers import LayerStack
from .parser import option_key, parse
from .resolver import OptionId, Resolver

# Tells "no default given" apart from a default of None.
_REQUIRED = object()


class Config:
    """Layers of INI text, read as one configuration."""

    def __init__(self) -> None:
        self._layers = LayerStack()
        self._resolver = Resolver(self._layers)

    def add_layer(self, text: str, source: str = "<text>") -> None:
        """Put a layer on top of the others; `source` is its name in error messages."""
        self._layers.push(parse(text, source))

    def add_file(self, path: str | PathLike[str]) -> None:
        self.add_layer(Path(path).read_text(encoding="utf-8"), source=str(path))

    def sections(self) -> list[str]:
        return self._layers.section_names()

    def options(self, section: str) -> list[str]:
        """The names of a section's options, the inherited ones included."""
        return self._layers.option_names(section)

    def get(self, section: str, option: str, default: Any = _REQUIRED) -> Any:
        """The resolved value, or `default` if something needed for it is missing."""
        try:
            return self._resolver.resolve(OptionId(section, option_key(option)))
        except MissingEntry:
            if default is _REQUIRED:
                raise
            return default

    def get_int(self, section: str, option: str) -> int:
        return to_int(self.get(section, option))

    def get_bool(self, section: str, option: str) -> bool:
        return to_bool(self.get(section, option))

    def get_list(self, section: str, option: str) -> list[str]:
        return to_list(self.get(section, option))

    def as_dict(self, section: str) -> dict[str, str]:
        return {option: self.get(section, option) for option in self.options(section)}

    def problems(self) -> list[str]:
        """One line for every option that cannot be read; empty if all is well."""
        found: list[str] = []
        for section in self.sections():
            try:
                options = self.options(section)
            except ConfigError as error:
                found.append(f"{section}: {error}")
                continue
            for option in options:
                try:
                    self.get(section, option)
                except ConfigError as error:
                    found.append(f"{section}:{option}: {error}")
        return found
