"""What an API tells of itself: its OpenAPI document as JSON and YAML, and a page for people.

Open to everybody, as on a real Airflow (observed: also the content types, and that credentials and query are ignored).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from mock_airflow._version import __version__
from mock_airflow.access.admission import Admission
from mock_airflow.access.site import Gate
from mock_airflow.answers import HTML, Answer
from mock_airflow.api.api import Api

Telling = Callable[[Api, Admission], Answer]


_CONTROL_TOKEN = {"ControlToken": {"type": "http", "scheme": "bearer"}}


def _document(api: Api, admission: Admission) -> dict[str, Any]:
    from mock_airflow.api.openapi.document import document

    settings, profile = admission.deployment.settings, admission.deployment.profile
    is_airflows = api.dialect is not None
    return document(
        api,
        title=api.title,
        version=settings.airflow_version if is_airflows else __version__,
        server=admission.request.root_path.rstrip("/") + api.prefix,
        security=profile.security if is_airflows else _CONTROL_TOKEN,
        all_secured=profile.gateway if is_airflows else settings.control_token is not None,
    )


def as_json(api: Api, admission: Admission) -> Answer:
    """The document on one line, keys sorted."""
    return Answer(json.dumps(_document(api, admission), sort_keys=True))


def as_yaml(api: Api, admission: Admission) -> Answer:
    """The document in block style."""
    from mock_airflow.api.openapi.block_yaml import yaml_text

    return Answer(yaml_text(_document(api, admission)), content_type="text/yaml")


def as_page(api: Api, admission: Admission) -> Answer:
    """The reference page."""
    from mock_airflow.api.openapi.reference_page import reference_page

    return Answer(reference_page(_document(api, admission)), content_type=HTML)


@cache
def _document_3(api: Api, root: str, profile: Gate) -> dict[str, Any]:
    """The document of an API of Airflow 3; to make it takes a third of a second."""
    from mock_airflow.api.openapi.document_3 import document_3

    return document_3(api, title=api.title, version="2", root=root, security=profile.security, gated=profile.gateway)


def as_json_3(api: Api, admission: Admission) -> Answer:
    """The document on one line, as FastAPI writes it."""
    from mock_airflow.api.airflow3.json_text import text_of

    root = admission.request.root_path.rstrip("/")
    return Answer(text_of(_document_3(api, root, admission.deployment.profile)))


def as_page_3(api: Api, admission: Admission) -> Answer:
    """The reference page, in the place of Swagger UI and ReDoc, whose scripts a real page fetches from elsewhere."""
    from mock_airflow.api.openapi.reference_page import reference_page

    root = admission.request.root_path.rstrip("/")
    page = reference_page(_document_3(api, root, admission.deployment.profile))
    return Answer(page, content_type=HTML)


_UNTOLD = "0.1.0"  # what FastAPI says of an app that says nothing


@cache
def _document_of_auth(fab: bool, root: str, profile: Gate) -> dict[str, Any]:
    from mock_airflow.api.openapi.auth_document import auth_api
    from mock_airflow.api.openapi.document_3 import document_3

    api = auth_api(fab)
    security, gated = profile.security, profile.gateway
    return document_3(api, title=api.title, version=_UNTOLD, root=f"{root}/auth", security=security, gated=gated)


def _of_auth(admission: Admission) -> dict[str, Any]:
    site = admission.deployment
    return _document_of_auth(site.settings.fab_auth_manager, admission.request.root_path.rstrip("/"), site.profile)


def auth_as_json(api: Api, admission: Admission) -> Answer:
    """The document of the auth manager's own application (observed: it lies below `/auth`, and tells of that only)."""
    from mock_airflow.api.airflow3.json_text import text_of

    return Answer(text_of(_of_auth(admission)))


def auth_as_page(api: Api, admission: Admission) -> Answer:
    """Its reference page."""
    from mock_airflow.api.openapi.reference_page import reference_page

    return Answer(reference_page(_of_auth(admission)), content_type=HTML)


# Airflow 3's own are at the root, the auth manager's below its path (observed).
PATHS_3: dict[str, Telling] = {
    "/openapi.json": as_json_3,
    "/docs": as_page_3,
    "/redoc": as_page_3,
    "/auth/openapi.json": auth_as_json,
    "/auth/docs": auth_as_page,
    "/auth/redoc": auth_as_page,
}
PATHS: dict[str, Telling] = {"/openapi.json": as_json, "/openapi.yaml": as_yaml, "/ui/": as_page}
