"""What an authorization server refuses, in the protocol's own words (RFC 6749, 7591)."""

from __future__ import annotations

import json

from mock_airflow.answers import JSON, RaisedAnswer, Refusal
from mock_airflow.journal.why import Why

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # of all that may hold a token (RFC 6749, section 5.1)


class OAuthRefusal(Refusal):
    """A request that is refused. ``error`` is the protocol's code, ``description`` a sentence for people.

    ``scheme`` is set when the client used the Authorization header, whose scheme the answer's WWW-Authenticate has to
    name (RFC 6749, section 5.2). What was written by then stays (RFC 9700).
    """

    def __init__(self, error: str, description: str, status: int = 400, scheme: str = "") -> None:
        self.error, self.description = error, description
        told = {"error": error, "error_description": description}
        read_from = "the Authorization header" if scheme else "the request's body or query"
        super().__init__(
            status=status,
            body=json.dumps(told, separators=(",", ":"), ensure_ascii=False),
            content_type=JSON,
            why=Why(description, rule=error, read_from=read_from),
            headers={**NO_STORE, **({"WWW-Authenticate": f'{scheme} realm="oauth"'} if scheme else {})},
            changes_stay=True,
        )


class RedirectedRefusal(RaisedAnswer):
    """A refusal that goes back to the client through the browser (RFC 6749, section 4.1.2.1)."""

    def __init__(self, error: str, description: str, redirect_uri: str, state: str | None) -> None:
        super().__init__(description)
        self.error, self.description, self.redirect_uri, self.state = error, description, redirect_uri, state
