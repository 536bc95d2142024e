"""The vendor's APIs, how they take a request in, and what a deployment of the profile keeps of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.access.oauth.server import AuthorizationServer
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call, Operation
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.estate import ArmorEstate
from mock_airflow.profiles.anomalyarmor.jobs import settle
from mock_airflow.profiles.dialect import VendorDialect

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.admission import Admission
    from mock_airflow.access.site import Site
    from mock_airflow.answers import Refusal

_YAML = ("application/x-yaml", "application/yaml", "text/yaml")


class Vendor(NamedTuple):
    """What a deployment of this profile keeps of its own."""

    estate: ArmorEstate
    oauth: AuthorizationServer


class ArmorDialect(VendorDialect):
    """A credential first, then limits and scope; refusals in the vendor's envelope."""

    def take_in(self, operation: Operation, admission: Admission, path: Mapping[str, Any]) -> Call:
        """The call; whatever is due in the estate has happened before it."""
        call = super().take_in(operation, admission, path)
        settle(call.deployment.vendor.estate)
        return call

    def _body(self, request: Request, deployment: Site) -> Any:
        if request.mimetype in _YAML:
            return request.get_data(cache=True).decode("utf-8", "replace")
        return super()._body(request, deployment)

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """A body that is not JSON."""
        return answers.invalid(deployment.settings, "The request body is not valid JSON")


API = Api("anomalyarmor", "/api/v1", "AnomalyArmor", dialect=ArmorDialect())
HOST = Api("anomalyarmor_host", "", "AnomalyArmor", dialect=API.dialect)  # beside /api/v1: OAuth, discovery
