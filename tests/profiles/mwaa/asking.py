"""Calls to the control plane and to the web server, signed by the same few lines for every test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import requests

from mock_airflow import MockAirflow

CLOCK = "2025-01-01T06:00:00Z"
NAME = "MyAirflowEnvironment"


class Aws:
    """A client of the control plane with a key; ``when`` is the moment that it signs with, the machine's if None."""

    def __init__(self, mock: Any, credentials: Any = None, *, region: str = "us-east-1") -> None:
        self.mock, self.region = mock, region
        self.pair = credentials or mock.credentials
        self.when: datetime | None = None
        self.sent_body: bytes | None = None  # in the place of the one that was signed

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        return requests.request(
            method,
            self.mock.url + path,
            data=data if self.sent_body is None else self.sent_body,
            headers={**self.signed(method, path, data), **headers},
        )

    def signed(self, method: str, path: str, data: bytes) -> dict[str, str]:
        at = (self.when or datetime.now(timezone.utc)).strftime("%Y%m%dT%H%M%SZ")
        host, (bare, _, query) = urlsplit(self.mock.url).netloc, path.partition("?")
        body = hashlib.sha256(data).hexdigest()
        canonical = f"{method}\n{bare}\n{query}\nhost:{host}\nx-amz-date:{at}\n\nhost;x-amz-date\n{body}"
        scope = f"{at[:8]}/{self.region}/airflow/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{self.pair['aws_secret_access_key']}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        shown = f"Credential={self.pair['aws_access_key_id']}/{scope}, SignedHeaders=host;x-amz-date"
        return {"X-Amz-Date": at, "Authorization": f"AWS4-HMAC-SHA256 {shown}, Signature={signature}"}

    def web_token(self) -> str:
        return str(self("POST", f"/webtoken/{NAME}").json()["WebToken"])

    def run(self, command: str, token: str | None = None) -> Any:
        """What the web server answers to a command."""
        token = token or self("POST", f"/clitoken/{NAME}").json()["CliToken"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
        return requests.post(f"{self.mock.url}/aws_mwaa/cli", headers=headers, data=command)


def login_path(mock: MockAirflow) -> str:
    return f"{mock.url}{'/pluginsv2' if mock.deployment.generation == 3 else ''}/aws_mwaa/login"


def printed(answer: Any) -> tuple[str, str]:
    told = answer.json()
    return base64.b64decode(told["stdout"]).decode(), base64.b64decode(told["stderr"]).decode()


def refusal(answer: Any) -> tuple[int, str, str]:
    """An answer of AWS's: its status, the error's name, the sentence."""
    told = answer.json()
    return answer.status_code, answer.headers["x-amzn-ErrorType"], told.get("message", told.get("Message"))
