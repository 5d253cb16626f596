"""INI files in layers, with inherited sections and references between options."""

from .config import Config
from .errors import (
    CircularInheritance,
    CircularReference,
    ConfigError,
    ConversionError,
    MissingEntry,
    MissingOption,
    MissingSection,
    ParseError,
    TemplateError,
)

__all__ = [
    "CircularInheritance",
    "CircularReference",
    "Config",
    "ConfigError",
    "ConversionError",
    "MissingEntry",
    "MissingOption",
    "MissingSection",
    "ParseError",
    "TemplateError",
]
