"""What an API tells of itself: its OpenAPI document as JSON and YAML, and a page for people.

Open to everybody, as on a real Airflow (observed: also the content types, and that credentials and query are ignored).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mock_airflow._version import __version__
from mock_airflow.api.openapi.document import document
from mock_airflow.api.operation import HTML, Answer, Api

if TYPE_CHECKING:
    from mock_airflow.corridor.exchange import Exchange

Telling = Callable[[Api, "Exchange"], Answer]


_CONTROL_TOKEN = {"ControlToken": {"type": "http", "scheme": "bearer"}}


def _document(api: Api, exchange: Exchange) -> dict[str, Any]:
    settings, profile = exchange.deployment.settings, exchange.deployment.profile
    is_airflows = api.dialect is not None
    return document(
        api,
        title=api.title,
        version=settings.airflow_version if is_airflows else __version__,
        server=exchange.request.root_path.rstrip("/") + api.prefix,
        security=profile.security if is_airflows else _CONTROL_TOKEN,
        all_secured=profile.gateway if is_airflows else settings.control_token is not None,
    )


def as_json(api: Api, exchange: Exchange) -> Answer:
    """The document on one line, keys sorted."""
    return Answer(json.dumps(_document(api, exchange), sort_keys=True))


def as_yaml(api: Api, exchange: Exchange) -> Answer:
    """The document in block style."""
    from mock_airflow.api.openapi.block_yaml import yaml_text

    return Answer(yaml_text(_document(api, exchange)), content_type="text/yaml")


def as_page(api: Api, exchange: Exchange) -> Answer:
    """The reference page."""
    from mock_airflow.api.openapi.reference_page import reference_page

    return Answer(reference_page(_document(api, exchange)), content_type=HTML)


PATHS: dict[str, Telling] = {"/openapi.json": as_json, "/openapi.yaml": as_yaml, "/ui/": as_page}
