"""The one task group of a provider's that adds a task: Databricks' workflow, which a task ``launch`` starts."""

from __future__ import annotations

from typing import Any

from mock_airflow.dag_files.parsing.standin.catalogue import known_operator, link
from mock_airflow.dag_files.parsing.standin.errors import AirflowException
from mock_airflow.dag_files.parsing.standin.installed import Installed
from mock_airflow.dag_files.parsing.standin.tasks.groups import TaskGroup

_MODULE = "airflow.providers.databricks.operators.databricks_workflow"
_TASKS = "airflow.providers.databricks.operators.databricks"
_LINKS = "airflow.providers.databricks.plugins.databricks_workflow"


class DatabricksWorkflowTaskGroup(TaskGroup):
    """A group whose tasks are one workflow in Databricks."""

    def __init__(
        self,
        databricks_conn_id: Any,
        access_control_list: Any = None,
        existing_clusters: Any = None,
        extra_job_params: Any = None,
        jar_params: Any = None,
        job_clusters: Any = None,
        max_concurrent_runs: Any = 1,
        notebook_packages: Any = None,
        notebook_params: Any = None,
        python_params: Any = None,
        spark_submit_params: Any = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        names = known_operator(_MODULE, "_CreateDatabricksWorkflowOperator").__init__.param_names
        self._job = {name: given[name] for name in names if name in given and name != "task_id"}
        super().__init__(**kwargs)

    def __exit__(self, *exc: Any) -> None:
        roots, tasks = self.roots, list(self)
        create = known_operator(_MODULE, "_CreateDatabricksWorkflowOperator")
        launch = create(task_id="launch", dag=self.dag, task_group=self, **self._job)
        try:
            for task in tasks:
                if not isinstance(task, known_operator(_TASKS, "DatabricksTaskBaseOperator")):
                    raise AirflowException(
                        f"Task {task.task_id} does not support conversion to databricks workflow task."
                    )
                shown = ["WorkflowJobRunLink"]
                shown += ["WorkflowJobRepairSingleTaskLink"] if Installed.major == 2 else []
                task.operator_extra_links = tuple(link(_LINKS, name) for name in shown)
                task.workflow_run_metadata = launch.output
            for task in roots:
                task.set_upstream(launch)
            for before in list(self.upstream_task_ids):
                launch.set_upstream(self.dag.get_task(before))
            for after in list(self.downstream_task_ids):
                for task in self.leaves:
                    task.set_downstream(self.dag.get_task(after))
        finally:
            super().__exit__(*exc)


DatabricksWorkflowTaskGroup.__module__ = _MODULE
