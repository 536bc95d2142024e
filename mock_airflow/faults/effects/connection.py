"""Effects on the connection: answers that break off, drip, or never come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mock_airflow.faults.effects.effect import effect, number

if TYPE_CHECKING:
    from mock_airflow.faults.course import Course
    from mock_airflow.faults.rule import Rule


@effect(
    "close the connection without a byte, and without asking Airflow", text="an empty reply", answers=True, ends=True
)
def empty(course: Course, rule: Rule, value: bool) -> None:
    """Close the connection without a byte of an answer; Airflow is never asked."""
    course.silence("close")


def _is_share(value: Any) -> bool:
    return isinstance(value, float) and value < 1


def _amount(value: Any) -> Any:
    if value is True:
        return 0.5
    amount = number(value, "a number of bytes, or a share below 1,")
    if amount < 0 or (amount >= 1 and amount != int(amount)):
        raise ValueError("a whole number of bytes, or a share from 0 to 1, is expected")
    return amount


@effect(
    "end the body early: the number of bytes that come, a share such as 0.5, or true for half",
    read=_amount,
    text=lambda value: f"the body ends after {f'{value:.0%}' if _is_share(value) else f'{value} bytes'}",
    shapes=True,
    ends=True,
)
def truncate(course: Course, rule: Rule, value: float) -> Iterator[None]:
    """Send less of the body than its Content-Length says, by at least a byte, and close the connection."""
    yield
    whole = len(course.body)
    kept = int(whole * value) if _is_share(value) else int(value)
    course.deliver(body=max(0, min(kept, whole - 1)), ending="close")


def _pace(value: Any) -> Any:
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


def _pace_text(value: Any) -> str:
    if isinstance(value, dict):
        return f"the body drips {value['bytes']} bytes every {value['every']:g} s"
    return f"the body takes {value:g} s"


@effect(
    'send the body slowly: seconds for all of it, or {"bytes": n, "every": seconds}',
    read=_pace,
    text=_pace_text,
    shapes=True,
    delays=True,
)
def drip(course: Course, rule: Rule, value: Any) -> Iterator[None]:
    """Send the body in pieces, ten of them unless told otherwise, with pauses between on the deployment's clock."""
    yield
    if isinstance(value, dict):
        size, pause = value["bytes"], value["every"]
    else:
        size = max(1, -(-len(course.body) // 10))
        pause = value / max(1, -(-len(course.body) // size) - 1)
    course.deliver(piece=size, pause=pause, sleep=course.let_pass)


def _when(value: Any) -> Any:
    if value is True:
        return "before"
    if value not in ("before", "after"):
        raise ValueError("True, 'before' or 'after' (the headers) is expected")
    return value


@effect(
    "reset the connection: true or 'before' without asking Airflow, 'after' the headers of its answer",
    read=_when,
    text=lambda value: "connection reset" if value == "before" else "connection reset after the headers",
    answers=True,
    ends=True,
)
def reset(course: Course, rule: Rule, value: str) -> Iterator[None]:
    """Reset the connection before anything was done, or in place of the answer or of the rest of it."""
    if value == "before" and not course.lost:
        course.silence("reset")
    yield
    if course.lost:
        course.deliver(head=False, ending="reset")
    elif value == "after":
        cut = course.delivery.body if course.delivery is not None else None
        course.deliver(body=cut or 0, ending="reset")
