"""The tags that DAGs have."""

from __future__ import annotations

from mock_airflow.access.permissions import on_dag
from mock_airflow.answers import Answer
from mock_airflow.api.airflow3.parameters import PAGE, order_by, order_keys, pattern
from mock_airflow.api.operation import Call
from mock_airflow.api.v2.api import API
from mock_airflow.api.v2.filters import matching
from mock_airflow.api.v2.lists import listing, ordered

operation = API.tagged("DAG")

ORDER_KEYS = order_keys(name=lambda tag: tag)


@operation(
    "GET",
    "/dagTags",
    access=on_dag("GET"),
    query=(*PAGE, order_by("name"), *pattern("tag_name")),
    answer="DAGTagCollectionResponse",
)
def get_dag_tags(call: Call) -> Answer:
    """List the tags of the DAGs that are there, each once."""
    permitted = call.permitted_dags("can_read")
    dags = [dag for dag in call.airflow.dags if dag.is_active and (permitted is None or permitted(dag.dag_id))]
    tags = {tag for dag in dags for tag in dag.tags}
    rows = matching(call, tags, "tag_name", lambda tag: tag)
    return listing(call, "tags", ordered(call, rows, ORDER_KEYS, "name", lambda tag: tag), lambda call, tag: tag)
