"""What an authorization server refuses, in the protocol's own words (RFC 6749, 7591)."""

from __future__ import annotations

from mock_airflow.answers import RaisedAnswer


class OAuthRefusal(RaisedAnswer):
    """A request that is refused. ``error`` is the protocol's code, ``description`` a sentence for people.

    ``scheme`` is set when the client used the Authorization header, whose scheme the answer's WWW-Authenticate has to
    name (RFC 6749, section 5.2).
    """

    def __init__(self, error: str, description: str, status: int = 400, scheme: str = "") -> None:
        super().__init__(description)
        self.error, self.description, self.status, self.scheme = error, description, status, scheme


class RedirectedRefusal(RaisedAnswer):
    """A refusal that goes back to the client through the browser (RFC 6749, section 4.1.2.1)."""

    def __init__(self, error: str, description: str, redirect_uri: str, state: str | None) -> None:
        super().__init__(description)
        self.error, self.description, self.redirect_uri, self.state = error, description, redirect_uri, state
