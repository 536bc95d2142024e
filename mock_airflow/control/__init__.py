"""Our own API, `/__mock__`: reset, the clock, the journal, the keys, the faults and failures, the plans, the world."""

from mock_airflow.control import (  # noqa: F401  (filling API)
    failures,
    faults,
    journal,
    limits,
    operations,
    plans,
    review,
    world,
)
