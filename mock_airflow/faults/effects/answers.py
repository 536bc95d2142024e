"""Effects on the answer itself: another status, page, body, type or header."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from mock_airflow.faults.effects.effect import effect, number
from mock_airflow.faults.pages import PAGES, page_of
from mock_airflow.limits import retry_after as retry_after_forms

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def _page(value: Any) -> Any:
    if not isinstance(value, str) or value not in PAGES:
        raise ValueError(f"one of {', '.join(PAGES)} is expected")
    return value


@effect(f"in whose words the status comes: {', '.join(PAGES)}", read=_page, text="by {}", shapes=True)
def page(course: Course, rule: Rule, value: str) -> None:
    """Say in whose words a status comes, which acts next."""
    course.page = value


def _status(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise ValueError("a status from 200 to 599, as a whole number, is expected")
    return value


@effect("answer with this status, without asking Airflow", read=_status, answers=True, shapes=True)
def status(course: Course, rule: Rule, value: int) -> Iterator[None]:
    """Answer in place of Airflow, or, where its answer is lost on the way back, in place of that."""
    if not course.lost:
        course.replace(page_of(value, course.page, course))
    yield
    if course.lost:
        course.replace(page_of(value, course.page, course))


def _body(value: Any) -> Any:
    if not isinstance(value, str):
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            raise ValueError("a text is expected, or what JSON can say") from None
    return value


@effect(
    "this body instead: a text as it is, anything else as JSON",
    read=_body,
    text=lambda value: "a body of its own",  # it may be long
    shapes=True,
)
def body(course: Course, rule: Rule, value: Any) -> Iterator[None]:
    """Put another body in place of the answer's, with a content type that fits it."""
    yield
    if not isinstance(value, str):
        course.put_body(json.dumps(value).encode(), "application/json")
    elif value.lstrip().startswith("<"):
        course.put_body(value.encode(), "text/html; charset=utf-8")
    else:
        course.put_body(value.encode(), "application/json" if _is_json(value) else "text/plain")


@effect("a body that says it is JSON and is none", text="garbage instead of JSON", shapes=True)
def garbage(course: Course, rule: Rule, value: bool) -> Iterator[None]:
    """Keep the first half of the body, and spoil how it goes on: it is whole by its length, but no parser reads it."""
    yield
    text = course.body.decode("utf-8", "replace")
    course.put_body((text[: len(text) // 2] + "}\x00{").encode(), "application/json")


def _header_value(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable() or not value.isascii():
        raise ValueError("a header's value is a text in ASCII, on one line")
    return value


@effect("say that the body is of this type", read=_header_value, shapes=True)
def content_type(course: Course, rule: Rule, value: str) -> Iterator[None]:
    """Say another type of the body; an empty text leaves the header out."""
    yield
    _set(course, "Content-Type", value or None)


def _headers(value: Any) -> Any:
    if not isinstance(value, dict) or not value:
        raise ValueError("an object of names and values is expected")
    for name in value:
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} is not a header's name")
        if name.lower() in ("content-length", "transfer-encoding", "connection"):
            raise ValueError(f"{name} says how the answer travels; truncate, reset and drip change that")
    return {name: None if text is None else _header_value(text) for name, text in value.items()}


@effect(
    "an object of headers to set; null takes one away",
    read=_headers,
    text=lambda value: f"headers {', '.join(value)}",
    shapes=True,
)
def headers(course: Course, rule: Rule, value: dict[str, str | None]) -> Iterator[None]:
    """Set headers, and take away those without a value."""
    yield
    for name, text in value.items():
        _set(course, name, text)


@effect(
    f"the Retry-After header: {retry_after_forms.FORMS}",
    read=retry_after_forms.check,
    text="Retry-After {}",
    shapes=True,
)
def retry_after(course: Course, rule: Rule, value: Any) -> Iterator[None]:
    """Send a ``Retry-After`` of any form, right or wrong, or none."""
    yield
    _set(course, "Retry-After", retry_after_forms.header(value, course.deployment.airflow.now()))


def _skew(value: Any) -> Any:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    amount = number(value, "a number of seconds")
    if abs(amount) > 3e9:
        raise ValueError("up to 3e9 seconds, about a century, are possible")
    return amount


@effect(
    "seconds by which the Date header is ahead of the deployment's clock; negative for behind",
    read=_skew,
    text="Date off by {:+g} s",
    shapes=True,
)
def date_skew(course: Course, rule: Rule, value: float) -> Iterator[None]:
    """Send a Date that is off, as a server does whose clock was not set."""
    yield
    moment = course.deployment.airflow.now() + timedelta(seconds=value)
    course.headers["Date"] = format_datetime(moment.replace(microsecond=0), usegmt=True)


def _set(course: Course, name: str, value: str | None) -> None:
    if value is None:
        course.headers.pop(name, None)
    else:
        course.headers[name] = value


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
