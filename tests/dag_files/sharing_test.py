"""Files that leave nothing behind share a process: which they are, and that none of them is in another's way."""

from __future__ import annotations

import pytest

from mock_airflow import MockAirflow
from mock_airflow.dag_files.parsing.sharing import is_plain

PLAIN = """
from datetime import datetime
from airflow import DAG
from airflow.operators.bash import BashOperator

class Mine(BashOperator):
    pass

with DAG("{0}", schedule="@daily", start_date=datetime(2025, 1, 1), tags=["a"]) as dag:
    Mine(task_id="one", bash_command="true") >> BashOperator(task_id="two", bash_command="true")
"""


@pytest.mark.parametrize(
    ("added", "plain"),
    [
        ("", True),
        ('if __name__ == "__main__":\n    dag.test()', True),
        ("import json", True),
        ("import os", False),
        ("import datetime, os", False),
        ("from company import thing", False),
        ("from airflow.plugins_manager import AirflowPlugin", False),
        ("BashOperator.ui_color = '#fff'", False),
        ("setattr(BashOperator, 'ui_color', '#fff')", False),
        ("__import__('os')", False),
        ("open('/etc/hosts')", False),
    ],
)
def test_a_file_is_plain_if_it_can_leave_nothing_behind(tmp_path, added, plain):
    file = tmp_path / "dag.py"
    file.write_text(f"{PLAIN.format('etl')}\n{added}\n", encoding="utf-8")
    assert is_plain(str(file)) is plain


def test_plain_files_are_read_one_after_another_and_a_stuck_one_ends_alone(tmp_path):
    for name in ("a", "b", "d", "e"):
        (tmp_path / f"{name}.py").write_text(PLAIN.format(name), encoding="utf-8")
    (tmp_path / "c.py").write_text("from airflow import DAG\nwhile True:\n    pass\n", encoding="utf-8")

    with MockAirflow(dags_folder=str(tmp_path), dagbag_import_timeout=0.2) as airflow:
        found = {dag.dag_id: [*dag.tasks] for dag in airflow.deployment.airflow.dags}
        errors = {row.filename.rpartition("/")[2]: row.stack_trace for row in airflow.deployment.airflow.import_errors}

    assert found == {name: ["one", "two"] for name in "abde"}
    assert list(errors) == ["c.py"]
    assert "DagBag import timeout" in errors["c.py"]
