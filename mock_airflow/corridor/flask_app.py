"""A deployment as a Flask app. The corridor walks a request without Flask, which is slow to import."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from mock_airflow.corridor.app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from mock_airflow.deployment import Deployment


class AirflowApp(Flask):
    """The Flask app of one deployment, with the corridor's routes and views."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__("mock_airflow", static_folder=None, template_folder=None)
        routes = create_app(deployment.settings.profile, deployment.generation).routes
        self.deployment, self.url_map, self.view_functions = deployment, routes.url_map, dict(routes.views)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request and its answer."""
        return self.deployment.wsgi(environ, start_response)
