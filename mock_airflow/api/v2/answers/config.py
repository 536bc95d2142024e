"""How answers about the configuration look."""

from __future__ import annotations

from typing_extensions import TypedDict


class ConfigOption(TypedDict):
    """An option and its value."""

    key: str
    value: str | tuple[str, str]


class ConfigSection(TypedDict):
    """A section of the configuration."""

    name: str
    options: list[ConfigOption]


class Config(TypedDict):
    """The configuration."""

    sections: list[ConfigSection]
