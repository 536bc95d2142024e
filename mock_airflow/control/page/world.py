"""The world: what there is, the ways back to an earlier state, and the state and the calls as files."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mock_airflow.answers import Answer
from mock_airflow.control.page.page import HEADERS, ConsolePage, ConsoleVisit
from mock_airflow.control.reading import refused
from mock_airflow.journal.changes import BOOKKEEPING
from mock_airflow.world.reading import parsed

PAGE = ConsolePage("world", "World", "w")
_CALLS = 15  # that one may go back to from here; the page of calls has all
_LAST = 20
_FORMATS = {"har": ("json", "har"), "recording": ("json", "json"), "pytest": ("x-python", "py")}
_MOST_ROWS = 50_000  # of a state that is written as a world file while somebody waits for it
_RUNS = 25  # of each DAG


@PAGE.shows()
def world(visit: ConsoleVisit) -> Answer:
    """Show what there is."""
    deployment = visit.deployment
    counts = [(name.replace("_", " "), size) for name, size in deployment.airflow.tables.sizes().items() if size]
    return visit.show(
        "world.html",
        counts=[each for each in counts if each[0].replace(" ", "_") not in BOOKKEEPING],
        snapshots=visit.ask("list_snapshots")["snapshots"],
        most=deployment.settings.kept_snapshots,
        calls=list(deployment.journal)[-_CALLS:][::-1],
        last=_LAST,
        formats=_FORMATS,
        runs=_RUNS,
        in_database=deployment.replica is not None,
    )


@PAGE.does("/snapshot")
def snapshot(visit: ConsoleVisit) -> Answer:
    """Keep the state as it is now."""
    name = visit.given("name").get("name", "")
    made = visit.ask("take_snapshot", query={"name": name} if name else None)
    return visit.back(said=f"The state is kept as {name or made['id']}.")


@PAGE.does("/restore")
def restore(visit: ConsoleVisit) -> Answer:
    """Go back to a snapshot."""
    visit.ask("restore_snapshot", id=visit.form.get("id", ""))
    return visit.back(said=f"The state is that of {_named(visit)}.")


@PAGE.does("/forget")
def forget(visit: ConsoleVisit) -> Answer:
    """Forget a snapshot."""
    name = _named(visit)
    visit.ask("delete_snapshot", id=visit.form.get("id", ""))
    return visit.back(said=f"{name[0].upper()}{name[1:]} is gone.")


def _named(visit: ConsoleVisit) -> str:
    number = visit.form.get("id", "")
    found = (each for each in visit.ask("list_snapshots")["snapshots"] if str(each["id"]) == number)
    return f"snapshot {next((each['name'] for each in found), '') or number}"


PAGE.asks("/reset", "reset", "All is as at the start, and the calls are forgotten.")


@PAGE.does("/rewind")
def rewind(visit: ConsoleVisit) -> Answer:
    """Go back to just before a call."""
    number = visit.form.get("call", "").strip()
    visit.ask("rewind", call=number)
    return visit.back(said=f"The state is as call {number} found it.")


@PAGE.does("/load")
def load(visit: ConsoleVisit) -> Answer:
    """Add what a world file says."""
    file = visit.request.files.get("file")
    if file is None or not file.filename:
        raise refused("Choose a world file, in JSON or YAML.")
    name, text = Path(file.filename).name, file.read().decode("utf-8", "replace")
    file.close()  # werkzeug leaves that to whoever reads it
    content = parsed(name, text)
    has_settings = content.pop("settings", None) is not None
    visit.ask("merge_world", body=content)
    sections = ", ".join(sorted(content)) or "nothing"
    left_out = " Its settings are left out: they hold from a deployment's start." if has_settings else ""
    return visit.back(said=f"{name} is loaded: {sections}.{left_out}")


@PAGE.shows("/saved", beside=True)
def saved(visit: ConsoleVisit) -> Answer:
    """Download the deployment as it is; calls are answered meanwhile."""
    from mock_airflow.persistence.files import text_of

    visit.deployment.settle()
    return _file(text_of(visit.deployment), "application/octet-stream", "airflow.saved")


@PAGE.shows("/export")
def export(visit: ConsoleVisit) -> Answer:
    """Download the last calls."""
    form, last = visit.request.args.get("format", "har"), visit.request.args.get("last", str(_LAST))
    if form not in _FORMATS:
        raise refused(f"There is no format {form!r}; there are {', '.join(_FORMATS)}.")
    kind, ending = _FORMATS[form]
    answer = visit.answer("get_journal", query={"format": form, "last": last})
    if form == "recording":
        _see_that_it_has_some(json.loads(answer.body))
    name = "test_calls.py" if form == "pytest" else f"calls.{ending}"
    return _file(answer.body, f"application/{kind}", name)


def _see_that_it_has_some(recorded: dict[str, Any]) -> None:
    """Raise Problem for a recording of nothing, which would be taken for one of something."""
    left_out = recorded["left_out"]
    if left_out and not recorded["scenario"]["steps"]:
        reasons = "; ".join(dict.fromkeys(each["reason"] for each in left_out))
        raise refused(f"None of these {len(left_out)} calls can be in a recording: {reasons}. An archive has them.")


@PAGE.shows("/world.json", beside=True)
def world_file(visit: ConsoleVisit) -> Answer:
    """Download the state as a world file: what its API tells, read from a copy, so that no call of it is counted."""
    from mock_airflow.server.live import LiveServer
    from mock_airflow.world.capture.capturing import capture
    from mock_airflow.world.capture.gathering import ON_REQUEST, WantedRows

    deployment = visit.deployment
    with deployment.lock:
        rows = sum(deployment.airflow.tables.sizes().values())
        if rows > _MOST_ROWS:
            raise refused(
                f"{rows} rows are too many to be read while you wait; `mock-airflow world capture` reads them, and the"
                " saved deployment holds all of them."
            )
        copy = deployment.fork()
    copy.clock.freeze()
    copy.faults.clear()
    copy.limits.clear()
    wanted = WantedRows(runs_per_dag=_RUNS, also=frozenset(ON_REQUEST), variable_values=True)
    with TemporaryDirectory() as folder, LiveServer.of(copy) as server:
        path = Path(folder) / "world.json"
        capture(f"{server.url}{copy.mount}{copy.api_path}", copy.headers, path, wanted)
        content = json.loads(path.read_text("utf-8"))
    content.get("about", {}).pop("from", None)  # the copy's address, where nobody listens any more
    return _file(json.dumps(content, indent=1), "application/json", f"world-{_stamp(copy.clock.now())}.json")


def _stamp(at: datetime) -> str:
    return at.strftime("%Y%m%dT%H%M%S")


def _file(body: str | bytes, kind: str, name: str) -> Answer:
    """An answer that a browser keeps as a file."""
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Answer(body, 200, f"{kind}; charset=utf-8", headers)
