"""Effects on the answer itself: another status, page, body, type or header."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mock_airflow.faults.effects.effect import Effect, yes
from mock_airflow.faults.pages import PAGES, page_of
from mock_airflow.limits import retry_after

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class OtherPage(Effect):
    """In whose words a status comes."""

    keyword = "page"
    help = f"in whose words the status comes: {', '.join(PAGES)}"
    shapes = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """One of the names."""
        if not isinstance(value, str) or value not in PAGES:
            raise ValueError(f"one of {', '.join(PAGES)} is expected")
        return value

    @property
    def text(self) -> str:
        """Such as ``by nginx``."""
        return f"by {self.value}"

    def before(self, course: Course, rule: Rule) -> None:
        """Say it for the status, which comes next."""
        course.page = self.value


@dataclass(frozen=True, slots=True)
class Status(Effect):
    """A status instead of an answer: the request does not get to Airflow, unless the answer is lost on its way back."""

    keyword = "status"
    help = "answer with this status, without asking Airflow"
    answers = True
    shapes = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """A status that ends an exchange."""
        if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
            raise ValueError("a status from 200 to 599 is expected")
        return value

    def before(self, course: Course, rule: Rule) -> None:
        """Answer in place of Airflow."""
        if not course.lost:
            self._answer(course)

    def after(self, course: Course, rule: Rule) -> None:
        """Answer in place of the answer that was lost."""
        if course.lost:
            self._answer(course)

    def _answer(self, course: Course) -> None:
        course.replace(page_of(self.value, course.page, course))


@dataclass(frozen=True, slots=True)
class OtherBody(Effect):
    """Another body than the answer's, with a content type that fits it."""

    keyword = "body"
    help = "this body instead: a text as it is, anything else as JSON"
    shapes = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """Text, or what JSON can say."""
        if not isinstance(value, str):
            try:
                json.dumps(value, allow_nan=False)
            except (TypeError, ValueError):
                raise ValueError("a text is expected, or what JSON can say") from None
        return value

    @property
    def text(self) -> str:
        """That there is one; it may be long."""
        return "a body of its own"

    def after(self, course: Course, rule: Rule) -> None:
        """Put it in place of the answer's."""
        if not isinstance(self.value, str):
            course.put_body(json.dumps(self.value).encode(), "application/json")
        elif self.value.lstrip().startswith("<"):
            course.put_body(self.value.encode(), "text/html; charset=utf-8")
        else:
            course.put_body(self.value.encode(), "application/json" if _is_json(self.value) else "text/plain")


@dataclass(frozen=True, slots=True)
class Garbage(Effect):
    """The body is whole by its length and says that it is JSON, but no parser reads it."""

    keyword = "garbage"
    help = "a body that says it is JSON and is none"
    shapes = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """True."""
        return yes(value)

    @property
    def text(self) -> str:
        """What comes."""
        return "garbage instead of JSON"

    def after(self, course: Course, rule: Rule) -> None:
        """Keep the first half, and spoil how it goes on."""
        text = course.body.decode("utf-8", "replace")
        course.put_body((text[: len(text) // 2] + "}\x00{").encode(), "application/json")


@dataclass(frozen=True, slots=True)
class ContentType(Effect):
    """The body as it is, under another type."""

    keyword = "content_type"
    help = "say that the body is of this type"
    shapes = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """A type such as text/html; an empty text leaves the header out."""
        return _header_value(value)

    def after(self, course: Course, rule: Rule) -> None:
        """Replace the header."""
        _set(course, "Content-Type", self.value or None)


@dataclass(frozen=True, slots=True)
class Headers(Effect):
    """Headers that are added to the answer, replaced, or taken away."""

    keyword = "headers"
    help = "an object of headers to set; null takes one away"
    shapes = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """Values by name; None for none."""
        if not isinstance(value, dict) or not value:
            raise ValueError("an object of names and values is expected")
        for name in value:
            if not isinstance(name, str) or not _TOKEN.fullmatch(name):
                raise ValueError(f"{name!r} is no header's name")
            if name.lower() in ("content-length", "transfer-encoding", "connection"):
                raise ValueError(f"{name} says how the answer travels; truncate, reset and drip change that")
        return {name: None if text is None else _header_value(text) for name, text in value.items()}

    @property
    def text(self) -> str:
        """Their names."""
        return f"headers {', '.join(self.value)}"

    def after(self, course: Course, rule: Rule) -> None:
        """Set them, and take away those without a value."""
        for name, text in self.value.items():
            _set(course, name, text)


@dataclass(frozen=True, slots=True)
class RetryAfter(Effect):
    """A ``Retry-After`` of any form, right or wrong."""

    keyword = "retry_after"
    help = f"the Retry-After header: {retry_after.FORMS}"
    shapes = True

    @classmethod
    def read(cls, value: Any) -> Any:
        """One of the forms."""
        return retry_after.check(value)

    @property
    def text(self) -> str:
        """Such as ``Retry-After 2``."""
        return f"Retry-After {self.value}"

    def after(self, course: Course, rule: Rule) -> None:
        """Set the header, or take it away."""
        _set(course, "Retry-After", retry_after.header(self.value, course.deployment.airflow.now()))


def _set(course: Course, name: str, value: str | None) -> None:
    if value is None:
        course.headers.pop(name, None)
    else:
        course.headers[name] = value


def _header_value(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable() or not value.isascii():
        raise ValueError("a header's value is a text in ASCII, on one line")
    return value


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
