"""Signature Version 4: AWS's own vectors, and every way in which a signature can be wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from mock_airflow.profiles.mwaa import sigv4
from mock_airflow.profiles.mwaa.sigv4 import Place, Presented, SignatureRefused, SignedRequest

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
VECTORS = json.loads((FIXTURES / "signatures" / "aws4_vectors.json").read_text())
SECRET = VECTORS["secret_access_key"]
NOW = datetime(2015, 8, 30, 12, 36, tzinfo=timezone.utc)
PLACE = Place("us-east-1", "service", timedelta(minutes=5))


def request_of(case: dict[str, Any]) -> SignedRequest:
    headers = tuple(
        (name.lower(), value) for name, value in (*case["headers"], ("Authorization", case["authorization"]))
    )
    return SignedRequest(case["method"], case["target"], headers, case["body"].encode())


def accepted(request: SignedRequest, now: datetime = NOW, secret: str = SECRET, place: Place = PLACE) -> Presented:
    found = sigv4.presented(request, place, now)
    sigv4.check(request, found, secret)
    return found


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_aws_published_values(case: dict[str, Any]) -> None:
    request = request_of(case)
    found = sigv4.presented(request, PLACE, NOW)

    canonical = sigv4.canonical_request(request, found)
    assert canonical == case["canonical_request"]
    assert sigv4.string_to_sign(found, canonical) == case["string_to_sign"]
    assert sigv4.signature(SECRET, found, case["string_to_sign"]) == found.signature
    assert accepted(request) == found


BASE = next(case for case in VECTORS["cases"] if case["name"] == "post-x-www-form-urlencoded")
GET = next(case for case in VECTORS["cases"] if case["name"] == "get-vanilla")
MISMATCH = "The request signature we calculated does not match the signature you provided."
Change = Callable[[SignedRequest], SignedRequest]


def without(*names: str) -> Change:
    return lambda sent: sent._replace(headers=tuple(pair for pair in sent.headers if pair[0] not in names))


def changed(name: str, old: str, new: str) -> Change:
    return lambda sent: sent._replace(
        headers=tuple((key, value.replace(old, new) if key == name else value) for key, value in sent.headers)
    )


WRONG: list[tuple[str, Change, str, str]] = [
    ("no header", without("authorization"), sigv4.MISSING, "Missing Authentication Token"),
    (
        "another scheme",
        changed("authorization", "AWS4-HMAC-SHA256", "Bearer"),
        sigv4.INCOMPLETE,
        "requires 'Credential'",
    ),
    (
        "no signature",
        changed("authorization", "Signature=", "Signed="),
        sigv4.INCOMPLETE,
        "requires 'Signature' parameter",
    ),
    ("no equal-sign", changed("authorization", "Credential=", ""), sigv4.INCOMPLETE, "missing equal-sign"),
    ("no date", without("x-amz-date"), sigv4.INCOMPLETE, "existence of either a 'X-Amz-Date' or a 'Date' header"),
    ("odd date", changed("x-amz-date", "20150830T", "2015-08-30T"), sigv4.INCOMPLETE, "ISO-8601 'basic format'"),
    ("host not signed", changed("authorization", ";host", ""), sigv4.INVALID, "must be a 'SignedHeader'"),
    ("algorithm", changed("authorization", "SHA256 ", "SHA25 "), sigv4.INCOMPLETE, "Unsupported AWS 'algorithm'"),
    ("header is not there", changed("authorization", ";host", ";accept;host"), sigv4.INCOMPLETE, "'accept' is named"),
    ("short credential", changed("authorization", "/aws4_request", ""), sigv4.INCOMPLETE, "exactly 5 slash-delimited"),
    ("region", changed("authorization", "us-east-1", "eu-west-1"), sigv4.INVALID, "valid region, not 'eu-west-1'"),
    ("service", changed("authorization", "/service/", "/s3/"), sigv4.INVALID, "correct service: 'service'"),
    ("term", changed("authorization", "aws4_request", "aws3_request"), sigv4.INVALID, "valid terminator"),
    ("day", changed("authorization", "20150830", "20150829"), sigv4.INVALID, "does not match YYYYMMDD"),
    ("body", lambda sent: sent._replace(body=b"Param1=value2"), sigv4.INVALID, MISMATCH),
    ("path", lambda sent: sent._replace(target="/other"), sigv4.INVALID, MISMATCH),
    ("query", lambda sent: sent._replace(target="/?a=b"), sigv4.INVALID, MISMATCH),
    ("method", lambda sent: sent._replace(method="PUT"), sigv4.INVALID, MISMATCH),
    ("signed header", changed("content-type", "www", "xxx"), sigv4.INVALID, MISMATCH),
]


@pytest.mark.parametrize(("change", "code", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_request_is_told_what_is_wrong(change: Change, code: str, words: str) -> None:
    with pytest.raises(SignatureRefused) as refused:
        accepted(change(request_of(BASE)))

    assert refused.value.code == code
    assert words in refused.value.message
    assert "b85f3d4b" not in refused.value.message  # nobody is told a signature that he could use


def test_a_wrong_secret_is_told_what_should_have_been_signed() -> None:
    with pytest.raises(SignatureRefused) as refused:
        accepted(request_of(GET), secret="wrong")

    assert f"'{GET['canonical_request']}'" in refused.value.message
    assert f"'{GET['string_to_sign']}'" in refused.value.message


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (5.02, "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"),
        (-5.02, "Signature not yet current: 20150830T123600Z is still later than 20150830T123558Z"),
    ],
)
def test_a_clock_that_differs_by_too_much(minutes: float, words: str) -> None:
    assert accepted(request_of(GET), NOW + timedelta(minutes=minutes * 0.99))
    with pytest.raises(SignatureRefused) as refused:
        accepted(request_of(GET), NOW + timedelta(minutes=minutes))

    assert (refused.value.code, words in refused.value.message) == (sigv4.INVALID, True)


def presigned(expires: str = "60") -> SignedRequest:
    """AWS's vector get-vanilla, signed in the query as its documentation shows."""
    query = (
        "Action=List&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2F"
        f"aws4_request&X-Amz-Date=20150830T123600Z&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host"
    )
    bare = SignedRequest("GET", f"/?{query}", (("host", "example.amazonaws.com"),), b"")
    found = Presented("AKIDEXAMPLE", "20150830/us-east-1/service/aws4_request", ("host",), "", NOW, None)
    text = sigv4.string_to_sign(found, sigv4.canonical_request(bare, found))
    return bare._replace(target=f"/?{query}&X-Amz-Signature={sigv4.signature(SECRET, found, text)}")


def test_a_presigned_url_counts_as_long_as_it_says() -> None:
    request = presigned()
    assert accepted(request, NOW + timedelta(seconds=60)).expires == 60

    with pytest.raises(SignatureRefused, match="Signature expired"):
        accepted(request, NOW + timedelta(seconds=61))
    with pytest.raises(SignatureRefused, match="does not match"):
        accepted(request._replace(target=request.target.replace("List", "Drop")))
    with pytest.raises(SignatureRefused, match="must include 'X-Amz-SignedHeaders'"):
        accepted(request._replace(target=request.target.replace("SignedHeaders", "Signed")))
    with pytest.raises(SignatureRefused, match="a number of seconds"):
        accepted(presigned("soon"))
