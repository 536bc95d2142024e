"""A pytest-httpserver whose scripted expectations come first, and an Airflow that answers the rest.

    server.expect_oneshot_request("/api/v1/dags").respond_with_data("", status=503)
    requests.get(server.url_for("/api/v1/dags"))  # 503
    requests.get(server.url_for("/api/v1/dags"))  # Airflow's answer

Assertions, the log and `check()` are pytest-httpserver's own. It serves with this project's server, which keeps
connections alive and stops in milliseconds.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from pytest_httpserver import HTTPServer
from werkzeug.wrappers import Request, Response

from mock_airflow.server.live import LiveServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from mock_airflow.server.tls import ThrowawayAuthority


class AirflowHTTPServer(HTTPServer):
    """An ``HTTPServer`` on 127.0.0.1; what none of its expectations fits goes to the application behind it.

    Such a request fails no ordered expectation and raises no assertion. ``ca_file`` is the certificate that a client
    has to trust, None without TLS.
    """

    def __init__(self, app: WSGIApplication, tls: ThrowawayAuthority | None = None) -> None:
        super().__init__("127.0.0.1", 0, tls.server_context() if tls is not None else None)
        self.ca_file = tls.ca_file if tls is not None else None
        self._app = app
        self._live: LiveServer | None = None

    def start(self) -> None:
        """Begin to serve; gives the port it listens on to ``port``."""
        app = Request.application(self.application)
        self._live = LiveServer(app, self.host, self.port, ssl_context=self.ssl_context).start()
        self.port = self._live.port

    def stop(self) -> None:
        """Close the server and its connections."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def hand_over(self) -> LiveServer | None:
        """Stop here, and give the server behind, which still listens; None if there is none."""
        live, self._live = self._live, None
        return live

    def is_running(self) -> bool:
        """Whether it serves."""
        return self._live is not None

    def dispatch(self, request: Request) -> Response:
        """The answer of the expectation that fits, or else the application's."""
        if self.permanently_failed or self._expected(request):
            return super().dispatch(request)
        environ: dict[str, Any] = request.environ
        sent = request.get_data()  # it has been read already, so the application gets it anew
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(sent), str(len(sent))
        answered: list[Any] = []
        pieces: list[bytes] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            answered[:] = [status, headers]
            return pieces.append

        pieces.extend(self._app(environ, start_response))
        # A list, because bytes would have their length announced, also where it is HEAD that is answered. The environ
        # tells the server where it has to break off.
        return Response([b"".join(pieces)], *answered)

    def _expected(self, request: Request) -> bool:
        first = self.ordered_handlers[:1]
        if first and first[0].matcher.match(request):
            return True
        return bool(self.oneshot_handlers.match(request) or self.handlers.match(request))
