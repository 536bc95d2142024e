"""A presigned URL, for requests of our own that show what becomes of a key."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from mock_airflow.profiles.mwaa.sigv4 import (
    ALGORITHM,
    BASIC,
    EPOCH,
    FOR_GOOD,
    TERMINATOR,
    Presented,
    SignedRequest,
    canonical_request,
    signature,
    string_to_sign,
)


def presigned(path: str, credentials: Mapping[str, str], host: str, method: str = "POST") -> str:
    """A path with a query that signs it for a host, whatever the time."""
    scope = f"{EPOCH.strftime('%Y%m%d')}/{credentials['region']}/airflow/{TERMINATOR}"
    parameters = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credentials['aws_access_key_id']}/{scope}",
        "X-Amz-Date": EPOCH.strftime(BASIC),
        "X-Amz-Expires": FOR_GOOD,
        "X-Amz-SignedHeaders": "host",
    }
    target = f"{path}?{urlencode(parameters)}"
    found = Presented(credentials["aws_access_key_id"], scope, ("host",), "", EPOCH, None)
    text = string_to_sign(found, canonical_request(SignedRequest(method, target, (("host", host),), b""), found))
    return f"{target}&X-Amz-Signature={signature(credentials['aws_secret_access_key'], found, text)}"
