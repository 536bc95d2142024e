"""Reading a deployment over HTTP, for the tests of DAG folders."""

import requests


class Asking:
    """Asks a MockAirflow."""

    def __init__(self, airflow):
        self.airflow = airflow

    def get(self, path, headers=()):
        """A GET's answer."""
        answer = requests.get(
            self.airflow.api_url + path, headers={**self.airflow.headers, **dict(headers)}, timeout=30
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, path):
        """A PUT's answer."""
        return requests.put(self.airflow.api_url + path, headers=self.airflow.headers, timeout=30)

    def post(self, path, body):
        """A POST's answer."""
        answer = requests.post(self.airflow.api_url + path, json=body, headers=self.airflow.headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def patch(self, path, body):
        """A PATCH's answer."""
        answer = requests.patch(self.airflow.api_url + path, json=body, headers=self.airflow.headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def dag_ids(self, **query):
        """The ids of the DAGs that are listed."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return [dag["dag_id"] for dag in self.get(f"/dags?{asked}")["dags"]]

    def edges(self, dag_id):
        """The edges between a DAG's tasks, as pairs."""
        tasks = self.get(f"/dags/{dag_id}/tasks")["tasks"]
        return sorted((task["task_id"], after) for task in tasks for after in task["downstream_task_ids"])

    def task(self, dag_id, task_id):
        """A task."""
        return self.get(f"/dags/{dag_id}/tasks/{task_id}")

    def errors(self):
        """The stack traces of the import errors, by the file's name."""
        rows = self.get("/importErrors")["import_errors"]
        return {row["filename"].rpartition("/")[2]: row["stack_trace"] for row in rows}
