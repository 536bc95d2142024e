"""Our own API, `/__mock__`: reset, the clock, the journal, the keys, the faults and failures, the plans, the world."""

from mock_airflow.control import failures, faults, journal, limits, operations, plans, world  # noqa: F401  (filling API)
