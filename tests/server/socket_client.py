"""Applications that the live server runs here, and a client on a plain socket."""

import socket
import threading

PATIENCE = 20  # seconds until a client or a thread that should have answered fails the test
HOST = "Host: x"


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def echo(environ, start_response):
    """Answers with the request's body."""
    start_response("200 OK", [("X-Length", environ.get("CONTENT_LENGTH", "none"))])
    return [environ["wsgi.input"].read()]


class Seen:
    """An application that keeps the environs it is called with."""

    def __init__(self):
        self.environs = []

    def __call__(self, environ, start_response):
        self.environs.append(environ)
        return hello(environ, start_response)


class Gate:
    """An application whose /wait answers only after `open`; `entered` counts those inside."""

    def __init__(self):
        self.open = threading.Event()
        self.entered = threading.Semaphore(0)

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/wait":
            self.entered.release()
            assert self.open.wait(PATIENCE)
        return hello(environ, start_response)


def on_connection(act):
    def app(environ, start_response):
        act(environ["mock_airflow.connection"])
        return hello(environ, start_response)

    return app


class Client:
    """A plain socket that reads answers one by one."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)
        self.file = self.socket.makefile("rb")

    def send(self, *lines, body=b""):
        head = "".join(f"{line}\r\n" for line in (*lines, "")) if lines else ""
        self.socket.sendall(head.encode("latin-1") + body)

    def head(self):
        """The status line and the headers of the next answer."""
        status = self.file.readline().decode().rstrip()
        return status, dict(line.decode().rstrip().lower().split(": ", 1) for line in iter(self.file.readline, b"\r\n"))

    def answer(self):
        """Status line, headers and body of the next answer, which has a Content-Length."""
        status, headers = self.head()
        return status, headers, self.file.read(int(headers["content-length"]))

    def rest(self):
        """All that comes until the server closes."""
        return self.file.read()

    def close(self):
        self.file.close()
        self.socket.close()
