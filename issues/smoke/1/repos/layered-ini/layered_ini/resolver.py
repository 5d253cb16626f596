"""Replacing the references in a value by the values they refer to."""

from __future__ import annotations

from typing import NamedTuple

from .errors import CircularReference, MissingEntry
from .layers import LayerStack
from .template import Reference, split_template


class OptionId(NamedTuple):
    """An option together with the section that it is read for."""

    section: str
    option: str

    def __str__(self) -> str:
        return f"{self.section}:{self.option}"


class Resolver:
    def __init__(self, layers: LayerStack) -> None:
        self._layers = layers

    def resolve(self, target: OptionId) -> str:
        """The value of an option, with all references replaced."""
        return self._expand(target, [])

    def _expand(self, target: OptionId, trail: list[OptionId]) -> str:
        if target in trail:
            raise CircularReference(str(step) for step in [*trail, target])
        trail.append(target)

        text = ""
        for part in split_template(self._layers.raw_value(*target)):
            if isinstance(part, Reference):
                text += self._follow(part, target, trail)
            else:
                text += part
        return text

    def _follow(
        self, reference: Reference, origin: OptionId, trail: list[OptionId]
    ) -> str:
        # An inherited value is read for the heir, so that the heir's own options
        # are the ones that a reference without a section finds.
        section = origin.section if reference.section is None else reference.section
        try:
            return self._expand(OptionId(section, reference.option), trail)
        except MissingEntry:
            if reference.fallback is None:
                raise
            return reference.fallback
