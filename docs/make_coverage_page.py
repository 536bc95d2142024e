"""Writes `docs/coverage.md`: how much of each operation is held to recordings of a real Airflow.

    python docs/make_coverage_page.py

Nothing is replayed for it. `tests/api/v1/recordings_test.py` does that, and fails both when a step differs that
`fixtures/known_differences.json` does not tell of and when one is as recorded that it does tell of; so the two say it
all.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException

from mock_airflow.api.api import Api
from mock_airflow.api.openapi.document import permissions
from mock_airflow.api.operation import Operation
from mock_airflow.corridor.app import create_app
from mock_airflow.corridor.routes import routes
from mock_airflow.profiles.base import by_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "coverage.md"
HEAD = """\
# What is held to a real Airflow

Made by `python docs/make_coverage_page.py`; do not edit. Every recorded step is a request and the answer of a real
Airflow 2.11.2 or 3.3.2 (`fixtures/recordings/`). All of them are replayed by `tests/api/v1/recordings_test.py` and
`tests/api/v2/recordings_test.py`: status, content type, chosen headers, body. The 500s are requests at which a real
Airflow fails; they are reproduced unless the setting `airflow_bugs` is off, which makes clean 400s of them.
"""


_OF_3 = "api/v2/recordings_test.py"
_OWN_TOKENS = "The test replays with tokens that are dated by another clock; with a server's own they are as recorded"


class Seen(NamedTuple):
    """A recorded step: which operation it is for, the real status, and why ours differs, if it does."""

    operation: str | None
    status: int
    difference: str | None
    place: str


@cache
def _recordings(name: str = "api/v1/recordings_test.py") -> ModuleType:
    spec = importlib.util.spec_from_file_location("recordings", ROOT / "tests" / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _steps() -> Iterator[Seen]:
    recordings, app = _recordings(), create_app()
    known = recordings.known_differences()
    for scenario in recordings.SCENARIOS:
        status = {step["id"]: step["status"] for step in scenario.answers()["steps"]}
        for step in scenario.script()["steps"]:
            path = unquote(re.sub(r"{{\w+}}", "1", step["path"]).partition("?")[0])
            try:
                method = "GET" if step["method"] == "HEAD" else step["method"]
                endpoint = app.routes.map_for(path).bind("localhost").match(path, method)[0]
            except HTTPException:
                endpoint = None
            reason = known.get(scenario.name, {}).get(step["id"])
            yield Seen(endpoint, status[step["id"]], reason, f"{scenario.name} {step['id']}")


def _steps_of_3() -> Iterator[Seen]:
    recordings, app = _recordings(_OF_3), create_app("airflow3", 3)
    for name in recordings.SCENARIOS:
        answers = json.loads((recordings.FOLDER / "answers" / f"{name}.json").read_text("utf-8"))
        for step in answers["steps"]:
            method, _, asked = step["request"].partition(" ")
            path = asked.partition("?")[0]
            try:
                endpoint = app.routes.map_for(path).bind("localhost").match(path, method)[0]
            except HTTPException:
                endpoint = None
            differs = _OWN_TOKENS if step["id"] in recordings.KNOWN.get(name, ()) else None
            yield Seen(endpoint, step["status"], differs, f"{name} {step['id']}")


def _table(api: Api, steps: dict[str, list[Seen]], notes: dict[str, int]) -> Iterator[str]:
    yield "| Operation | Permission | Recorded | As recorded | 500s among them | Differences |"
    yield "|---|---|---:|---:|---:|---|"
    for operation in api:
        seen = steps.pop(f"{api.name}.{operation.operation_id}", [])
        differing = [step for step in seen if step.difference]
        failed = sum(step.status >= 500 for step in seen)
        numbers = sorted({notes[step.difference] for step in differing if step.difference})
        cells = (
            _named(api, operation),
            ", ".join(permissions(operation)) or "none",
            str(len(seen)),
            str(len(seen) - len(differing)),
            str(failed or ""),
            ", ".join(f"[{number}](#difference-{number})" for number in numbers),
        )
        yield "| " + " | ".join(cells) + " |"


def _named(api: Api, operation: Operation) -> str:
    return f"`{operation.method} {api.prefix}{operation.path}`<br>{operation.operation_id}"


def page() -> str:
    """The page's text."""
    every, of_3 = list(_steps()), list(_steps_of_3())
    notes = {
        reason: number
        for number, reason in enumerate(dict.fromkeys(s.difference for s in (*every, *of_3) if s.difference), 1)
    }
    by_operation: dict[str, list[Seen]] = defaultdict(list)
    for step in (*every, *of_3):
        by_operation[step.operation or ""].append(step)
    apis = dict.fromkeys(api for api, _ in routes(by_name("airflow2")) if api.name != "control")
    apis_of_3 = dict.fromkeys(api for api, _ in routes(by_name("airflow3"), 3) if api.name != "control")
    lines = [HEAD]
    for version, steps, module in (("2.11.2", every, _recordings()), ("3.3.2", of_3, _recordings(_OF_3))):
        differing = sum(step.difference is not None for step in steps)
        alike = len(steps) - differing
        lines.append(
            f"Airflow {version}: {len(steps):,} steps in {len(module.SCENARIOS)} scenarios, {alike:,} as recorded"
            f" ({alike / len(steps):.2%}), {differing} different for a reason told below.\n"
        )
    for api in (*apis, *apis_of_3):
        of = " (Airflow 3)" if api in apis_of_3 else ""
        lines += [f"## {api.title or api.name}{of}", "", *_table(api, by_operation, notes), ""]
    others = [step for steps in by_operation.values() for step in steps]
    lines += [
        f"{len(others)} further steps are for no operation: unknown paths, wrong methods, OPTIONS, redirects, and the "
        "documents themselves.",
        "",
        "## Known differences",
    ]
    every += of_3
    counts = Counter(step.difference for step in every if step.difference)
    for reason, number in notes.items():
        places = [step.place for step in every if step.difference == reason]
        where = places[0] if len(places) == 1 else f"{places[0]} to {places[-1]}, {counts[reason]} steps"
        lines += ["", f"### Difference {number}", "", f"{reason} ({where})"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
