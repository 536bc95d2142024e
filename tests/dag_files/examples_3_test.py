"""DAG files read as an Airflow 3 reads them: Airflow's own examples, and what was removed."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dag_files.reading_3 import compared, last_line, read_here, recorded

CORE, STANDARD = "apache-airflow-core==3.3.2", "apache-airflow-providers-standard==1.21.0"
RECORDED_ON = "2026-11-29"  # one of the examples has the day on which it is read as a default
# What stays different, and why.
KNOWN = {
    "details asset_expression": "of assets that a DAG calls by a name that nobody has, the real one tells asset_ref",
    "assets scheduled_dags": "likewise",
    "assets name": "two assets of one URI are one here",
    "assets consuming_tasks": "likewise",
    "assets uri": "likewise",
    "dag ids": "a timetable out of Airflow's own examples, which nobody registers: the real one refuses it",
    "import errors": "likewise",
}


@pytest.fixture(scope="module")
def packages(published: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples of the packages, in a folder each; for them it is the day of the recording."""
    folder: Path = tmp_path_factory.mktemp("examples")
    for package, inside, name in (
        (CORE, "airflow/example_dags/", "core"),
        (STANDARD, "airflow/providers/standard/example_dags/", "standard"),
    ):
        with zipfile.ZipFile(published(package)) as wheel:
            for file in wheel.namelist():
                if file.startswith(inside) and not file.endswith("/"):
                    target = folder / name / file.removeprefix(inside)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    text = wheel.read(file)
                    today = text.replace(b"date.today()", f"date.fromisoformat({RECORDED_ON!r})".encode())
                    target.write_bytes(today)
    return folder


@pytest.mark.network
def test_the_examples_are_read_as_by_a_real_airflow_3(packages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The recorded Airflow had neither; some examples ask.
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    fields = list(compared(recorded("examples.json"), read_here(packages)))
    different = [each for each in fields if each[2] != each[3]]

    assert len(fields) > 15000
    assert {each[0] for each in different} <= KNOWN.keys(), [each for each in different if each[0] not in KNOWN][:5]
    assert len(different) / len(fields) < 0.002, Counter(each[0] for each in different)


def test_what_airflow_3_removed_or_refuses_is_the_import_error_that_it_has(tmp_path: Path) -> None:
    told = recorded("removed.json")
    for name, source in told["sources"].items():
        (tmp_path / name).write_text(source, "utf-8")
    ours = read_here(tmp_path)

    mine = {row["filename"]: last_line(row["stack_trace"]) for row in ours["import_errors"]}
    theirs = {file: last_line(line) for file, line in told["import_errors"].items()}
    assert {file: (mine.get(file), line) for file, line in theirs.items() if mine.get(file) != line} == {}
    assert mine.keys() == theirs.keys()
    assert sorted(ours["dags"]) == told["dags"]
