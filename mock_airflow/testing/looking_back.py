"""What a test asks of the calls that were made: the story, what was expected, the review."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_airflow.journal import tracebacks
from mock_airflow.testing.acting import Acting

if TYPE_CHECKING:
    from mock_airflow.review.least_privilege import LeastPrivilege
    from mock_airflow.review.review import Review
    from mock_airflow.testing.calls import Calls
    from mock_airflow.testing.expectations import Expectation

__tracebackhide__ = tracebacks.assertions


class LookingBack(Acting):
    """The calls of a mock, and what is found in them."""

    @property
    def calls(self) -> Calls:
        """What was asked and answered so far, oldest first, secrets redacted; a list, with assertions of its own."""
        from mock_airflow.testing.calls import Calls

        return Calls(self.deployment.journal, self.deployment.known_calls)

    def story(self, last: int = 20, width: int = 100, keep: str | os.PathLike[str] | None = None) -> str:
        """The last calls for people to read: moment, call, answer, credential, reason, changed rows, a line of curl.

        With ``keep`` the state is saved to that file, and the story says how to serve it. Raises DocumentError where it
        cannot be written.
        """
        from mock_airflow.testing.story import story

        return story(self.deployment, last, width, None if keep is None else Path(keep))

    def export_pytest(self, file: str | os.PathLike[str], **wanted: Any) -> None:
        """Write calls as a pytest file that needs nothing beside it, and passes as it is.

        It holds the state that the first of them found, makes each again at its moment, and asserts on its status and
        on what its body is about. ``wanted`` chooses calls as ``calls.filter`` does, and ``last`` so many of them.
        Credentials are made anew. Raises JournalError where no call can be made again.
        """
        from mock_airflow.replay.pytest_file import pytest_file
        from mock_airflow.world.writing import write_whole

        last = wanted.pop("last", None)
        with self._settled():
            found = self.calls.filter(**wanted) if wanted else self.calls
            text = pytest_file(self.deployment, found if last is None else found[-last:])
        write_whole(Path(file), [text])

    def expect(self, *statuses: int, call: str = "* *") -> Expectation:
        """What says, while it is entered, that calls will be answered with an error; without it ``strict`` objects.

            with airflow.expect(404):
                client.get_dag("missing")

        ``statuses`` are those that may come, any error without one, and 0 an answer that never comes. ``call`` narrows
        it down, as for ``assert_called``. At least one such call has to come: an AssertionError tells the nearest
        otherwise. ``.calls`` of what it gives are those that came. Works without ``strict``, too.
        """
        from mock_airflow.testing.expectations import Expectation

        return Expectation(self.deployment, statuses, call)

    def check_strictness(self) -> None:
        """Raise UnexpectedAnswerError, with ``strict``, for error answers that nobody expected; each is told once.

        RuleNeverFiredError is raised for a fault rule of the test's own that never fired and is not optional.
        """
        if self.settings.strict:
            from mock_airflow.testing.expectations import check

            check(self.deployment)

    def review(
        self, *, ignore: Iterable[str] | Mapping[str, str] = (), severity: str = "note", finished: bool = True
    ) -> Review:
        """What the client did so far that will hurt in production: advice, the gravest first, with its evidence.

            assert not airflow.review(ignore={"no-name-of-its-own": "an internal job"}, severity="warning")

        ``ignore`` names rules whose advice is not wanted, or gives the reason for each; ``severity`` is the least that
        counts: note, warning or error. ``finished`` says that no more calls will come. ``.assert_none()`` of what
        it gives fails with all of it in words. Raises ReviewError for a rule or a severity that does not exist.
        """
        from mock_airflow.review.review import review
        from mock_airflow.review.traffic import Traffic

        with self._settled():
            traffic = Traffic(self.deployment.journal, self.deployment, finished=finished)
            return review(traffic, ignore=ignore, severity=severity)

    def least_privilege(self) -> LeastPrivilege:
        """The smallest role and scope that would have passed every call so far, and the permissions behind them."""
        from mock_airflow.review.least_privilege import least_privilege

        with self._settled():
            return least_privilege(self.deployment)
