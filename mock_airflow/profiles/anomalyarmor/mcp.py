"""The MCP server at ``/mcp``: streamable HTTP without sessions, guarded by OAuth, with the armor tools over the estate.

From armor-mcp 0.9.1 (code): that it keeps no session, its server card, that it takes OAuth tokens alone, and that it
passes them on to the API. A request without a credential gets 401 with an empty body and where to find the
authorization server; a bad token gets 401 with an error (RFC 6750, RFC 9728; as fastmcp does). Revisions of the
protocol from 2024-11-05 to 2025-11-25 are spoken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import structs

from mock_airflow._version import __version__
from mock_airflow.access.oauth.metadata import challenge
from mock_airflow.access.principals import Principal
from mock_airflow.answers import JSON, Answer, Refusal
from mock_airflow.api.api import Api
from mock_airflow.api.operation import Call
from mock_airflow.journal.why import Why
from mock_airflow.profiles.anomalyarmor.answers import Listed, text_of
from mock_airflow.profiles.anomalyarmor.api import API, HOST, ArmorDialect
from mock_airflow.profiles.anomalyarmor.gate import bearer_of, check_scope, needed_scope, token_holder, unauthorized
from mock_airflow.profiles.anomalyarmor.oauth import RESOURCE_NAME
from mock_airflow.profiles.anomalyarmor.resource import OPERATIONS
from mock_airflow.profiles.anomalyarmor.tools import TOOLS, ToolProblem, Use
from mock_airflow.profiles.dialect import SIGNED_IN

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.site import Site

VERSIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")  # the newest first
EVENTS = "text/event-stream"
_INSTRUCTIONS = "Begin with health_summary. Jobs are followed with job_status. This is a mock of AnomalyArmor."
_CAPABILITIES = {"tools": {"listChanged": False}}
_PARSE, _INVALID, _UNKNOWN_METHOD, _WRONG_PARAMS = -32700, -32600, -32601, -32602


class McpDialect(ArmorDialect):
    """An access token first, refused in the words of the MCP server."""

    def authenticate(self, request: Request, deployment: Site) -> Principal:
        """Whose access token it is; a key counts only with the setting for it. Raises Refusal."""
        settings = deployment.settings
        try:
            value = bearer_of(request, settings)
            if deployment.keys.find(value) is None:
                return token_holder(value, request, deployment)
            if settings.anomalyarmor_mcp_keys:
                return deployment.profile.authenticate(request, deployment)
            said = "An API key was sent, and the MCP server takes OAuth access tokens alone."
            raise unauthorized(settings, "", Why(said, "kind of credential"))
        except Refusal as refusal:
            raise _challenged(refusal, request) from None

    def _body(self, request: Request, deployment: Site) -> Any:
        if request.method == "POST" and request.mimetype != JSON:
            raise _transport_refusal(415, "The content type must be application/json.")
        return super()._body(request, deployment)

    def unreadable(self, request: Request, deployment: Site) -> Refusal:
        """A body that is not JSON."""
        return _transport_refusal(400, "The body is not JSON.", _PARSE)


def _challenged(refusal: Refusal, request: Request) -> Refusal:
    where = f"{request.host_url.rstrip('/')}/.well-known/oauth-protected-resource/mcp"
    if refusal.why.rule in ("no credential", "scheme"):
        header, body = challenge(resource_metadata=where), ""
    else:
        said = "The access token is invalid, expired or unknown; sign in again."
        header = challenge("invalid_token", said, resource_metadata=where)
        body = text_of({"error": "invalid_token", "error_description": said})
    headers = {"WWW-Authenticate": header, "Cache-Control": "no-store"}
    passing = "an OAuth access token of this server, as Authorization: Bearer <token>"
    return replace(refusal, body=body, headers=headers, why=refusal.why._replace(would_pass=passing))


def _transport_refusal(
    status: int, message: str, code: int = _INVALID, headers: dict[str, str] | None = None
) -> Refusal:
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
    why = Why(message, "transport")
    return Refusal(status=status, body=text_of(body), content_type=JSON, why=why, headers=headers or {})


MCP = Api("anomalyarmor_mcp", "", "AnomalyArmor's MCP server", dialect=McpDialect())
operation = MCP.tagged("MCP")


@operation("GET", "/mcp", "open_mcp_stream", access=SIGNED_IN)
def open_mcp_stream(call: Call) -> Answer:
    """Refuse a stream of the server's own messages: without sessions there are none."""
    raise _transport_refusal(
        405, "This server keeps no session and sends nothing by itself.", headers={"Allow": "POST"}
    )


@operation("DELETE", "/mcp", "end_mcp_session", access=SIGNED_IN)
def end_mcp_session(call: Call) -> Answer:
    """Refuse to end a session: there is none."""
    raise _transport_refusal(405, "This server keeps no session.", headers={"Allow": "POST"})


@operation("POST", "/mcp", "post_mcp_message", access=SIGNED_IN)
def post_mcp_message(call: Call) -> Answer:
    """Take one message of JSON-RPC, and answer it if it is a request."""
    accept = call.headers.get("Accept", "*/*")
    if "*/*" not in accept and not (JSON in accept and EVENTS in accept):
        raise _transport_refusal(406, "A client must accept both application/json and text/event-stream.")
    version = call.headers.get("MCP-Protocol-Version")
    message = call.body
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        raise _transport_refusal(400, "The body is no single JSON-RPC message.")
    if "method" not in message:
        return Answer("", 202)  # an answer to a request that was never made
    if version is not None and version not in VERSIONS and message["method"] != "initialize":
        raise _transport_refusal(400, f"The protocol version is none of {', '.join(VERSIONS)}.")
    if "id" not in message:
        return Answer("", 202)
    if not isinstance(message["id"], (str, int)) or isinstance(message["id"], bool):
        raise _transport_refusal(400, "The id of a request is a text or a number.")
    told = {"jsonrpc": "2.0", "id": message["id"], **_replied(call, message)}
    if call.settings.anomalyarmor_mcp_json:
        return Answer(text_of(told))
    return Answer(f"event: message\r\ndata: {text_of(told)}\r\n\r\n", content_type=EVENTS)


def _replied(call: Call, message: Mapping[str, Any]) -> dict[str, Any]:
    params = message.get("params", {})
    if not isinstance(params, dict):
        return _error(_WRONG_PARAMS, "The params must be an object.")
    work = _METHODS.get(str(message["method"]))
    if work is None:
        return _error(_UNKNOWN_METHOD, f"Method not found: {str(message['method'])[:80]}")
    return work(call, params) if callable(work) else {"result": work}


def _error(code: int, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _initialized(call: Call, params: Mapping[str, Any]) -> dict[str, Any]:
    asked = params.get("protocolVersion")
    if not isinstance(asked, str):
        return _error(_WRONG_PARAMS, "protocolVersion is missing.")
    told = {
        "protocolVersion": asked if asked in VERSIONS else VERSIONS[0],
        "capabilities": _CAPABILITIES,
        "serverInfo": {"name": "armor-mcp", "title": RESOURCE_NAME, "version": __version__},
        "instructions": _INSTRUCTIONS,
    }
    return {"result": told}


def _called(call: Call, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a tool gives. Whatever goes wrong inside of it is told to the model, as a result that is an error."""
    tool = TOOLS.get(str(params.get("name")))
    if tool is None:
        return _error(_WRONG_PARAMS, f"Unknown tool: {str(params.get('name'))[:80]}")
    try:
        value = _used(call, tool.use(tool.checked(params.get("arguments") or {})))
    except ToolProblem as problem:
        return _result(str(problem), isError=True)
    except Refusal as refusal:
        body = json.loads(refusal.body)
        error = body["error"]
        code, message = (error["code"], error["message"]) if isinstance(error, dict) else (error, body["message"])
        return _result(f"{code}: {message}", isError=True)
    plain = json.loads(text_of(list(value.rows) if isinstance(value, Listed) else value))
    structured = plain if isinstance(plain, dict) else {"result": plain}
    return _result(text_of(plain), structuredContent=structured, isError=False)


def _result(text: str, **more: Any) -> dict[str, Any]:
    return {"result": {"content": [{"type": "text", "text": text}], **more}}


def _used(call: Call, use: Use) -> Any:
    """What an operation gives to who calls the tool. Raises Refusal, as the API would."""
    described = API.operations[use.operation_id]
    needed = needed_scope(described.method, API.prefix + described.path, call.settings)
    check_scope(call.principal, needed, call.settings, Why("The scope is too small."))
    path = {name: use.given[name] for name in described.path_names}
    rest: dict[str, Any] = {name: value for name, value in use.given.items() if name not in path}
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in rest.items()}
    query, body = ({}, rest) if described.method in ("POST", "PUT", "PATCH") else (texts, None)
    inner = structs.replace(call, operation=described, path=path, query=query, body=body)
    mark = len(call.airflow.changes)
    try:
        given = OPERATIONS.get(use.operation_id)
        if given is not None:
            return given(inner)
        return json.loads(described.answered(inner).body)["data"]
    except BaseException:
        call.airflow.undo(call.airflow.changes[mark:])
        del call.airflow.changes[mark:]
        raise


_METHODS: dict[str, Any] = {  # results, and what gives one of a call and its params
    "initialize": _initialized,
    "ping": {},
    "tools/list": lambda call, params: {"result": {"tools": [tool.told() for tool in TOOLS.values()]}},
    "tools/call": _called,
    "resources/list": {"resources": []},
    "resources/templates/list": {"resourceTemplates": []},
    "prompts/list": {"prompts": []},
}


@HOST.tagged("MCP")("GET", "/.well-known/mcp/server-card.json", "get_mcp_server_card", access=None)
def get_mcp_server_card(call: Call) -> Answer:
    """Tell agents of the MCP server (SEP-1649)."""
    url, name, version = f"{call.origin}/mcp", "AnomalyArmor", __version__
    said = "Data observability tools for AI assistants (a mock)."
    guard = f"{call.origin}/.well-known/oauth-protected-resource/mcp"
    told = {
        "$schema": "https://modelcontextprotocol.io/schemas/server-card/draft-1.json",
        "name": name,
        "description": said,
        "version": version,
        "serverUrl": url,
        "serverInfo": {"name": name, "title": RESOURCE_NAME, "version": version, "description": said},
        "transports": [{"type": "streamable-http", "url": url, "preferred": True}],
        "authentication": {"type": "oauth2", "oauthProtectedResource": guard},
        "capabilities": _CAPABILITIES,
    }
    return Answer(text_of(told))
