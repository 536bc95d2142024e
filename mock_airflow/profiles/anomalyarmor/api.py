"""The vendor's endpoints: one table of them, and how they take a request in.

``resource`` declares one whose handler gives plain values. It is served below ``/api/v1/sdk`` in the wrapped form; with
``documented`` also without ``/sdk``, in the form of the documentation, which shows ``/api/v1/assets`` where the Python
package calls ``/api/v1/sdk/assets``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.access.oauth.server import AuthorizationServer
from mock_airflow.api.operation import Answer, Api, Call
from mock_airflow.profiles.anomalyarmor import answers
from mock_airflow.profiles.anomalyarmor.estate import Estate
from mock_airflow.profiles.anomalyarmor.records import Asset, Item
from mock_airflow.profiles.dialect import SIGNED_IN, VendorManners

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from mock_airflow.access.principals import Refusal
    from mock_airflow.api.operation import Operation
    from mock_airflow.corridor.exchange import Exchange
    from mock_airflow.deployment import Deployment
    from mock_airflow.profiles.base import Profile
    from mock_airflow.settings import Settings

_YAML = ("application/x-yaml", "application/yaml", "text/yaml")


class Vendor(NamedTuple):
    """What a deployment of this profile keeps of its own."""

    estate: Estate
    oauth: AuthorizationServer


class ArmorManners(VendorManners):
    """A credential first, then limits and scope; refusals in the vendor's envelope."""

    def take_in(self, operation: Operation, profile: Profile, exchange: Exchange, path: Mapping[str, Any]) -> Call:
        """The call; whatever is due in the estate has happened before it."""
        from mock_airflow.profiles.anomalyarmor.jobs import settle

        call = super().take_in(operation, profile, exchange, path)
        settle(estate_of(call), call.settings)
        return call

    def _body(self, request: Request, deployment: Deployment) -> Any:
        if request.mimetype in _YAML:
            return request.get_data(cache=True).decode("utf-8", "replace")
        return super()._body(request, deployment)

    def unreadable(self, request: Request, deployment: Deployment) -> Refusal:
        """A body that is no JSON."""
        return answers.invalid(deployment.settings, "The request body is not valid JSON")


API = Api("anomalyarmor", "/api/v1", "AnomalyArmor", manners=ArmorManners())
HOST = Api("anomalyarmor_host", "", "AnomalyArmor", manners=API.manners)  # beside /api/v1: OAuth, discovery

Resource = Callable[[Call], Any]
RESOURCES: dict[str, Resource] = {}  # what the handlers of the resources give, for the MCP server's tools


def resource(tag: str) -> Callable[..., Callable[[Resource], Resource]]:
    """The decorator that declares the resources of one tag's module."""
    operation = API.tagged(tag)

    def declare(
        method: str,
        path: str,
        operation_id: str,
        *,
        documented: bool = False,
        success: int = 200,
        confidential: bool = False,
    ) -> Callable[[Resource], Resource]:
        def register(handler: Resource) -> Resource:
            def answered(layout: answers.Layout) -> Callable[[Call], Answer]:
                def answer(call: Call) -> Answer:
                    told = layout(handler(call), call.settings)
                    return told if success == 200 else replace(told, status=success)

                answer.__doc__ = handler.__doc__
                return answer

            more: dict[str, Any] = {"access": SIGNED_IN, "success": success, "confidential": confidential}
            operation(method, f"/sdk{path}", operation_id, **more)(answered(answers.wrapped))
            if documented:
                operation(method, path, f"{operation_id}_documented", **more)(answered(answers.plain))
            RESOURCES[operation_id] = handler
            return handler

        return register

    return declare


def estate_of(call: Call) -> Estate:
    """The estate of the deployment that is called, with an asset for each Airflow dataset."""
    vendor: Vendor = call.deployment.vendor
    return vendor.estate


def oauth_of(deployment: Deployment) -> AuthorizationServer:
    """The authorization server of a deployment."""
    vendor: Vendor = deployment.vendor
    return vendor.oauth


def asset_named(call: Call, named: str | None = None) -> Asset:
    """The asset that the path, or the argument, names by id or qualified name. Raises Refusal."""
    wanted = call.path["asset_id"] if named is None else named
    asset = estate_of(call).asset(wanted)
    if asset is None:
        raise answers.not_found(call.settings, "asset", wanted)
    return asset


def item_named(call: Call, kind: str, name: str, *, asset_id: str | None = None) -> Item:
    """The item that the path names, of an asset if it is given. Raises Refusal."""
    wanted = call.path[name]
    item = estate_of(call).item(kind, wanted)
    if item is None or (asset_id is not None and item.asset_id != asset_id):
        raise answers.not_found(call.settings, kind.replace("_", " "), wanted)
    return item


def body_of(call: Call) -> dict[str, Any]:
    """The body's fields; none for an empty body. Raises Refusal for a body that is no object."""
    if call.body is None or call.body == "":
        return {}
    if not isinstance(call.body, dict):
        raise answers.invalid(call.settings, "The request body must be a JSON object")
    return call.body


_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "yes or no": (bool,),
    "number": (int, float),
    "list": (list,),
    "object": (dict,),
}


def fields_of(call: Call, *, required: Mapping[str, str], optional: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The body's known fields. ``required`` and ``optional`` name each field's type. Raises Refusal."""
    body, settings = body_of(call), call.settings
    found: dict[str, Any] = {}
    for name, kind in {**required, **(optional or {})}.items():
        value = body.get(name)
        if value is None:
            if name in required:
                raise answers.invalid(settings, f"{name} is required", field=name)
            continue
        if not isinstance(value, _TYPES[kind]) or (kind == "number" and isinstance(value, bool)):
            raise answers.invalid(settings, f"{name} must be a {kind}", field=name)
        if isinstance(value, str) and name in required and not value.strip():
            raise answers.invalid(settings, f"{name} must not be empty", field=name)
        found[name] = value
    return found


def one_of(settings: Settings, name: str, value: Any, options: tuple[str, ...]) -> Any:
    """The value, if it is one of the options or None. Raises Refusal."""
    if value is not None and value not in options:
        raise answers.invalid(settings, f"{name} must be one of {', '.join(options)}", field=name)
    return value
