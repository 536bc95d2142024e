"""A machine's metadata server, as google-auth and others ask it for the tokens of the account that the machine runs as.

Documented, and read from google-auth's code: the header that it demands and sends, the paths. It is here so that
``GCE_METADATA_HOST`` is all that a client of Google's needs to come in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mock_airflow.answers import HTML, JSON, Answer, Refusal
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.composer.accounts import CLOUD_PLATFORM, email_of, first_key, unique_id
from mock_airflow.profiles.composer.identity import access_token, id_token
from mock_airflow.profiles.composer.problems import laid_out
from mock_airflow.profiles.dialect import VendorDialect

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.keys import Key
    from mock_airflow.access.site import Site

FLAVOR = {"Metadata-Flavor": "Google", "Server": "Metadata Server for VM"}
TEXT = "application/text"
_ROOT = "/computeMetadata/v1"


class MetadataDialect(VendorDialect):
    """Whoever is on the machine may ask; a header shows that it asks on purpose."""

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """A body that is no JSON; nothing here reads any."""
        return _refused(400, "Bad Request", "malformed body")


API = Api("google-metadata", "", "A machine's metadata", dialect=MetadataDialect())
operation = API.tagged("Metadata")


def is_metadata_request(request: Request) -> bool:
    """Whether a request says that it is meant for the metadata server."""
    return request.headers.get("Metadata-Flavor") == "Google"


def _refused(status: int, said: str, rule: str) -> Refusal:
    return Refusal(
        status=status,
        body=f"<!DOCTYPE html>\n<html lang=en>\n<title>Error {status}</title>\n<p>{said}\n",
        content_type=HTML,
        why=Why(said, rule, "the header Metadata-Flavor", "Metadata-Flavor: Google"),
        headers=dict(FLAVOR),
    )


def _told(value: str, kind: str = TEXT) -> Answer:
    return Answer(value, 200, kind, FLAVOR)


def _demand(call: Call) -> None:
    """Refuse whoever does not ask on purpose, or where there is no such server. Raises Refusal."""
    if not call.settings.composer_metadata_server:
        raise _refused(404, "The setting composer_metadata_server has it off.", "off")
    if not is_metadata_request(call.request):
        raise _refused(403, "Missing Metadata-Flavor:Google header.", "no flavor")


def _account(call: Call) -> Key:
    """The key of the account that is asked for. Raises Refusal."""
    _demand(call)
    key, name = first_key(call.deployment), call.path.get("account", "default")
    if key is None or key.ended(call.airflow.now()) is not None:
        raise _refused(404, "The machine's service account has no key that counts.", "no key")
    if name not in ("default", email_of(key, call.airflow, call.settings)):
        raise _refused(404, f"The machine has no service account {name!r}.", "unknown account")
    return key


@operation("GET", f"{_ROOT}/project/project-id", "metadata_project", access=None)
def project(call: Call) -> Answer:
    """Tell the project's id."""
    _demand(call)
    return _told(call.settings.composer_project)


@operation("GET", f"{_ROOT}/project/numeric-project-id", "metadata_project_number", access=None)
def project_number(call: Call) -> Answer:
    """Tell the project's number."""
    _demand(call)
    return _told(unique_id(call.settings.composer_project)[:12])


@operation("GET", f"{_ROOT}/universe/universe-domain", "metadata_universe", access=None)
def universe(call: Call) -> Answer:
    """Tell that this is the usual Google Cloud."""
    _demand(call)
    return _told("googleapis.com")


@operation("GET", f"{_ROOT}/instance/service-accounts/{{account}}/", "metadata_account", access=None)
def account(call: Call) -> Answer:
    """Tell of the machine's service account."""
    email = email_of(_account(call), call.airflow, call.settings)
    return _told(laid_out({"aliases": ["default"], "email": email, "scopes": [CLOUD_PLATFORM]}), JSON)


@operation("GET", f"{_ROOT}/instance/service-accounts/{{account}}/email", "metadata_email", access=None)
def email(call: Call) -> Answer:
    """Tell its address."""
    return _told(email_of(_account(call), call.airflow, call.settings))


@operation("GET", f"{_ROOT}/instance/service-accounts/{{account}}/token", "metadata_token", access=None)
def token(call: Call) -> Answer:
    """Hand out an access token of the machine's service account."""
    key = _account(call)
    asked = [each for each in call.query.get("scopes", "").replace(",", " ").split() if each]
    made = {
        "access_token": access_token(key, tuple(asked) or (CLOUD_PLATFORM,), call.deployment),
        "expires_in": max(call.settings.composer_token_seconds - 1, 1),
        "token_type": "Bearer",
    }
    return _told(laid_out(made), JSON)


@operation("GET", f"{_ROOT}/instance/service-accounts/{{account}}/identity", "metadata_identity", access=None)
def identity(call: Call) -> Answer:
    """Hand out an id token of the machine's service account, for an audience."""
    key = _account(call)
    if not call.query.get("audience"):
        raise _refused(400, "non-empty audience parameter required", "no audience")
    return _told(id_token(key, call.query["audience"], call.deployment), HTML)


@operation("GET", "/computeMetadata", "metadata_root", access=None)
def root(call: Call) -> Answer:
    """Tell that this is a metadata server; google-auth asks the root of GCE_METADATA_IP, which has this path here."""
    _demand(call)
    return _told("v1/\n")
