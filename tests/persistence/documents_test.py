"""Rows as documents: what is written is read back as it was, and what nobody wrote is refused."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, strategies as st

from mock_airflow.domain.records import Dag, RunKey, Schedule, Task, Variable, XCom
from mock_airflow.errors import DocumentError
from mock_airflow.storage.documents import from_text, to_text

UTC = timezone.utc
NOW = datetime(2025, 3, 1, 6, 30, 0, 250, UTC)
_KEYS = st.one_of(st.text(), st.integers(), st.just("$"), st.tuples(st.text(), st.integers()))
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(),
        st.binary(),
        st.datetimes(timezones=st.just(UTC)),
        st.dates(),
        st.times(),
        st.timedeltas(),
        st.builds(RunKey, st.text(), st.text()),
        st.builds(
            XCom,
            *[st.text()] * 3,
            st.integers(),
            st.text(),
            st.dictionaries(_KEYS, st.text()),
            *[st.just(NOW)] * 2,
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner), st.lists(inner).map(tuple), st.dictionaries(_KEYS, inner), st.frozensets(st.text())
    ),
    max_leaves=12,
)


def equal(a: Any, b: Any) -> bool:
    """Whether both are the same down to their types: ``True`` is no 1, and a list no tuple."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(equal(x, y) for x, y in zip(a.values(), b.values(), strict=True))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


@given(VALUES)
def test_every_value_comes_back_as_it_was(value: Any) -> None:
    text = to_text(value)

    assert equal(from_text(text), value)
    assert text.isascii()


def test_records_within_records_come_back() -> None:
    task = Task(
        task_id="load", task_display_name="load", retry_delay=timedelta(minutes=1), params={"day": date(2025, 1, 2)}
    )
    dag = Dag(
        dag_id="etl",
        dag_display_name="etl",
        fileloc="/dags/etl.py",
        file_token="t",
        tasks={"load": task},
        schedule=Schedule(kind="events", events=(NOW,)),
        default_args={"$": "no tag", "at": time(6, 0), "nan": float("inf")},
    )

    found = from_text(to_text(dag))

    assert found == dag
    assert type(found) is Dag
    assert type(found.tasks["load"]) is Task


def test_fields_at_their_defaults_are_left_out_and_a_new_field_has_its_default() -> None:
    told = json.loads(to_text(Variable(id=1, key="k", written_at=NOW)))

    assert told.keys() == {"$", "id", "key", "written_at"}
    assert from_text(json.dumps(told)).description is None


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"$": "domain.records.dags:Nothing"}',
        '{"$": "os:system", "command": "true"}',
        '{"$": "storage.tables:Table", "name": "x"}',
        '{"$": "domain.records.configuration:json"}',
        '{"$": "domain.records.runs:RunKey", "dag_id": "a"}',
        '{"$": "domain.records.runs:RunKey", "dag_id": "a", "run_id": "b", "more": 1}',
        '{"$": "datetime", "value": "yesterday"}',
        '{"$": "tuple"}',
        '{"$": 5}',
        '{"$": ["tuple"], "value": []}',
    ],
)
def test_what_was_never_written_is_refused(text: str) -> None:
    with pytest.raises(DocumentError, match=r"document"):
        from_text(text)


def test_what_no_record_has_is_refused() -> None:
    with pytest.raises(DocumentError, match="object"):
        to_text({"a": object()})
