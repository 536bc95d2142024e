"""Effects on the connection: answers that break off, drip, or never come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mock_airflow.faults.effects.effect import Effect, number, yes

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule


@dataclass(frozen=True, slots=True)
class LostAnswer(Effect):
    """The request is carried out, and the client never hears of it: the connection closes without a byte.

    With a status beside it the client gets that instead, as from a gateway whose patience ended before Airflow's work
    did; with a reset the connection is reset.
    """

    keyword = "lost_answer"
    help = "carry the request out, and let nobody hear of it"
    answers = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """True."""
        return yes(value)

    @property
    def text(self) -> str:
        """What happens."""
        return "the answer is lost"

    def before(self, course: Course, rule: Rule) -> None:
        """Tell the others that the request does get to Airflow."""
        course.lost = True

    def after(self, course: Course, rule: Rule) -> None:
        """Say nothing; a status or a reset that comes after this says otherwise."""
        course.deliver(head=False, ending="close")


@dataclass(frozen=True, slots=True)
class Empty(Effect):
    """The connection closes without a byte of an answer, and Airflow was never asked."""

    keyword = "empty"
    help = "close the connection without a byte, and without asking Airflow"
    answers = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """True."""
        return yes(value)

    @property
    def text(self) -> str:
        """What the client gets."""
        return "an empty reply"

    def before(self, course: Course, rule: Rule) -> None:
        """Close."""
        course.silence("close")


@dataclass(frozen=True, slots=True)
class Truncate(Effect):
    """Less of the body comes than its Content-Length says; then the connection closes."""

    keyword = "truncate"
    help = "end the body early: the number of bytes that come, a share such as 0.5, or true for half"
    shapes = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """Bytes, or a share of the body."""
        if value is True:
            return 0.5
        amount = number(value, "a number of bytes, or a share below 1,")
        if amount < 0 or (amount >= 1 and amount != int(amount)):
            raise ValueError("a whole number of bytes, or a share from 0 to 1, is expected")
        return amount

    @property
    def text(self) -> str:
        """How much comes."""
        share = isinstance(self.value, float) and self.value < 1
        return f"the body ends after {self.value:.0%}" if share else f"the body ends after {self.value} bytes"

    def after(self, course: Course, rule: Rule) -> None:
        """Cut; at least one byte lacks."""
        whole = len(course.body)
        kept = int(whole * self.value) if isinstance(self.value, float) and self.value < 1 else int(self.value)
        course.deliver(body=max(0, min(kept, whole - 1)), ending="close")


@dataclass(frozen=True, slots=True)
class Drip(Effect):
    """The body comes in pieces, with pauses between them on the deployment's clock."""

    keyword = "drip"
    delays = True
    help = 'send the body slowly: seconds for all of it, or {"bytes": n, "every": seconds}'
    shapes = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """Seconds for the whole body, or how many bytes come how often."""
        if not isinstance(value, dict):
            seconds = number(value, 'a number of seconds, or {"bytes": n, "every": seconds},')
            if seconds <= 0:
                raise ValueError("more than 0 seconds are expected")
            return seconds
        if value.keys() != {"bytes", "every"}:
            raise ValueError('{"bytes": n, "every": seconds} is expected')
        size, pause = value["bytes"], number(value["every"], "a number of seconds")
        if isinstance(size, bool) or not isinstance(size, int) or size < 1 or pause < 0:
            raise ValueError("at least 1 byte, and at least 0 seconds between, are expected")
        return {"bytes": size, "every": pause}

    @property
    def text(self) -> str:
        """How fast."""
        if isinstance(self.value, dict):
            return f"the body drips {self.value['bytes']} bytes every {self.value['every']:g} s"
        return f"the body takes {self.value:g} s"

    def after(self, course: Course, rule: Rule) -> None:
        """Send it in pieces; ten of them unless told otherwise."""
        if isinstance(self.value, dict):
            size, pause = self.value["bytes"], self.value["every"]
        else:
            size = max(1, -(-len(course.body) // 10))
            pause = self.value / max(1, -(-len(course.body) // size) - 1)
        course.deliver(piece=size, pause=pause, sleep=course.deployment.clock.sleep)


@dataclass(frozen=True, slots=True)
class Reset(Effect):
    """The connection is reset: before anything was done, or after the headers of the answer."""

    keyword = "reset"
    help = "reset the connection: true or 'before' without asking Airflow, 'after' the headers of its answer"
    answers = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """When."""
        if value is True:
            return "before"
        if value not in ("before", "after"):
            raise ValueError("True, 'before' or 'after' (the headers) is expected")
        return value

    @property
    def text(self) -> str:
        """When it is."""
        return "connection reset" if self.value == "before" else "connection reset after the headers"

    def before(self, course: Course, rule: Rule) -> None:
        """Reset at once."""
        if self.value == "before" and not course.lost:
            course.silence("reset")

    def after(self, course: Course, rule: Rule) -> None:
        """Reset in place of the answer, or of the rest of it."""
        if course.lost:
            course.deliver(head=False, ending="reset")
        elif self.value == "after":
            cut = course.delivery.body if course.delivery is not None else None
            course.deliver(body=cut or 0, ending="reset")
