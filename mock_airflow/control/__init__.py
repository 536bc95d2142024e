"""Our own API, `/__mock__`: reset, the clock, the journal, the keys, the faults and failures."""

from mock_airflow.control import failures, faults, operations  # noqa: F401  (filling API)
