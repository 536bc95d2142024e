"""Our own API, `/__mock__`: reset, the clock, the journal, the keys, the faults and failures, the plans, the world."""

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
