"""Our own API, `/__mock__`: reset, the clock, the journal, the keys, the faults and failures, the plans."""

from mock_airflow.control import failures, faults, journal, limits, operations, plans  # noqa: F401  (filling API)
