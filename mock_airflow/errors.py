"""The one tree of errors this project raises.

    MockAirflowError
    ├── SettingError          a setting's name or value cannot be used
    │   └── MissingExtra      what it asks for needs a package that is not installed
    ├── WorldError            a world file cannot be read
    ├── ClockError            the clock was told something impossible
    ├── LimitError            a limit cannot be understood
    ├── JournalError          a call is not in the journal, or cannot be gone back to
    ├── PatternError          a text names no calls that there could be
    ├── FaultError            a fault rule cannot be
    ├── FailureError          a failure of the catalogue does not exist, or not with this profile
    ├── DocumentError         a saved deployment, or a row of a database, cannot be read
    ├── DatabaseError         a database is damaged, foreign or of a later version
    │   └── DatabaseAway      it cannot be reached, or is busy; later it may be
    ├── ServerError           the live server cannot listen
    ├── ReviewError           traffic cannot be reviewed, or a rule or severity does not exist
    └── domain.errors.DomainError   a verb of the domain was refused (see there)

Every message is a full sentence that names the thing, the rule and the way out.
"""

from __future__ import annotations


class MockAirflowError(Exception):
    """The root: catch this to catch everything the project raises on purpose."""


class SettingError(MockAirflowError):
    """A setting's name or value cannot be used."""


class MissingExtra(SettingError):
    """What is asked for needs a package that is not installed; the message says how to get it."""


class WorldError(MockAirflowError):
    """A world file is not valid; nothing of it was loaded.

    ``place`` says where (``etl.yaml: dags[2]``) and ``key`` which key of the object there, as far as that is known;
    ``line`` is that of a file which cannot be read at all.
    """

    def __init__(
        self, sentence: str, *, place: str | None = None, key: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(f"{place}: {sentence}" if place is not None else sentence)
        self.sentence, self.place, self.key, self.line = sentence, place, key, line


class ClockError(MockAirflowError):
    """The clock was given a time, an amount or a speed that makes no sense."""


class LimitError(MockAirflowError):
    """A rate limit's text or number cannot be understood."""


class PatternError(MockAirflowError, ValueError):
    """A text that should name calls names none that there could be."""


class FaultError(MockAirflowError):
    """A fault rule cannot be, or does not exist."""


class FailureError(MockAirflowError):
    """A failure of the catalogue does not exist, or not with this profile."""


class JournalError(MockAirflowError):
    """A call that was named is not in the journal, or what was before it is not known any more."""


class SnapshotError(MockAirflowError):
    """No more snapshots can be kept."""


class DocumentError(MockAirflowError):
    """What was saved cannot be read: it is damaged, something else, or of a later version."""


class ReviewError(MockAirflowError):
    """Traffic cannot be read for a review, or a rule or a severity does not exist."""


class DatabaseError(MockAirflowError):
    """A database cannot be used: it is damaged, somebody else's, or made by a later version."""


class DatabaseAway(DatabaseError):
    """A database cannot be reached just now, or was too busy; nothing was written, and later it may work."""


class ServerError(MockAirflowError):
    """The live server cannot listen where it was told to."""
