"""How Airbyte's own endpoints take a request in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_airflow.answers import Refusal
from mock_airflow.api.api import Api
from mock_airflow.profiles.airbyte.wording import failed
from mock_airflow.profiles.dialect import VendorDialect

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site

# The public API of a deployment of one's own, and of the cloud, which also the pages' links point to (code).
PUBLIC_PREFIXES = {"public": "/api/public/v1", "cloud": "/v1"}


class AirbyteDialect(VendorDialect):
    """Everything in the words of Airbyte's server."""

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """JSON that cannot be read (code)."""
        return failed(deployment, 422, "The body is not valid JSON.")


API = Api("airbyte", "", "Airbyte", dialect=AirbyteDialect())
