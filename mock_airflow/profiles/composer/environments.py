"""The Composer API: the one environment that there is, got and listed, and Airflow commands that are run in it.

Read from the client library's code: paths, fields, enumerations. The form of the errors is that of Google's other APIs.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from mock_airflow.access.principals import Principal
from mock_airflow.answers import Answer, Refusal, Unidentified
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.base import acting
from mock_airflow.profiles.composer.accounts import FIRST, service_account
from mock_airflow.profiles.composer.identity import GoogleAccount, bearer, by_access_token, by_own_jwt
from mock_airflow.profiles.composer.problems import INVALID, MISSING, SERVICE, UNSCOPED, api_error, told
from mock_airflow.profiles.dialect import SIGNED_IN, VendorDialect

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site
    from mock_airflow.profiles.composer.estate import ComposerEstate
    from mock_airflow.settings import Settings

_METHOD = "google.cloud.orchestration.airflow.service.v1.Environments"
_PLACE = "/v1/projects/{project}/locations/{location}/environments"
ENVIRONMENT = f"{_PLACE}/{{environment}}"
_RUNNING = 2  # of the enumeration of states
_REASONS = {"expired": "ACCESS_TOKEN_EXPIRED", "unknown": "ACCESS_TOKEN_TYPE_UNSUPPORTED"}
_PASSING = "Authorization: Bearer <an access token with the scope cloud-platform>"


class ComposerDialect(VendorDialect):
    """An access token first, whosever it is; IAM is asked next."""

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Whoever Google knows and IAM lets in. Raises Refusal."""
        account = _known(request, deployment)
        if not account.scoped:
            why = Why("The token lacks the scope cloud-platform.", "scope", would_pass=_PASSING)
            raise api_error(403, UNSCOPED, why, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
        if not account.granted:
            said = f"IAM gives {account.email} no role in the project."
            raise api_error(403, "The caller does not have permission", Why(said, "no role"), "IAM_PERMISSION_DENIED")
        return acting(deployment, account.email, (), account.credential_id, account.key)

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """The API's answer to a body that is not JSON (assumed: its words)."""
        return api_error(400, "Invalid JSON payload received.", Why(rule="malformed body"))


def _known(request: Request, deployment: Site) -> GoogleAccount:
    try:
        text = bearer(request)
        if text.count(".") == 2 and text.startswith("ey"):
            return by_own_jwt(text, deployment, (f"https://{SERVICE}/", f"https://{request.host}/", request.host_url))
        return by_access_token(text, deployment)
    except Unidentified as nobody:
        why = nobody.why._replace(read_from="the Authorization header", would_pass=_PASSING)
        if why.rule == "no credential":
            raise api_error(401, MISSING, why, "CREDENTIALS_MISSING") from None
        raise api_error(401, INVALID, why, _REASONS.get(why.rule, "ACCESS_TOKEN_TYPE_UNSUPPORTED")) from None


API = Api("composer", "", "Cloud Composer API", dialect=ComposerDialect())
operation = API.tagged("Environments")


def environment_name(settings: Settings) -> str:
    """The environment's resource name."""
    place = f"projects/{settings.composer_project}/locations/{settings.composer_location}"
    return f"{place}/environments/{settings.composer_environment}"


def host_of(settings: Settings) -> str:
    """A host of the vendor's form for the environment's web server (documented)."""
    from hashlib import sha256

    hash_ = sha256(environment_name(settings).encode()).hexdigest()[:32]
    if settings.composer_generation == "1":
        return f"{hash_[:16]}-tp.appspot.com"
    return f"{hash_}-dot-{settings.composer_location}.composer.googleusercontent.com"


def airflow_uri(settings: Settings, origin: str) -> str:
    """Where the environment's web server is said to be."""
    return origin if settings.composer_web_server == "called" else f"https://{host_of(settings)}"


def _moment(at: datetime) -> str:
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _image(settings: Settings) -> str:
    release = {"1": "1.20.12", "2": "2.13.9", "3": "3"}[settings.composer_generation]
    return f"composer-{release}-airflow-{settings.airflow_version}"


def _view(call: Call) -> dict[str, Any]:
    settings, estate = call.settings, estate_of(call)
    numbers = "enum-encoding=int" in call.query.get("$alt", "")
    begun = _moment(estate.begun_at)
    bucket = f"{settings.composer_location}-{settings.composer_environment}-bucket"
    return {
        "name": environment_name(settings),
        "config": {
            "dagGcsPrefix": f"gs://{bucket}/dags",
            "softwareConfig": {"imageVersion": _image(settings), "pythonVersion": "3"},
            "nodeConfig": {"serviceAccount": service_account(FIRST, settings)},
            "airflowUri": airflow_uri(settings, call.origin),
        },
        "uuid": estate.uuid,
        "state": _RUNNING if numbers else "RUNNING",
        "createTime": begun,
        "updateTime": begun,
        "storageConfig": {"bucket": bucket},
    }


def estate_of(call: Call) -> ComposerEstate:
    """What the environment has beside its Airflow."""
    estate: ComposerEstate = call.deployment.vendor
    return estate


def place_of(call: Call) -> None:
    """Refuse a project or a location that is not the environment's. Raises Refusal."""
    settings = call.settings
    if call.path["project"] != settings.composer_project:
        said = f"There is only the project {settings.composer_project!r}, and this names {call.path['project']!r}."
        denied = "Permission denied on resource project " + str(call.path["project"]) + "."
        raise api_error(403, denied, Why(said, "project"), "CONSUMER_INVALID")


def environment_of(call: Call, method: str) -> str:
    """The name of the environment that the path names, which has to exist. Raises Refusal."""
    place_of(call)
    asked = "projects/{project}/locations/{location}/environments/{environment}".format(**call.path)
    if asked != environment_name(call.settings):
        why = Why(f"There is no environment but {environment_name(call.settings)}.", "not found")
        raise api_error(404, f"Resource '{asked}' was not found", why, method=f"{_METHOD}.{method}")
    return asked


@operation("GET", _PLACE, access=SIGNED_IN)
def list_environments(call: Call) -> Answer:
    """Tell of the environments of a location; of all with ``-`` in its place."""
    place_of(call)
    here = call.path["location"] in ("-", call.settings.composer_location)
    return told({"environments": [_view(call)]} if here else {})


@operation("GET", ENVIRONMENT, access=SIGNED_IN)
def get_environment(call: Call) -> Answer:
    """Tell of the environment; ``config.airflowUri`` is where its web server is."""
    environment_of(call, "GetEnvironment")
    return told(_view(call))
