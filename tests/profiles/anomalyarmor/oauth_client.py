"""An OAuth client by hand, so that each step of the flow can be gone wrongly."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from mock_airflow import MockAirflow

REDIRECT = "http://127.0.0.1:7777/callback"
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class OAuthClient:
    """Registers itself on first use."""

    def __init__(self, mock: MockAirflow, **metadata: Any) -> None:
        self.url = mock.url
        self.mock = mock
        told = {"client_name": "Tester", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none"}
        told["grant_types"] = ["authorization_code", "refresh_token"]
        answer = requests.post(f"{self.url}/oauth/register", json={**told, **metadata})
        assert answer.status_code == 201, answer.text
        self.registered = answer.json()
        self.id = self.registered["client_id"]

    def asked(self, **changed: str | None) -> requests.Response:
        """The authorize endpoint's answer; a parameter that is None is left out."""
        query = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": REDIRECT,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": "a state",
            **changed,
        }
        told = {name: value for name, value in query.items() if value is not None}
        return requests.get(f"{self.url}/oauth/authorize", params=told, allow_redirects=False)

    def answered(self, decision: str = "approve", **changed: str | None) -> dict[str, str]:
        """What the browser brings back to the client after the person's answer."""
        page = self.asked(**changed)
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket is not None, page.text
        form = {"ticket": ticket[1], "decision": decision}
        back = requests.post(f"{self.url}/oauth/authorize", data=form, allow_redirects=False)
        assert back.status_code == 302
        return brought_back(back)

    def exchanged(self, code: str, **changed: str | None) -> requests.Response:
        """The token endpoint's answer to a code."""
        return self.token(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=VERIFIER, **changed
        )

    def token(self, **form: str | None) -> requests.Response:
        """The token endpoint's answer."""
        told = {name: value for name, value in {"client_id": self.id, **form}.items() if value is not None}
        return requests.post(f"{self.url}/oauth/token", data=told)

    def signed_in(self, **changed: str | None) -> dict[str, Any]:
        """Tokens, after the whole flow."""
        answer = self.exchanged(self.answered(**changed)["code"])
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


def brought_back(answer: requests.Response) -> dict[str, str]:
    """The query of where an answer redirects to."""
    to = urlsplit(answer.headers["Location"])
    assert to._replace(query="").geturl() == REDIRECT
    return {name: values[0] for name, values in parse_qs(to.query).items()}


def refused(answer: requests.Response, error: str, status: int = 400) -> None:
    """Holds a refusal to the protocol's words, and to caches keeping it not."""
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.json()["error_description"]
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
