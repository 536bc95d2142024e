"""How the endpoints of a vendor's own take a request in: everything in the vendor's words, none in Airflow's."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.access.admission import Admission
from mock_airflow.access.permissions import Access
from mock_airflow.access.principals import NOBODY, Principal
from mock_airflow.answers import Refusal
from mock_airflow.api.airflow2.dialect import Dialect2
from mock_airflow.api.operation import Call, Operation

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.settings import Settings

SIGNED_IN = Access("GET")  # the ``access`` of an operation that takes any credential; None takes nobody's

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class VendorDialect(Dialect2):
    """Credential first, then limits and scope; the handler reads the body and refuses it in the vendor's words.

    A call's ``query`` holds the first value of each parameter as text, its ``body`` the parsed JSON, or a form's fields
    as texts, or None.
    """

    def take_in(self, operation: Operation, admission: Admission, path: Mapping[str, Any]) -> Call:
        """The call of whoever may make it. Raises Refusal."""
        request, deployment = admission.request, admission.deployment
        principal = NOBODY
        if operation.access is not None:
            principal = admission.let_in(self.authenticate)
        body = self._body(request, deployment)
        origin = request.host_url.rstrip("/")
        return Call(operation, deployment, principal, path, request.args, body, request.headers, origin, request)

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Who calls; the profile's own way unless the vendor's endpoints read something else. Raises Refusal."""
        return deployment.profile.authenticate(request, deployment)

    def _body(self, request: Request, deployment: Site) -> Any:
        if request.mimetype in _FORMS:
            return request.form.to_dict()
        data = request.get_data(cache=True)
        if not data:
            return None
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise self.unreadable(request, deployment) from None

    @abstractmethod
    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """What is answered to a body that is neither JSON nor a form."""

    def longest_body(self, settings: Settings) -> int | None:
        """As many as anything here."""
        return None

    def dress(self, headers: Headers, admission: Admission) -> None:
        """Airflow's cross-origin headers are Airflow's alone, and a vendor's Cache-Control counts before its."""
        said = headers.getlist("Cache-Control")
        if len(said) > 1:
            headers["Cache-Control"] = said[0]
