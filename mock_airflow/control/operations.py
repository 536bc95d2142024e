"""All operations of the control API: importing this fills its table, in the order in which it is told."""

from mock_airflow.control import (  # noqa: F401, I001  (filling API, in the order in which it is told)
    state,
    deployments,
    clock,
    keys,
    tokens,
    failures,
    faults,
    journal,
    snapshots,
    limits,
    plans,
    review,
    world,
    events,
)
