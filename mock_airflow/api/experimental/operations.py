"""All operations of the experimental API: importing this fills its table."""

from mock_airflow.api.experimental import (  # noqa: F401  (filling API)
    dag_runs,
    dags,
    monitoring,
    pools,
    tasks,
)
