"""The effects by keyword. They act in the order in which these modules, and the functions in them, stand."""

from mock_airflow.faults.effects import request, state, answers, connection  # noqa: F401, I001  (they fill EFFECTS)
from mock_airflow.faults.rule import EFFECTS

__all__ = ["EFFECTS"]
