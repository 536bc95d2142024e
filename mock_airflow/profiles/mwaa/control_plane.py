"""The control plane: environments, and the tokens that open their web server."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_airflow.access.keys import Key
from mock_airflow.access.principals import Principal
from mock_airflow.answers import JSON, Answer, Refusal, compact
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call, Operation
from mock_airflow.journal.why import Why
from mock_airflow.profiles.dialect import SIGNED_IN, VendorDialect
from mock_airflow.profiles.mwaa.iam import airflow_roles, decide, environment_arn, principal_of, role_arn
from mock_airflow.profiles.mwaa.identity import CLI, WEB, airflow_identity, identify, principal, token_for
from mock_airflow.profiles.mwaa.problems import constraint, invalid, not_found, refused

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Request

    from mock_airflow.access.admission import Admission
    from mock_airflow.access.site import Site
    from mock_airflow.profiles.mwaa.estate import MwaaEnvironment, MwaaEstate

_NAME = re.compile(r"[a-zA-Z][0-9a-zA-Z_-]*\Z")
_LONGEST_NAME, _MOST_RESULTS = 80, 25
_PREFIXES = ("env.", "api.", "ops.")  # that botocore puts before the host


class AwsDialect(VendorDialect):
    """The signature first, whoseever it is; each operation then asks IAM."""

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Whoever signed the request, with no role of Airflow's yet. Raises Refusal."""
        return principal(identify(request, deployment), (), deployment)

    def take_in(self, operation: Operation, admission: Admission, path: Mapping[str, Any]) -> Call:
        """The call of whoever may make it; one too many is throttled as AWS words it. Raises Refusal."""
        try:
            return super().take_in(operation, admission, path)
        except Refusal as refusal:
            if admission.decision != "limited":
                raise
            status = int(admission.deployment.settings.mwaa_throttling_status)
            raise refused("ThrottlingException", "Rate exceeded", refusal.why, status) from None

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """That the body is not JSON (reported: its name; assumed: its words)."""
        return refused("SerializationException", "Could not parse request body", Why(rule="malformed body"), 400)

    def dress(self, headers: Headers, admission: Admission) -> None:
        """Every answer has a number."""
        super().dress(headers, admission)
        headers["x-amzn-RequestId"] = admission.deployment.airflow.ids.uuid("request")


API = Api("mwaa", "", "Amazon MWAA's control plane", dialect=AwsDialect())
operation = API.tagged("MWAA")


def key_of(call: Call) -> Key:
    """The key that the request is signed with; the dialect has asked already, so there is one."""
    return call.deployment.keys.get(call.principal.credential_id.partition(":")[2])


def demand(call: Call, action: str, resource: str) -> None:
    """Refuse what IAM does not allow. Raises Refusal."""
    decision = decide(key_of(call), call.settings, action, resource)
    if not decision.allowed:
        raise denied(call, action, resource, decision.denied)


def demand_roles(call: Call, action: str, name: str) -> tuple[str, ...]:
    """The roles of Airflow's with which IAM allows the action. Raises Refusal where there is none."""
    roles = airflow_roles(key_of(call), call.settings, action, name)
    if not roles:
        raise denied(call, action, role_arn(call.settings, name, "Admin"), False)
    return roles


def denied(call: Call, action: str, resource: str, in_so_many_words: bool) -> Refusal:
    """AWS's sentence on what a principal may not do (reported)."""
    who = principal_of(key_of(call), call.settings).arn
    because = f"because no identity-based policy allows the {action} action"
    if in_so_many_words:
        because = "with an explicit deny in an identity-based policy"
    said = f"User: {who} is not authorized to perform: {action} on resource: {resource} {because}"
    passing = f"a policy that allows {action} on {resource}"
    return refused("AccessDeniedException", said, Why(said, "IAM policy", would_pass=passing))


def environment_named(call: Call) -> tuple[str, MwaaEstate]:
    """The name in the path, if it is one. Raises Refusal."""
    name = call.path["name"]
    if len(name) > _LONGEST_NAME:
        raise constraint("name", name, f"Member must have length less than or equal to {_LONGEST_NAME}")
    if not _NAME.match(name):
        raise constraint("name", name, "Member must satisfy regular expression pattern: ^[a-zA-Z][0-9a-zA-Z-_]*$")
    return name, call.deployment.vendor


def existing(call: Call, name: str, estate: MwaaEstate) -> MwaaEnvironment:
    """The environment of this name. Raises Refusal."""
    row = estate.environments.get(name)
    if row is None:
        raise not_found(name, call.deployment)
    return row


def with_airflow(call: Call, name: str, estate: MwaaEstate) -> None:
    """See that the environment has the Airflow that answers here. Raises Refusal."""
    existing(call, name, estate)
    if name != estate.main:
        raise not_found(name, call.deployment)


def hostname(call: Call) -> str:
    """Where the web server is, without a scheme: clients put https:// before it (code)."""
    set_by_hand = call.settings.mwaa_webserver_hostname
    if set_by_hand:
        return set_by_hand
    host = call.request.host + call.request.script_root
    prefix = next((each for each in _PREFIXES if host.startswith(each)), "")
    return host[len(prefix) :]


def told(value: Any) -> Answer:
    """An answer as AWS lays it out."""
    return Answer(compact(value), 200, JSON)


@operation("POST", "/webtoken/{name}", "CreateWebLoginToken", access=SIGNED_IN, confidential=True)
def create_web_login_token(call: Call) -> Answer:
    """Make a token that is exchanged for a session of Airflow's, with the roles that IAM allows."""
    name, estate = environment_named(call)
    roles = demand_roles(call, "airflow:CreateWebLoginToken", name)
    with_airflow(call, name, estate)
    key = key_of(call)
    who = principal_of(key, call.settings).name
    return told(
        {
            "AirflowIdentity": airflow_identity(who),
            "IamIdentity": who,
            "WebServerHostname": hostname(call),
            "WebToken": token_for(WEB, key, roles, call.deployment),
        }
    )


@operation("POST", "/clitoken/{name}", "CreateCliToken", access=SIGNED_IN, confidential=True)
def create_cli_token(call: Call) -> Answer:
    """Make a token that opens the command line of Airflow's over HTTP."""
    name, estate = environment_named(call)
    demand(call, "airflow:CreateCliToken", environment_arn(call.settings, name))
    with_airflow(call, name, estate)
    token = token_for(CLI, key_of(call), (), call.deployment)
    return told({"CliToken": token, "WebServerHostname": hostname(call)})


@operation("GET", "/environments/{name}", "GetEnvironment", access=SIGNED_IN)
def get_environment(call: Call) -> Answer:
    """Describe an environment."""
    name, estate = environment_named(call)
    demand(call, "airflow:GetEnvironment", environment_arn(call.settings, name))
    return told({"Environment": estate.described(existing(call, name, estate), hostname(call))})


@operation("GET", "/environments", "ListEnvironments", access=SIGNED_IN)
def list_environments(call: Call) -> Answer:
    """List the names of environments, page by page."""
    demand(call, "airflow:ListEnvironments", environment_arn(call.settings, "*"))
    estate: MwaaEstate = call.deployment.vendor
    names = sorted(row.name for row in estate.environments)
    start, most = _start(call.query), _most(call.query)
    page: dict[str, Any] = {"Environments": names[start : start + most]}
    if start + most < len(names):
        page["NextToken"] = base64.urlsafe_b64encode(f"after {start + most}".encode()).decode()
    return told(page)


def _most(query: Mapping[str, str]) -> int:
    text = query.get("MaxResults", str(_MOST_RESULTS))
    if not re.fullmatch("-?[0-9]{1,9}", text):
        raise constraint("maxResults", text, "Member must be a number")
    if int(text) < 1:
        raise constraint("maxResults", text, "Member must have value greater than or equal to 1")
    if int(text) > _MOST_RESULTS:
        raise constraint("maxResults", text, f"Member must have value less than or equal to {_MOST_RESULTS}")
    return int(text)


def _start(query: Mapping[str, str]) -> int:
    token = query.get("NextToken")
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token).decode().partition(" ")
        if word == "after" and re.fullmatch("[0-9]{1,9}", number):
            return int(number)
    except (binascii.Error, ValueError):
        pass  # refused with every other text that no answer had
    raise invalid("The provided NextToken is invalid.")
