"""The pages of DAGs: their list, one as graph and grid, a run on its timeline, a task with tries, log and xcoms."""

from mock_airflow.control.page.dags import dag, run, task  # noqa: F401  (filling the page)
