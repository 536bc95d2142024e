"""The control API itself, which the modules beside this one fill."""

from mock_airflow.api.api import Api

API = Api("control", "/__mock__", "Mock Airflow control API", filled_by={"mock_airflow.control.operations": ""})
operation = API.tagged("Control")
DEPLOYMENTS = "Deployments"  # the tag of what is about the deployments of a hub, and not about the one that is asked
