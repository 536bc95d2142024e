"""The one tree of errors this project raises.

    MockAirflowError
    ├── SettingError          a setting's name or value cannot be used
    ├── WorldError            a world file cannot be read
    ├── ClockError            the clock was told something impossible
    ├── LimitError            a limit cannot be understood
    ├── FaultError            a fault rule cannot be
    ├── ServerError           the live server cannot listen
    └── domain.errors.DomainError   a verb of the domain was refused (see there)

Every message is a full sentence that names the thing, the rule and the way out.
"""

from __future__ import annotations


class MockAirflowError(Exception):
    """The root: catch this to catch everything the project raises on purpose."""


class SettingError(MockAirflowError):
    """A setting's name or value cannot be used."""


class WorldError(MockAirflowError):
    """A world file is not valid; nothing of it was loaded."""


class ClockError(MockAirflowError):
    """The clock was given a time, an amount or a speed that makes no sense."""


class LimitError(MockAirflowError):
    """A rate limit's text or number cannot be understood."""


class FaultError(MockAirflowError):
    """A fault rule cannot be, or does not exist."""


class ServerError(MockAirflowError):
    """The live server cannot listen where it was told to."""
