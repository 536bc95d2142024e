"""Our own API, `/__mock__`: reset, the clock, the journal, the keys, the faults."""

from mock_airflow.control import faults, operations  # noqa: F401  (filling API)
