"""The one tree of errors this project raises, but for those of the domain's verbs (``domain.errors``).

    MockAirflowError
    ├── SettingError              a setting's name or value cannot be used
    │   └── MissingExtraError     what it asks for needs a package that is not installed
    ├── WorldError                a world file cannot be read
    ├── ClockError                the clock was told something impossible
    ├── LimitError                a limit cannot be understood
    ├── JournalError              a call is not in the journal, or cannot be gone back to
    ├── SnapshotError             no more snapshots can be kept
    ├── PatternError              a text names no calls that there could be
    ├── FaultError                a fault rule cannot be
    ├── FailureError              a failure of the catalogue does not exist, or not with this profile
    ├── DocumentError             a saved deployment, or a row of a database, cannot be read
    ├── DatabaseError             a database is damaged, foreign or of a later version
    │   └── DatabaseAwayError     it cannot be reached, or is busy; later it may be
    │       ├── BrokenConnectionError  the connection broke; over another one it may work
    │       └── LostTurnError     another server wrote first
    ├── ReviewError               traffic cannot be reviewed, or a rule or severity does not exist
    ├── AccessKeyError            a key does not exist, or cannot be made so
    ├── PlanError                 a plan cannot be
    ├── ScheduleError             a schedule cannot be
    ├── DagError, DatasetError    a test declared one that cannot be
    ├── RunError                  a run cannot be triggered with what was given for it
    ├── UnknownRoleError          a role that a test named does not exist
    ├── MockClosedError           a mock's server was asked for after its end
    ├── PollNeverEndsError        a test has slept on its clock without an end
    ├── UnexpectedAnswerError     a strict test met an error that it had not said it expects
    ├── RuleNeverFiredError       a strict test's fault rule had no part in any call
    ├── GeneratorError            no world can be generated
    ├── CaptureError              a deployment could not be captured
    │   ├── UnreadError           one thing of it could not be read
    │   ├── ScrubRuleError        a pattern of what to leave out cannot be understood
    │   ├── PartialError          an earlier capture cannot be gone on from
    │   └── OutputError           the world file cannot be written
    ├── BaseUrlError              no URL that requests could be sent to
    ├── HubError                  a deployment of a hub cannot be made, is not there, or has used up a quota
    ├── ServerError               the live server cannot listen
    │   └── DisconnectedError     its client left
    ├── ControlError              a server's control API cannot be asked, or refused
    ├── UsageError                a command line cannot be understood
    ├── RequestError              a request does not have the shape that is asked for
    │   └── ShapeError, LoadError, UnknownFieldsError
    └── domain.errors.DomainError a verb of the domain was refused (see there)

    LateCallWarning               something of a test that is over has called its deployment

Every message is a full sentence that names the thing, the rule and the way out. What is raised to become an answer is
no error: see ``answers.RaisedAnswer``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class MockAirflowError(Exception):
    """The root: catch this to catch everything the project raises on purpose."""


class SettingError(MockAirflowError):
    """A setting's name or value cannot be used."""


class MissingExtraError(SettingError):
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


class HubError(MockAirflowError):
    """A deployment of a hub cannot be made, is not there, or has used up a quota; ``status`` is what HTTP calls it."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ServerError(MockAirflowError):
    """The live server cannot listen where it was told to."""


class DatabaseError(MockAirflowError):
    """A database cannot be used: it is damaged, somebody else's, or made by a later version."""


class DatabaseAwayError(DatabaseError):
    """A database cannot be reached just now, or was too busy; nothing was written, and later it may work."""


class BrokenConnectionError(DatabaseAwayError):
    """The connection to a database broke; over another one the same may work at once."""


class LostTurnError(DatabaseAwayError):
    """Another server's write came first; nothing was written, and the same can be done again."""


class RequestError(MockAirflowError):
    """A request's body or query does not have the shape that is asked for."""


class AccessKeyError(MockAirflowError):
    """A key that was named does not exist, or cannot be made so."""


class ShapeError(RequestError):
    """A body or a query parameter is not what the document demands; the text is the answer's detail."""


class LoadError(RequestError):
    """A body is refused by marshmallow's rules. ``messages`` is what it would say: field name to sentences."""

    def __init__(self, messages: Mapping[str, Any]) -> None:
        self.messages = dict(messages)
        super().__init__(str(self.messages))


class UnknownFieldsError(RequestError):
    """The ``fields`` parameter names what the answer does not have."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(", ".join(names))


class PlanError(MockAirflowError):
    """A plan cannot be; nothing was changed."""


class ScheduleError(MockAirflowError, ValueError):
    """A schedule that cannot be: ``reason`` is what is wrong with it, the rest of a sentence that begins with it."""

    def __init__(self, given: object, reason: str) -> None:
        super().__init__(f"the schedule {given!r} {reason}")
        self.reason = reason


class CaptureError(MockAirflowError):
    """A deployment could not be captured; what was read so far is kept, and a second call goes on from there."""


class UnreadError(CaptureError):
    """One thing could not be read; the rest may be."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"{status} {why}".strip())
        self.status = status


class ScrubRuleError(CaptureError):
    """A pattern cannot be understood."""


class PartialError(CaptureError):
    """The file of an earlier capture cannot be gone on from."""


class OutputError(CaptureError):
    """The world file cannot be written."""


class GeneratorError(MockAirflowError):
    """No world can be generated."""


class DagError(MockAirflowError):
    """A DAG cannot be added as it was declared."""


class DatasetError(MockAirflowError):
    """A dataset cannot be added as it was declared."""


class RunError(MockAirflowError):
    """A run cannot be triggered with what was given for it."""


class PollNeverEndsError(MockAirflowError, AssertionError):
    """A test has slept on its virtual clock more than ``virtual_sleeps`` or ``virtual_days`` allow."""


class UnexpectedAnswerError(MockAirflowError, AssertionError):
    """A call was answered with an error that the test had not said it expects."""


class RuleNeverFiredError(MockAirflowError, AssertionError):
    """A fault rule that the test added had no part in any call."""


class LateCallWarning(UserWarning):
    """Something of a test that is over has called its deployment."""


class MockClosedError(MockAirflowError):
    """The server of a mock was asked for after the mock was closed."""


class UnknownRoleError(MockAirflowError):
    """A role that was named does not exist."""


class BaseUrlError(MockAirflowError):
    """What was given is not a URL that requests could be sent to."""


class DisconnectedError(ServerError):
    """Nothing more can be read or sent: the client left or fell silent, or the application took the connection over."""


class ControlError(MockAirflowError):
    """The server could not be asked, or refused."""


class UsageError(MockAirflowError):
    """The command line cannot be understood."""
