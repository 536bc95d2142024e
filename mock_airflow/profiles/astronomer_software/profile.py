"""Astronomer Software's gate: the ingress asks Houston who calls, and sends nobodies to the login page.

Documented: the raw key in the header, the addresses, the temporary token. From code: how Houston reads the header and
judges, its roles, the redirect and the statuses that get a page of the platform's. Assumed: the pages' wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from mock_airflow.access.principals import Principal
from mock_airflow.answers import HTML, Answer, Refusal, Unidentified
from mock_airflow.errors import MissingExtraError
from mock_airflow.journal.why import Why
from mock_airflow.profiles.astronomer_software import pages
from mock_airflow.profiles.astronomer_software.estate import DEPLOYMENT_ID, WORKSPACE_ID, HoustonEstate
from mock_airflow.profiles.astronomer_software.houston import API
from mock_airflow.profiles.astronomer_software.identity import HoustonActor, identify
from mock_airflow.profiles.astronomer_software.roles import LEVEL_OF_SCOPE
from mock_airflow.profiles.astronomer_software.service_accounts import FORM
from mock_airflow.profiles.base import Profile, acting, too_many

if TYPE_CHECKING:
    from werkzeug.wrappers import Request, Response

    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site
    from mock_airflow.domain.airflow import Airflow
    from mock_airflow.domain.records.json_object import JsonObject
    from mock_airflow.limits.standing import Exceeded
    from mock_airflow.settings import Settings

_SCOPE_OF_ROLE = {"Admin": "admin", "User": "read-write", "Viewer": "read-only", "Op": "admin"}
_PAGES = (403, 404, 502, 503)  # the ingress's custom-http-errors (code)


class AstronomerSoftware(Profile):
    """The key's role on the release decides what the request may do in its Airflow."""

    name = "astronomer-software"
    title = "Astronomer Software"
    gateway = True
    reads_keys = True
    key_form = FORM
    signs_tokens = True
    apis = (API,)
    experimental_api = True
    security: ClassVar = {"ServiceAccount": {"type": "apiKey", "in": "header", "name": "Authorization"}}

    def attach(self, airflow: Airflow, settings: Settings) -> HoustonEstate:
        """The installation's workspaces and deployments. Raises SettingError without the package for GraphQL."""
        from importlib.util import find_spec

        if find_spec("graphql") is None:
            raise MissingExtraError(
                f"The profile {self.name!r} answers GraphQL, which takes graphql-core; "
                "install it with: pip install 'mock-airflow[graphql]'"
            )
        return HoustonEstate(airflow, settings)

    def mount(self, settings: Settings) -> str:
        """Airflow's place on the host of all deployments (documented)."""
        return f"/{settings.astronomer_software_release}/airflow"

    def airflow_1(self, settings: Settings) -> bool:
        """The experimental API is that of Airflow 1.10, unless the field that came later is asked for."""
        return not settings.astronomer_software_include_deferred

    def prepare(self, deployment: Site) -> dict[str, str]:
        """The key of an administrator of the workspace, and so of its deployments."""
        details = {"role": "WORKSPACE_ADMIN", "entity_id": WORKSPACE_ID, "category": "default"}
        issued = deployment.keys.issue(name="first key", owner="first key", details=details)
        return self._credentials(deployment, issued.secret)

    def credentials_for(self, deployment: Site, role: str) -> dict[str, str]:
        """The key of a service account of the deployment whose role comes down to that role of Airflow's."""
        scope = _SCOPE_OF_ROLE.get(role, "read-only")
        details = {
            "role": f"DEPLOYMENT_{LEVEL_OF_SCOPE[scope]}",
            "entity_id": DEPLOYMENT_ID,
            "category": "default",
            "airflow_role": role,
        }
        return self._credentials(deployment, deployment.keys.issue(name=role, scope=scope, details=details).secret)

    def _credentials(self, deployment: Site, key: str) -> dict[str, str]:
        return {"api_key": key, "release": deployment.settings.astronomer_software_release}

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Whoever Houston knows and has a role on the release. Raises Refusal: to the login page, or a 403 page."""
        actor = self._identified(request, deployment)
        release = deployment.vendor.releases.get(DEPLOYMENT_ID)
        if release is None:
            raise _page(404, "This deployment was deleted in Houston; its Airflow went with it.", "deleted deployment")
        return self._with_a_role(actor, release.id, release.release_name, deployment)

    def _identified(self, request: Request, deployment: Site) -> HoustonActor:
        try:
            return identify(request, deployment)
        except Unidentified as nobody:
            raise _redirect(request, deployment, nobody.why) from None

    def _with_a_role(self, actor: HoustonActor, release_id: str, name: str, deployment: Site) -> Principal:
        roles = actor.airflow_roles(release_id)
        if not roles:
            held = ", ".join(f"{each.role} on {each.entity_id}" for each in actor.bindings if each.role != "USER")
            reason = f"{actor.label!r} has {held or 'no role'}, and none on the release {name!r} ({release_id})."
            raise _page(403, reason, "no role", would_pass=f"a role on the deployment {release_id} or its workspace")
        username = actor.user.username if actor.user is not None else actor.id
        return acting(deployment, username, roles, actor.credential_id, actor.key)

    def bound_elsewhere(self, key: Key) -> JsonObject:
        """A role on another deployment, which this platform does not have."""
        return {**key.details, "role": "DEPLOYMENT_ADMIN", "entity_id": "another-deployment"}

    def with_role(self, key: Key, role: str) -> JsonObject:
        """The least role on the deployment, and the role of Airflow's that is asked for."""
        return {**key.details, "role": "DEPLOYMENT_VIEWER", "entity_id": DEPLOYMENT_ID, "airflow_role": role}

    def unmounted(self, request: Request, deployment: Site) -> Answer | None:
        """The page for an address beside the Airflow: nothing there, or another deployment, which has none here."""
        release, _, service = request.path.lstrip("/").partition("/")
        row = deployment.vendor.releases.lookup("release_name", release)
        if row is None or row.id == DEPLOYMENT_ID or service.partition("/")[0] not in ("airflow", "flower"):
            return Answer(pages.error(404), 404, HTML)
        self._with_a_role(self._identified(request, deployment), row.id, release, deployment)
        raise _page(503, f"The deployment {release!r} is known to Houston, but has no Airflow here.", "no Airflow")

    def sent(self, request: Request, response: Response, deployment: Site) -> Response:
        """The ingress puts the platform's page in the place of some of Airflow's answers."""
        if response.status_code in _PAGES and deployment.settings.astronomer_software_error_pages:
            response.set_data(pages.error(response.status_code))
            response.headers["Content-Type"] = HTML
        return response

    def failure(self, status: int, deployment: Site) -> Answer:
        """The platform's page, where the ingress has one for the status."""
        if status in _PAGES and deployment.settings.astronomer_software_error_pages:
            return Answer(pages.error(status), status, HTML)
        return super().failure(status, deployment)

    def limited(self, exceeded: Exceeded, deployment: Site) -> Refusal:
        """The platform's page (assumed: no limit is documented)."""
        return Refusal(
            status=429,
            body=pages.error(429),
            content_type=HTML,
            why=too_many(exceeded),
        )

    def headers(self, credentials: Mapping[str, str], deployment: Site) -> dict[str, str]:
        """The key alone, without any scheme (documented)."""
        return {"Authorization": credentials["api_key"]}

    def environment(self, url: str, credentials: Mapping[str, str], settings: Settings) -> dict[str, str]:
        """The names that the page's script uses, which reads no variables of the platform's."""
        return {
            "BASE_URL": f"{url}/",
            "DEPLOYMENT_ID": credentials["release"],
            "TOKEN": credentials["api_key"],
            "HOUSTON_URL": f"{url}/v1",
        }


def _redirect(request: Request, deployment: Site, why: Why) -> Refusal:
    """To the login page: what the ingress makes of Houston's 401 (code; the form of ``rd`` is the ingress's)."""
    domain = deployment.settings.astronomer_software_base_domain
    app = f"https://app.{domain}" if domain else request.host_url.rstrip("/")
    asked = request.environ.get("RAW_URI") or request.script_root + request.full_path.rstrip("?")
    back = f"{request.scheme}://{request.host}{quote(asked, safe='')}"
    return Refusal(
        status=302,
        body="<html>\r\n<head><title>302 Found</title></head>\r\n<body>\r\n"
        "<center><h1>302 Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        content_type="text/html",
        why=why._replace(would_pass="a service account's key, raw or after Bearer, or a user's temporary token"),
        headers={"Location": f"{app}/login?rd={back}"},
    )


def _page(status: int, reason: str, rule: str, would_pass: str = "") -> Refusal:
    return Refusal(
        status=status,
        body=pages.error(status),
        content_type=HTML,
        why=Why(reason, rule=rule, read_from="the Authorization header or the login's cookie", would_pass=would_pass),
    )


PROFILE = AstronomerSoftware()
