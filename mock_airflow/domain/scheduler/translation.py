"""What a past run left, in the words of another run: its id, its dates, its params.

A model run's xcoms, rendered fields and log lines name that run (``relay__seed_1``, ``day=2025-01-03``, the region that
its conf asked for). A new run that follows the model leaves the same with its own names. It is a guess, but one that is
right wherever a task only passes on what it was given (assumed).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mock_airflow.domain.records import Dag, DagRun


class Translation:
    """From one run of a DAG to another."""

    def __init__(self, dag: Dag, old: DagRun, new: DagRun) -> None:
        self.dag, self.old, self.new = dag, old, new

    @cached_property
    def _names(self) -> dict[str, str]:
        names = dict(zip(_names_of(self.old), _names_of(self.new), strict=True))
        return {old: new for old, new in names.items() if old != new}

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        if not self._names:
            return None
        longest_first = sorted(self._names, key=len, reverse=True)
        return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9])")

    @cached_property
    def _params(self) -> list[tuple[Any, Any]]:
        """The params whose values differ: the old value and the new one.

        Only texts and numbers that stand for one param are told apart from other values that happen to be there.
        """
        old, new = _params_of(self.dag, self.old), _params_of(self.dag, self.new)
        return [
            (value, new[name])
            for name, value in old.items()
            if isinstance(value, (str, int, float))
            and not isinstance(value, bool)
            and value != ""
            and name in new
            and not _same(value, new[name])
            and sum(_same(value, other) for other in old.values()) == 1
        ]

    def text(self, text: str) -> str:
        """A text with the old run's id and dates replaced."""
        return self._pattern.sub(lambda match: self._names[match[0]], text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """A JSON value with ids and dates replaced in its texts, and what was a param's value by the new one."""
        for old, new in self._params:
            if _same(value, old):
                return new
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item) for item in value]
        return value


def _names_of(run: DagRun) -> tuple[str, ...]:
    date = run.logical_date
    return (
        run.run_id,
        date.isoformat(),
        date.isoformat(sep=" "),
        date.strftime("%Y%m%dT%H%M%S"),
        date.strftime("%Y-%m-%d"),
        date.strftime("%Y%m%d"),
    )


def _params_of(dag: Dag, run: DagRun) -> dict[str, Any]:
    """The params a run sees: the DAG's own values, and over them what its conf says."""
    return {**{name: param.get("value") for name, param in dag.params.items()}, **run.conf}


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other
