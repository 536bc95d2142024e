"""Requests that botocore signs, with whatever a path, a query, a header and a body can have: each signature counts."""

from __future__ import annotations

import http.client
import random
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from mock_airflow import MockAirflow

LETTERS = "ab /%?#&=+~!*'();:@$,é€-_.\"<>[]{}|^`"
SPACED = ("a", "  a   b ", "\ta  b", "a,b", "")


@pytest.fixture(scope="module")
def plain() -> Iterator[MockAirflow]:
    with MockAirflow(profile="mwaa", frozen=True) as mock:
        yield mock


@pytest.mark.parametrize("seed", range(150))
def test_what_botocore_signs_counts(plain: MockAirflow, seed: int) -> None:
    chance = random.Random(seed)

    def word(most: int) -> str:
        return "".join(chance.choice(LETTERS) for _ in range(chance.randint(1, most)))

    in_header = chance.random() < 0.7
    body = chance.choice([b"", b"{}", bytes(chance.randrange(256) for _ in range(9))]) if in_header else b""
    path = chance.choice(["/environments", "/restapi/MyAirflowEnvironment", f"/webtoken/{quote(word(6), safe='~')}"])
    asked = "&".join(f"{quote(word(4), safe='')}={quote(word(4), safe='')}" for _ in range(chance.randint(0, 3)))
    headers = {"X-Odd": chance.choice(SPACED), "Content-Type": "application/json"}
    request = AWSRequest("POST", f"{plain.url}{path}?{asked}".rstrip("?"), headers, body)
    held = Credentials(plain.credentials["aws_access_key_id"], plain.credentials["aws_secret_access_key"])
    (SigV4Auth if in_header else SigV4QueryAuth)(held, "airflow", "us-east-1").add_auth(request)

    url = urlsplit(request.url)
    chunked = bool(body) and chance.random() < 0.5
    sent = {**dict(request.headers.items()), **({"Transfer-Encoding": "chunked"} if chunked else {})}
    connection = http.client.HTTPConnection(url.netloc)
    try:
        target = f"{url.path}?{url.query}".rstrip("?")
        connection.request("POST", target, [body] if chunked else body, sent, encode_chunked=chunked)
        answer = connection.getresponse()
        told = answer.read()
    finally:
        connection.close()
    assert answer.status < 500, told
    assert "Signature" not in (answer.getheader("x-amzn-ErrorType") or ""), told.decode()
