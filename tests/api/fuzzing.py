"""What the tests of both generations under generated requests share: what is drawn, sent and held to the document."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import hypothesis
from hypothesis import HealthCheck, Phase, given, strategies as st
from schemathesis import GenerationMode, openapi
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from werkzeug.test import TestResponse

from mock_airflow.deployment import Deployment
from mock_airflow.domain.airflow import Airflow
from mock_airflow.settings import Settings
from mock_airflow.world.reading import World

SEED = int(os.environ.get("FUZZ_SEED", "0"))  # another seed, other requests
NUMBERS = [-1, 0, 1, 1 << 31, 1 << 63, -(1 << 70)]  # where databases and languages have their borders

load_all_checks()
CHECKED = CHECKS.get_by_names(["status_code_conformance", "content_type_conformance", "response_schema_conformance"])


def begun(world: World, **settings: Any) -> Deployment:
    """A deployment of a world whose time stands still, with what is off by default switched on."""
    stated: dict[str, Any] = {"runs": "manual", "frozen": True, "expose_config": "True", "test_connection": "Enabled"}
    deployment = Deployment(Settings.of(**stated, **settings))
    world.apply(deployment)
    deployment.begin()
    return deployment


def operations_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Schemathesis's operations of a document, by operation id."""
    found = openapi.from_dict(dict(document)).get_all_operations()
    usable = [result.ok() for result in found if isinstance(result, Ok)]
    return {each.definition.raw["operationId"]: each for each in usable}


def cases(operation: Any, *, refusable: bool) -> st.SearchStrategy[Any]:
    """Requests that fit the document and, where an operation has anything to refuse, requests that do not."""
    fitting: st.SearchStrategy[Any] = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    return fitting | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE) if refusable else fitting


def places(airflow: Airflow, **more: list[Any]) -> list[dict[str, Any]]:
    """Names of things that there are and belong together, for paths and bodies: not everything shall be a 404."""
    single = {"section": "core", "option": "executor", "event_log_id": 1, "import_error_id": 1, "task_try_number": 1}
    things = {
        "pool_name": [row.name for row in airflow.pools],
        "variable_key": [row.key for row in airflow.variables],
        "connection_id": [row.connection_id for row in airflow.connections],
        "file_token": [row.file_token for row in airflow.dags],
        **more,
    }
    found = []
    instances = [*airflow.task_instances]
    mapped = [instance for instance in instances if instance.map_index >= 0]
    for number, instance in enumerate([*instances[::3], *mapped]):
        place = {name: names[number % len(names)] for name, names in things.items() if names}
        place |= {"dag_id": instance.dag_id, "dag_run_id": instance.run_id, "task_id": instance.task_id}
        found.append({**single, "xcom_key": "return_value", **place, "map_index": max(instance.map_index, 0)})
    return found


def content(case: Any) -> dict[str, Any]:
    """Query and body of a request as Werkzeug's client takes them."""
    told: dict[str, Any] = {"method": case.method, "query_string": urlencode(case.query or {}, doseq=True)}
    if not isinstance(case.body, NotSet):
        told["data"] = case.body if isinstance(case.body, bytes) else json.dumps(case.body)
        told["content_type"] = case.media_type
    return told


def conformity() -> Callable[[Any, TestResponse, Sequence[Any]], None]:
    """Hold the answers of one operation to the document, each once: most of those to a request are equal."""
    held = set()

    def conforms(case: Any, response: TestResponse, checks: Sequence[Any] = CHECKED) -> None:
        told = (response.status_code, response.content_type, response.data, len(checks))
        if told not in held:
            case.validate_response(response, checks=checks)
            held.add(told)

    return conforms


def with_each(requests: st.SearchStrategy[Any], examples: int, check: Callable[[Any], None]) -> None:
    """Check so many requests, the same in every run of one seed."""

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[*HealthCheck],
    )
    @given(case=requests)
    def each(case: Any) -> None:
        check(case)

    each()
