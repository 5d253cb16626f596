"""Layers on top of each other, and sections that inherit from each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .errors import CircularInheritance, MissingOption, MissingSection
from .parser import Section


class LayerStack:
    """The parsed layers; what a later layer says wins over an earlier one."""

    def __init__(self) -> None:
        self._layers: list[dict[str, Section]] = []

    def push(self, sections: Iterable[Section]) -> None:
        self._layers.append({section.name: section for section in sections})

    def section_names(self) -> list[str]:
        """All sections of all layers, in the order in which they first appear."""
        return list(dict.fromkeys(name for layer in self._layers for name in layer))

    def option_names(self, section: str) -> list[str]:
        """The options of a section: inherited ones first, then its own."""
        names: dict[str, None] = {}
        for ancestor in reversed(self.lineage(section)):
            for part in reversed(list(self._newest_first(ancestor))):
                names.update(dict.fromkeys(part.options))
        return list(names)

    def lineage(self, section: str) -> list[str]:
        """The section itself, its parent, its parent's parent and so on."""
        chain = [section]
        while (parent := self._parent(chain[-1])) is not None:
            if parent in chain:
                raise CircularInheritance([*chain, parent])
            chain.append(parent)
        return chain

    def raw_value(self, section: str, option: str) -> str:
        """The unresolved text of an option.

        A section's own option wins over an inherited one even where the inherited
        one comes from a later layer: a layer replaces what a section says, it does
        not change which section is asked first.
        """
        for ancestor in self.lineage(section):
            for part in self._newest_first(ancestor):
                if option in part.options:
                    return part.options[option]
        raise MissingOption(section, option)

    def _parent(self, section: str) -> str | None:
        parts = list(self._newest_first(section))
        if not parts:
            raise MissingSection(section)
        return next((part.parent for part in parts if part.parent is not None), None)

    def _newest_first(self, section: str) -> Iterator[Section]:
        return (layer[section] for layer in reversed(self._layers) if section in layer)
