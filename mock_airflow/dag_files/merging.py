"""What DAG files declare, taken into a deployment: new DAGs, changed ones, those that are gone, errors and warnings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mock_airflow.dag_files.assets import asset_names, link_assets, resolved
from mock_airflow.dag_files.parsing.folder import source_of
from mock_airflow.domain import dag_versions
from mock_airflow.domain.airflow import Airflow
from mock_airflow.domain.dags import go_on
from mock_airflow.domain.records import Asset, AssetReference, Dag, DagWarning
from mock_airflow.domain.records.json_object import storable
from mock_airflow.domain.schedules.cron import cron
from mock_airflow.world.entry import check_characters
from mock_airflow.world.reading import world_of

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.settings import Settings

Answers = Mapping[str, Mapping[str, Any]]

_POOLS = "non-existent pool"
_PACKAGES = "missing package"  # of ours: an Airflow that lacks one does not read the file

# What Airflow remembers of a DAG beside what its file says.
_REMEMBERED = ("is_paused", "last_expired", "last_pickled", "pickle_id", "scheduler_lock")
_PLAN = (
    "next_dagrun",
    "next_dagrun_data_interval_start",
    "next_dagrun_data_interval_end",
    "next_dagrun_create_after",
)


def take_in(
    deployment: Deployment, answers: Answers, gone: Iterable[str], before: Iterable[str], settings: Settings
) -> Answers:
    """Have the rows say what files declare. Hold the deployment's lock.

    ``answers`` is what each file declares, by path; ``gone`` are files that are not there any more, ``before`` the ids
    of the DAGs that these files declared the last time. Gives the answers as they were taken in: a file that declares
    what cannot be has an error instead.
    """
    gone, before = tuple(gone), tuple(before)
    try:
        with deployment.transaction():
            _take_in(deployment, answers, gone, before, settings)
    except Exception:
        answers = {path: _sound(deployment, path, answer, settings) for path, answer in answers.items()}
        with deployment.transaction():
            _take_in(deployment, answers, gone, before, settings)
    return answers


class _Tried(Exception):
    """A file was taken in, and only to see whether that can be done."""


def _sound(deployment: Deployment, path: str, answer: Mapping[str, Any], settings: Settings) -> Mapping[str, Any]:
    """What a file declares if it can be taken in by itself, or else an error that says why not."""
    try:
        with deployment.transaction():
            _take_in(deployment, {path: answer}, (), (), settings)
            raise _Tried
    except _Tried:
        return answer
    except Exception as error:
        said = f"{path} declares what this Airflow cannot take in: {error}"
        return {**answer, "dags": [], "errors": {**answer["errors"], path: said}}


def _take_in(
    deployment: Deployment, answers: Answers, gone: Iterable[str], before: Iterable[str], settings: Settings
) -> None:
    airflow = deployment.airflow
    declared = {dag["details"]["dag_id"]: dag for answer in answers.values() for dag in answer["dags"]}
    for dag_id, dag in declared.items():
        check_characters(dag, f"dags_folder: {dag_id}")
    by_name = asset_names(airflow, declared)
    declared = {dag_id: resolved(dag, by_name) for dag_id, dag in declared.items()}
    failed = {name: text for answer in answers.values() for name, text in answer["errors"].items()}
    old = {dag_id: dag for dag_id in declared if (dag := airflow.dags.get(dag_id)) is not None}
    for dag_id in old:
        airflow.dags.delete(dag_id)  # so that nothing stays that the file does not say any more
    _forget_errors(airflow, map(storable, (*answers, *gone)))
    world_of(_content(airflow, declared, failed, old, settings), "dags_folder").apply(deployment)
    for dag_id, row in old.items():
        now = airflow.dags.get(dag_id)
        assert now is not None
        _remember(airflow, row, now)
    for dag_id in before:
        dag = airflow.dags.get(dag_id)
        if dag is not None and dag_id not in declared:
            _leave(airflow, dag, dag.fileloc in failed)
    _link_datasets(airflow, declared)
    for dag_id, dag in declared.items():
        link_assets(airflow, dag_id, dag["assets"])
    _warn(airflow, declared)
    deployment.collect()


def _content(
    airflow: Airflow,
    declared: Mapping[str, Any],
    failed: Mapping[str, str],
    old: Mapping[str, Dag],
    settings: Settings,
) -> dict[str, Any]:
    """The sections of a world that holds these DAGs and errors."""
    now = airflow.now().isoformat()
    dags, sources, plans = [], {}, {}
    for dag in declared.values():
        outlets: dict[str, list[str]] = {}
        for task_id, uri, _ in dag["produces"]:
            outlets.setdefault(task_id, []).append(uri)
        tasks = [
            {**task, **dag["unseen"].get(task["task_id"], {}), "outlets": outlets.get(task["task_id"], ())}
            for task in dag["tasks"]
        ]
        paused = dag["details"]["is_paused_upon_creation"]
        entry = {**dag["details"], "tasks": tasks, "fileloc": dag["fileloc"]}
        if settings.generation == 3:
            entry["relative_fileloc"] = _place(dag["fileloc"], settings)
        entry |= {"last_parsed_time": now, "last_parsed": now}
        if dag["timetable"] and _names_moments(dag["timetable"].get("cron", "@daily")):
            entry["schedule"] = dag["timetable"]
        dag_id = dag["details"]["dag_id"]
        if dag["plan"] and (dag_id, None) not in airflow.plans and dag_id not in airflow.models:
            plans[dag_id] = dag["plan"]
        entry["is_paused"] = settings.dags_are_paused_at_creation if paused is None else paused
        dags.append(entry)
        sources[dag["fileloc"]] = ""
    for fileloc in sources:
        sources[fileloc] = source_of(fileloc) or ""
    errors: list[dict[str, Any]] = [
        {"filename": name, "stack_trace": storable(text), "timestamp": now, "place": _place(name, settings)}
        for name, text in zip(map(storable, failed), failed.values(), strict=True)
    ]
    return {"dags": dags, "plans": plans, "dag_sources": sources, "import_errors": errors}


def _place(path: str, settings: Settings) -> str:
    """A file's place in the DAG folder."""
    return os.path.relpath(path, os.path.realpath(os.path.expanduser(settings.dags_folder or "/")))


def _names_moments(expressions: str) -> bool:
    return any(cron(each).names_moments for each in expressions.split(", "))


def _forget_errors(airflow: Airflow, paths: Iterable[str]) -> None:
    """Errors of files that were read again, or of files inside a zip file that was."""
    for path in paths:
        for error in [
            row for row in airflow.import_errors if row.filename == path or row.filename.startswith(f"{path}/")
        ]:
            airflow.import_errors.delete(error.import_error_id)


def _remember(airflow: Airflow, old: Dag, new: Dag) -> None:
    kept: dict[str, Any] = {name: getattr(old, name) for name in _REMEMBERED}
    same = (old.schedule, old.catchup, old.start_date) == (new.schedule, new.catchup, new.start_date)
    if same and new.next_dagrun is None:
        kept |= {name: getattr(old, name) for name in _PLAN}
    new = airflow.dags.put(replace(new, **kept))
    if _declared(new) != _declared(replace(old, **kept)):
        dag_versions.changed(airflow, new)
    if old.rests and not (new.rests or old.is_paused):
        go_on(airflow, new.dag_id)


def _declared(dag: Dag) -> Dag:
    """The row without what changes from one parsing to the next by itself."""
    return replace(dag, last_parsed_time=None, last_parsed=None, has_import_errors=False, is_active=True)


def _leave(airflow: Airflow, dag: Dag, failed: bool) -> None:
    """A DAG that its file does not declare any more is not active; one whose file fails is told to have errors too.

    Its datasets go on knowing it (observed).
    """
    airflow.dags.put(replace(dag, is_active=False, has_import_errors=failed))


def _unlink(airflow: Airflow, dag_ids: Iterable[str]) -> None:
    ids = set(dag_ids)
    for dataset in list(airflow.assets):
        consuming = tuple(each for each in dataset.consuming_dags if each.dag_id not in ids)
        producing = tuple(each for each in dataset.producing_tasks if each.dag_id not in ids)
        if (consuming, producing) != (dataset.consuming_dags, dataset.producing_tasks):
            airflow.assets.put(replace(dataset, consuming_dags=consuming, producing_tasks=producing))


def _references(declared: Mapping[str, Any]) -> Iterator[tuple[str, Any, str, str | None]]:
    for dag_id, dag in declared.items():
        for uri, extra in dag["consumes"]:
            yield uri, extra, dag_id, None
        for task_id, uri, extra in dag["produces"]:
            yield uri, extra, dag_id, task_id


def _link_datasets(airflow: Airflow, declared: Mapping[str, Any]) -> None:
    """Have datasets know the DAGs that wait for them and the tasks that change them; unknown ones are made."""
    before = {
        (dataset.uri, each.dag_id, each.task_id): each
        for dataset in airflow.assets
        for each in (*dataset.consuming_dags, *dataset.producing_tasks)
    }
    _unlink(airflow, declared)
    now = airflow.now()
    for uri, extra, dag_id, task_id in _references(declared):
        row = airflow.assets.lookup("uri", uri)
        if row is None:
            row = Asset(id=airflow.next_id("assets"), uri=uri, extra={}, created_at=now, updated_at=now)
        known = before.get((uri, dag_id, task_id))
        reference = known or AssetReference(dag_id=dag_id, task_id=task_id, created_at=now, updated_at=now)
        lists: dict[str, Any] = {"consuming_dags": row.consuming_dags, "producing_tasks": row.producing_tasks}
        name = "consuming_dags" if task_id is None else "producing_tasks"
        if all((each.dag_id, each.task_id) != (dag_id, task_id) for each in lists[name]):
            references = (*lists[name], reference)
            lists[name] = tuple(sorted(references, key=lambda each: (each.dag_id, each.task_id or "")))
        airflow.assets.put(replace(row, extra=extra or row.extra, **lists))


def _warn(airflow: Airflow, declared: Mapping[str, Any]) -> None:
    """Have DAGs carry a warning of pools that there are not, and of tasks that a placeholder may have cost them."""
    for dag_id, dag in declared.items():
        missing = sorted(pool for pool in dag["pools"] if pool not in airflow.pools)
        pools = f"Dag '{dag_id}' references non-existent pools: {missing!r}" if missing else ""
        for kind, message in ((_POOLS, pools), (_PACKAGES, " ".join(dag["doubts"]))):
            known = airflow.dag_warnings.get((dag_id, kind))
            if not message and known is not None:
                airflow.dag_warnings.delete((dag_id, kind))
            elif message and (known is None or known.message != message):
                airflow.dag_warnings.put(
                    DagWarning(dag_id=dag_id, warning_type=kind, message=message, timestamp=airflow.now())
                )
