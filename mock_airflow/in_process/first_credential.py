"""Who a request with the deployment's first credential is, and how a line that repeats a call names that credential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mock_airflow.deployment import Deployment
    from mock_airflow.journal.curl import Known


def taken_for(deployment: Deployment, headers: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The name and the roles with which a request would come in; it counts for nothing, as it is no request."""
    from werkzeug.test import EnvironBuilder
    from werkzeug.wrappers import Request

    before = deployment.snapshot()
    try:
        request = Request(EnvironBuilder(f"{deployment.api_path}/dags", headers=[*headers.items()]).get_environ())
        principal = deployment.profile.authenticate(request, deployment)
        return principal.name, principal.roles
    finally:
        deployment.restore(before)


def known_at(deployment: Deployment, url: str) -> Known:
    """What is known of the first credential, for a deployment that is served at ``url``."""
    from mock_airflow.journal.curl import Known

    credentials = deployment.credentials
    copy = deployment.fresh()  # as the one that is served: by now the credential may open nothing, not even for a token
    headers = copy.profile.headers(credentials, copy)
    variables = deployment.profile.environment(url, credentials, deployment.settings)
    read = deployment.profile.credential_header(deployment.settings)
    return Known(taken_for(copy, headers)[0], credentials, headers, variables, read)
