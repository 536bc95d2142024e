"""One operation of Airflow 3, described for people from the same table as its document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mock_airflow.access.simple_roles import ROLES
from mock_airflow.api import fab3, migration, simple_auth, v2
from mock_airflow.api.api import Api
from mock_airflow.api.openapi.document_3 import document_3
from mock_airflow.api.openapi.reference_page import ReferenceRow, reference_entry
from mock_airflow.api.operation import Operation
from mock_airflow.errors import UsageError
from mock_airflow.settings.spelling import nearest

_APIS = (v2.API, simple_auth.API, fab3.API)
_ALWAYS = {
    "401": "No token, or one whose time is over.",
    "403": "A token that does not count, or a role that is too low.",
    "422": "A parameter or the body has the wrong form.",
}


@dataclass(frozen=True)
class DescribedOperation:
    """What is said of an operation: sentences, each list in Airflow's own order."""

    method: str
    path: str
    summary: str
    operation_id: str
    permissions: list[str]
    parameters: list[str]
    body: list[str]
    answers: dict[str, str]
    before: list[str]


def described(method: str, path: str) -> DescribedOperation:
    """The operation that a request such as ``GET /api/v2/dags/etl`` is. Raises UsageError where there is none."""
    there = [(api, each) for api, each in _operations() if _fits(api, each, path.partition("?")[0])]
    for api, operation in there:
        if operation.method == method:
            return _described(api, operation)
    answered = f"and answers {404 if method == 'GET' else 405}"
    if there:
        known = ", ".join(dict.fromkeys(each.method for _, each in there))
        raise UsageError(f"Airflow 3 has no {method} {path}, {answered}; this path has {known}.")
    before = migration.becomes(method, path.replace(v2.API.prefix, migration.V1_PREFIX, 1))
    meant = before.path if before else nearest(path, [f"{api.prefix}{each.path}" for api, each in _operations()])
    raise UsageError(
        f"Airflow 3 has no path {path}, {answered}{f'; did you mean {meant}?' if meant else '.'}"
        " See `mock-airflow routes --airflow-version 3.3.2`."
    )


def _operations() -> Iterator[tuple[Api, Operation]]:
    return ((api, operation) for api in _APIS for operation in api)


def _fits(api: Api, operation: Operation, path: str) -> bool:
    template = api.prefix + operation.path
    return path == template or (path.startswith(api.prefix) and operation.fits(path.removeprefix(api.prefix)))


def _described(api: Api, operation: Operation) -> DescribedOperation:
    alone = Api(api.name, api.prefix, api.title)
    alone.operations[operation.operation_id] = operation
    document = document_3(alone, title=api.title, version="2", root="", security={"OAuth2PasswordBearer": {}})
    path = f"{api.prefix}{operation.path}"
    entry = reference_entry(operation.method, path, document["paths"][path][operation.method.lower()], document)
    before = [
        f"{v1.method} {migration.V1_PREFIX}{v1.path}"
        for v1, found, prefix in migration.table()
        if found is operation and prefix == api.prefix
    ]
    return DescribedOperation(
        operation.method,
        path,
        operation.summary.replace("``", "`"),
        operation.operation_id,
        _who_may(operation, simple=api is not fab3.API),
        [_line(row) for row in entry.parameters],
        [_line(row) for row in entry.body],
        {status: _ALWAYS.get(status, what) for status, what in entry.statuses},
        before or (["There is no such operation."] if api is v2.API else []),
    )


def _who_may(operation: Operation, *, simple: bool) -> list[str]:
    if operation.access is None:
        return ["Everybody, without a token."]
    needed = operation.access.needed()
    if not needed:
        return ["Everybody with a token."]
    lines = ["Who has " + ", ".join(map(str, needed)) + " (auth_manager=fab)."]
    least = next((name for name, may in ROLES.items() if may.issuperset(needed)), None)
    if simple and least is not None:
        lines.insert(0, f"The role {least.lower()} and those above it (auth_manager=simple).")
    return lines


def _line(row: ReferenceRow) -> str:
    notes = "; ".join([row.kind, *row.notes, *([row.told] if row.told else [])])
    return f"{'. ' * row.depth}{row.name}: {notes}"
