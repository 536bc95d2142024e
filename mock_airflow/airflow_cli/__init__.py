"""Airflow's command line, as far as its commands have a counterpart in the API: run against a deployment, no process.

Vendors that let nobody at a shell hand commands through: MWAA over HTTP, Cloud Composer in its own API. What is
printed is Airflow's own (observed on 2.11.2 and 3.3.2), but for the lines of its logging and the frames of tracebacks.
"""

from mock_airflow.airflow_cli.running import Outcome, run

__all__ = ["Outcome", "run"]
