"""What a request of `/api/v1` becomes in `/api/v2`, worked out of the two tables of operations.

Paths, query parameters, bodies and answers are compared as the operations describe them; by hand stands only what no
table can know: which name took the place of which, and a sentence here and there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from mock_airflow.api.airflow2.schema import Schema
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Operation

V1_PREFIX = "/api/v1"
Place = Literal["query", "body", "answer"]
_WHERE: dict[Place, str] = {"query": "In the query", "body": "In the body", "answer": "In the answer"}

# What holds for every operation.
EVERYWHERE = (
    "Access: a bearer token from POST /auth/token; neither Basic nor a session opens anything.",
    "Errors: an object with the one key detail; what is wrong with a body or a parameter is a 422 with a list (v1: a"
    " 400 with type, title, status and detail).",
    "Dates: written with Z instead of +00:00, microseconds only where there are any.",
    "Lists: 50 rows where no limit is asked for (v1: 100), 100 at most in both; unknown query parameters are ignored"
    " (v1 refuses them), order_by may be repeated.",
)

_SEGMENTS = {
    "datasets": "assets",
    "queuedEvent": "queuedEvents",
    "upstreamDatasetEvents": "upstreamAssetEvents",
    "health": "monitor/health",
    "setNote": "",
}
# Operations whose successor lies elsewhere: the path of v2.
_ELSEWHERE = {
    "post_set_task_instances_state": (
        "PATCH",
        "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}",
    ),
    "get_dag_source": ("GET", "/dagSources/{dag_id}"),
    "get_dataset_queued_events": ("GET", "/assets/{asset_id}/queuedEvents"),
    "delete_dataset_queued_events": ("DELETE", "/assets/{asset_id}/queuedEvents"),
    "get_dag_dataset_queued_event": ("GET", "/dags/{dag_id}/assets/{asset_id}/queuedEvents"),
    "delete_dag_dataset_queued_event": ("DELETE", "/dags/{dag_id}/assets/{asset_id}/queuedEvents"),
}
_TO_FAB = ("Role", "User", "Permission")

# A name of v1 and those that came instead; the first that the operation of v2 has counts.
_NAMES: dict[str, tuple[str, ...]] = {
    "execution_date": ("logical_date",),
    "execution_date_gte": ("logical_date_gte",),
    "execution_date_lte": ("logical_date_lte",),
    "external_trigger": ("run_type",),
    "schedule_interval": ("timetable_summary",),
    "is_active": ("is_stale",),
    "only_active": ("exclude_stale",),
    "next_dagrun": ("next_dagrun_logical_date",),
    "next_dagrun_create_after": ("next_dagrun_run_after",),
    "dataset_expression": ("asset_expression",),
    "dataset_id": ("asset_id",),
    "dataset_uri": ("uri", "asset_id"),
    "dataset_events": ("asset_events",),
    "datasets": ("assets",),
    "consuming_dags": ("scheduled_dags",),
    "name": ("pool",),
    "uri": ("asset_id",),
    "template_searchpath": ("template_search_path",),
    "failed_login_count": ("fail_login_count",),
}
_COUNTERS = ("total_entries", "total_entries_limit", "next_cursor", "previous_cursor")  # beside a list
_PATH_NAMES = {"name": "role_name", "try_number": "task_try_number"}
_OTHER_VALUES = ("dataset_uri",)  # of a request: what stands there is not what the name of v2 wants
_IN_PARTS = ("patch_connection",)  # of v1: what others demand of such a body may be missing
# What a required field of v2 is where a v1 client said nothing of it.
_DEFAULTS: dict[str, Any] = {"logical_date": None}

_NOTES: dict[str, tuple[str, ...]] = {
    "post_dag_run": (
        "A run that exists is a 409 of the database, whose detail is an object.",
        "With a cron schedule the data interval of a dated run has no length.",
    ),
    "update_dag_run_state": ("State and note are changed by the same request.",),
    "set_dag_run_note": ("State and note are changed by the same request.",),
    "get_log": ("The log is a list of JSON objects, or NDJSON by Accept; never a text.",),
    "post_set_task_instances_state": (
        "The task and the run stand in the path; a dry run is the same request at .../dry_run.",
    ),
    "patch_task_instance": ("A dry run is the same request at .../dry_run; the answer is a list.",),
    "patch_mapped_task_instance": ("A dry run is the same request at .../dry_run; the answer is a list.",),
    "get_dag_source": ("A source is named by its DAG, and by version_number if it is not the latest.",),
    "get_dag_stats": ("dag_ids is repeated instead of parted by commas, and may be left out.",),
    "get_variable": ("The value of a variable whose name sounds like a secret is masked.",),
    "get_variables": ("The value of a variable whose name sounds like a secret is masked.",),
    "get_dags": ("tags are objects with dag_id and dag_display_name beside the name.",),
    "get_dag": ("tags are objects with dag_id and dag_display_name beside the name.",),
    "patch_pool": ("pool, slots and include_deferred have to be there, also with an update_mask.",),
    "patch_dag": ("Nothing but is_paused can be changed.",),
    "get_health": ("It is open to everybody, and tells of the dag_processor too.",),
}
_ONLY_FAB = "Only the FAB auth manager has it (auth_manager=fab)."
_BY_NUMBER = "asset_id is a number, which GET /api/v2/assets?uri_pattern=... tells."


class NameChange(NamedTuple):
    """One name of a request or an answer; ``new`` is None for what is gone, ``old`` for what is required by now."""

    where: Place
    old: str | None
    new: str | None

    def __str__(self) -> str:
        if self.old is None:
            return f"{self.new} is required" + (" (null will do)" if self.new in _DEFAULTS else "")
        return f"{self.old} is gone" if self.new is None else f"{self.old} is now {self.new}"


@dataclass(frozen=True, slots=True)
class Becomes:
    """What one request of v1 becomes: an operation of v2 with its path, query and body, and what is different.

    ``path`` is filled as far as the request says what stands there; what it does not say stays in braces. ``query`` and
    ``body`` are the request's own in v2's names, None where nothing was sent; what has another value there and not only
    another name is left out. ``changes`` are those of the operation, ``concerned`` those that this request meets: what
    it sent, and what every answer has. ``success`` is the status of each.
    """

    v1: Operation
    v2: Operation
    method: str
    path: str
    query: Mapping[str, str] | None
    body: Any
    changes: tuple[NameChange, ...]
    concerned: tuple[NameChange, ...]
    notes: tuple[str, ...]
    success: tuple[int, int]

    def __str__(self) -> str:
        """One sentence or two, for a reason."""
        told = [f"In Airflow 3 this is {self.method} {self.path}."]
        for where, there in _WHERE.items():
            met = [str(each) for each in self.concerned if each.where == where]
            told += [f"{there} {', '.join(met)}."] if met else []
        return " ".join([*told, *self.notes])


def becomes(method: str, path: str, query: str = "", body: Any = None) -> Becomes | None:
    """What a request of v1 becomes; None for one that v1 does not have.

    ``path`` is the whole path, as ``/api/v1/dags``, ``query`` the query string, ``body`` the parsed JSON.
    """
    path, _, in_path = path.partition("?")
    if not path.startswith(f"{V1_PREFIX}/"):
        return None
    for v1, v2, prefix in table():
        names = _matched(v1, path.removeprefix(V1_PREFIX)) if v1.method == method.upper() else None
        if names is not None:
            sent = dict(parse_qsl(query or in_path, keep_blank_values=True))
            return _becomes(v1, v2, prefix, names, sent, body)
    return None


@cache
def table() -> tuple[tuple[Operation, Operation, str], ...]:
    """Each operation of v1 with the one of v2 that does its work, and the prefix below which that lies."""
    from mock_airflow.api.fab3 import API as FAB3
    from mock_airflow.api.v1 import API as V1
    from mock_airflow.api.v2 import API as V2

    by_shape = {api.name: {(each.method, _shape(each.path)): each for each in api} for api in (V2, FAB3)}
    found = []
    for v1 in _most_exact_first(V1):
        api = FAB3 if v1.tag in _TO_FAB else V2
        method, path = _ELSEWHERE.get(v1.operation_id, (v1.method, v1.path))
        found.append((v1, by_shape[api.name][method, _shape(_moved(path))], api.prefix))
    return tuple(found)


def whole(v1: Operation, v2: Operation, prefix: str) -> Becomes:
    """What an operation becomes, whatever is sent."""
    return _becomes(v1, v2, prefix, {}, None, None)


def _most_exact_first(api: Api) -> list[Operation]:
    """The operations, those with a fixed word before those with a name in its place."""
    return sorted(api, key=lambda each: [part.startswith("{") for part in each.path.split("/")])


def _moved(path: str) -> str:
    """A path with v2's words for v1's."""
    parts = (_SEGMENTS.get(part, part) for part in path.strip("/").split("/"))
    return "/" + "/".join(part for part in parts if part)


def _shape(path: str) -> str:
    """A path whatever its names are called; ``~`` is what a name may be."""
    return re.sub(r"{\w+}|~", "{}", path)


def _matched(v1: Operation, path: str) -> dict[str, str] | None:
    """The names in a path of the operation, None for a path that is none of its."""

    def group(match: re.Match[str]) -> str:
        with_slashes = v1.converters.get(match[1]) not in (None, "int")
        return f"(?P<{match[1]}>{'.+' if with_slashes else '[^/]+'})"

    parts = re.split(r"({\w+})", v1.path)
    shape = "".join(re.sub(r"{(\w+)}", group, part) if part[:1] == "{" else re.escape(part) for part in parts)
    found = re.fullmatch(shape, path)
    return {name: unquote(value) for name, value in found.groupdict().items()} if found else None


def _becomes(
    v1: Operation, v2: Operation, prefix: str, names: Mapping[str, str], query: Mapping[str, str] | None, body: Any
) -> Becomes:
    changes = tuple(_changes(v1, v2))
    sent = body if isinstance(body, dict) else {}
    in_query, in_body = _renamed(query or {}, changes, "query"), _renamed(sent, changes, "body", v2)
    told = {"query": {*in_query, *(query or ())}, "body": {*in_body, *sent}}
    told["body"] |= {each.new for each in changes if each.where == "body" and each.old in sent and each.new is not None}
    concerned = tuple(
        each
        for each in changes
        if each.where == "answer"
        or each.old in told[each.where]
        or (each.old is None and each.new not in told[each.where])
    )
    if v1.body is not None and v2.body is not None and body is not None:
        required = (name for name, needed in wire_names(v2.body).items() if needed and name in _DEFAULTS)
        in_body = {**{name: _DEFAULTS[name] for name in required}, **in_body}
    path = _filled(v1, v2, {**{name: value for name, value in sent.items() if isinstance(value, str)}, **names})
    notes = [*_NOTES.get(v1.operation_id, ())]
    if "{asset_id}" in path or any(each.new == "asset_id" for each in concerned):
        notes.append(_BY_NUMBER)
    if v1.tag in _TO_FAB:
        notes.append(_ONLY_FAB)
    if v1.success != v2.success:
        notes.append(f"Success is a {v2.success} (v1: {v1.success}).")
    return Becomes(
        v1,
        v2,
        v2.method,
        prefix + path,
        in_query if query else None,
        in_body if isinstance(body, dict) else body,
        changes,
        concerned,
        tuple(notes),
        (v1.success, v2.success),
    )


def _filled(v1: Operation, v2: Operation, names: Mapping[str, str]) -> str:
    """The path of v2 with what is known of its names; v1's own ``~`` stands where v2 has a name."""
    path = v2.path
    for old, new in zip(_moved(v1.path).split("/"), v2.path.split("/"), strict=False):
        if old == "~" and new.startswith("{"):
            path = path.replace(new, old, 1)
    for name in v2.path_names:
        value = names.get(name)
        if value is None:
            value = names.get(_PATH_NAMES.get(name, ""))
        if value is not None:
            path = path.replace(f"{{{name}}}", quote(value, safe="~:+@/"))
    return path


def _changes(v1: Operation, v2: Operation) -> Iterator[NameChange]:
    """Every name that one of the two has and the other has not, as far as a client meets it."""
    yield from _of("query", v1.query, v2.query, [each.name for each in v2.query.values() if each.required])
    taken = wire_names(v2.body)
    needed = [name for name, required in taken.items() if required]
    whole = isinstance(v1.body, Schema) and v1.operation_id not in _IN_PARTS
    asked = (*v1.body.required, *v1.body.demanded) if whole else ()
    moved = {*v1.path_names, *v2.path_names}  # into the path, or there already
    sent = [name for name in _loaded(v1.body) if name not in moved]
    yield from _of("body", sent, taken, [name for name in needed if name not in asked])
    before, after = _answered(v1), _answered(v2)
    if before and after:
        yield from _of("answer", before, after, ())


def _of(where: Place, old: Iterable[str], new: Iterable[str], required: Iterable[str]) -> Iterator[NameChange]:
    there = set(new)
    for name in old:
        if name not in there:
            yield NameChange(where, name, next((each for each in _NAMES.get(name, ()) if each in there), None))
    for name in required:
        yield NameChange(where, None, name)


def _loaded(body: Any) -> list[str]:
    """The names that a body of v1 may have."""
    if not isinstance(body, Schema):
        return []
    return [field.name for field in body.fields.values() if not field.read_only and field.loadable]


def wire_names(body: Any) -> dict[str, bool]:
    """The names that a body of v2 may have, each with whether it has to be there."""
    fields = getattr(body, "model_fields", {})
    return {field.alias or name: field.is_required() for name, field in fields.items()}


def _answered(operation: Operation) -> list[str]:
    """The names in an answer, or in each item of a list; of several answers those of all."""
    names: list[str] = []
    for answer in (operation.answer, operation.or_answer):
        if isinstance(answer, Schema):
            names += _answered_in_2(answer)
        elif answer is not None:
            names += _answered_in_3(answer)
    return names


def _answered_in_2(answer: Schema) -> list[str]:
    told = [field for field in answer.fields.values() if field.answered and not field.write_only]
    beside = [field for field in told if field.name not in _COUNTERS]
    if len(beside) == 1 and beside[0].type == "array":
        listed = beside[0].items.schema if beside[0].items is not None else None
        return _answered_in_2(listed) if listed is not None else []
    return [field.name for field in told]


def _answered_in_3(name: str) -> list[str]:
    from mock_airflow.api.v2 import answers

    if name in answers.PAGES:
        name = answers.PAGES[name][1]
    fields = answers.named(name).__annotations__
    beside = [kind for field, kind in fields.items() if field not in _COUNTERS]
    listed = re.match(r"list\[(\w+)", getattr(beside[0], "__forward_arg__", "")) if len(beside) == 1 else None
    return _answered_in_3(listed[1]) if listed is not None else [*fields]


def _renamed(
    sent: Mapping[str, Any], changes: Iterable[NameChange], where: Place, v2: Operation | None = None
) -> dict[str, Any]:
    """What was sent in v2's names, without what is gone, or stands in the path of v2."""
    instead = {each.old: each.new for each in changes if each.where == where and each.old is not None}
    in_path = [name for name in v2.path_names if name not in wire_names(v2.body)] if v2 is not None else ()
    instead.update(dict.fromkeys((*_OTHER_VALUES, *in_path)))
    return {new: value for name, value in sent.items() if (new := instead.get(name, name)) is not None}
