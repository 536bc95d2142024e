"""The settings of a proxy of one's own: they say everything that it does. Fields of Settings like all others."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mock_airflow.profiles.gateway.templates import template
from mock_airflow.settings.values import header_text, matching, one_of, option, settings_part, several, text, whole

KEY, JWT, BASIC, SUBJECT = "key", "jwt", "basic", "subject"
_NEEDED = ("connection", "content-length", "content-type", "expect", "host", "te", "transfer-encoding", "upgrade")
_TIMES = ("aud", "exp", "iat", "iss", "jti", "nbf")  # of a JWT's own claims, not who calls
_ERROR = '{"error": "$title", "message": "$reason"}'


def path_of_mount(value: Any) -> str:
    """A path without a slash at its end; empty for the root. Raises ValueError."""
    found = text(value)
    steps = found.split("/")
    if (found and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", found)) or not {".", "..", "__mock__"}.isdisjoint(steps):
        raise ValueError("a path such as /data/airflow, without a slash at its end, is expected")
    return found


def header_name(value: Any) -> str:
    """The name of a header that can carry a credential. Raises ValueError."""
    found = text(value)
    if not re.fullmatch(r"[A-Za-z0-9-]+", found) or found.lower() in _NEEDED:
        raise ValueError("the name of a header, such as X-Api-Key, is expected, and not one that HTTP needs itself")
    return found


def _header_or_none(value: Any) -> str:
    return header_name(value) if value != "" else ""


_scheme = matching(r"[A-Za-z0-9!#$%&'*+.^_`|~-]*", "one word, such as Bearer, is expected, or nothing")
_media_type = matching(r"[\w.+-]+/[\w.+-]+( *;.*)?", "a content type such as text/html is expected", header_text)


def _address(value: Any) -> str:
    """A template of one line."""
    return template(header_text(value))


def _paths(value: Any) -> tuple[str, ...]:
    found = several(value)
    for each in found:
        if not each.startswith("/"):
            raise ValueError(f"paths such as /api/v1/health are expected, and not {each!r}")
    return found


def _claim(*taken: str) -> Callable[[Any], str]:
    """The name of a claim, but for those that a JWT has for itself; dots lead into objects."""

    def parse(value: Any) -> str:
        found = text(value)
        if not all(found.split(".")) or found.partition(".")[0] in taken:
            raise ValueError(f"the name of a claim is expected, and not of {', '.join(taken)}")
        return found

    return parse


def mapping(value: Any) -> tuple[str, ...]:
    """Names with a role of Airflow's each. Raises ValueError."""
    found = several(value)
    for each in found:
        if not re.fullmatch(r"[^=]+=[^=]+", each):
            raise ValueError(f"NAME=ROLE is expected, such as data-team=Op, and not {each!r}")
    names = [each.partition("=")[0] for each in found]
    if len(names) > len(set(names)):
        raise ValueError("each name is expected once; a name has one role")
    return found


@settings_part
class GatewaySettings:
    """The part of Settings that belongs to a proxy of one's own."""

    gateway_credential: str = option(
        KEY,
        one_of(KEY, JWT, BASIC, SUBJECT),
        "what opens it: a key, a JWT, a name and a password, or a certificate's subject as a proxy passes it",
    )
    gateway_header: str = option("Authorization", header_name, "the header that the credential is in", metavar="NAME")
    gateway_scheme: str = option("Bearer", _scheme, "the word before a key or a JWT; empty for none")
    gateway_mount: str = option("", path_of_mount, "the path that Airflow lies below", example="/data/airflow")
    gateway_roles: tuple[str, ...] = option(
        (),
        mapping,
        "Airflow's role by the name of who calls or of a group of theirs, * for anybody; empty for that of the key,"
        " the user or the claim",
        metavar="NAME=ROLE",
        example="data-team=Op",
    )
    gateway_issuer: str = option("", text, "the issuer that a JWT must have; empty for any")
    gateway_audience: str = option("airflow", text, "the audience that a JWT must have; empty for any")
    gateway_jwks: str = option(
        "", text, "the keys that a JWT is checked with: a JWKS as JSON, or a file with one; empty for this server's own"
    )
    gateway_name_claim: str = option("sub", _claim(*_TIMES), "the claim that tells who calls")
    gateway_role_claim: str = option(
        "roles", _claim("azp", "sub", *_TIMES), "the claim with groups or roles; dots lead into objects"
    )
    gateway_token_seconds: int = option(3600, whole(1, 10**9), "how many seconds a JWT of this server lives")
    gateway_subject_form: str = option(
        "dn",
        one_of("dn", "xfcc"),
        "how a subject is passed: as a distinguished name (nginx), or in Envoy's X-Forwarded-Client-Cert",
    )
    gateway_verified_header: str = option(
        "",
        _header_or_none,
        "a header that must say SUCCESS beside the subject, such as X-Ssl-Client-Verify; empty for none",
    )
    gateway_open_paths: tuple[str, ...] = option((), _paths, "paths that need no credential", example="/api/v1/health")
    gateway_missing_status: int = option(401, whole(300, 599), "the status without a credential", example="403")
    gateway_missing_body: str = option(_ERROR, template, "the answer without a credential, as a template")
    gateway_refused_status: int = option(401, whole(300, 599), "the status for a wrong credential", example="403")
    gateway_refused_body: str = option(_ERROR, template, "the answer to a wrong credential, as a template")
    gateway_forbidden_status: int = option(403, whole(300, 599), "the status for who has no role", example="404")
    gateway_forbidden_body: str = option(_ERROR, template, "the answer to who has no role, as a template")
    gateway_limited_body: str = option(
        '{"error": "$title", "retry_after": $retry_after}', template, "the answer to one request too many"
    )
    gateway_content_type: str = option(
        "application/json", _media_type, "the content type of those answers", example="text/html"
    )
    gateway_challenge: str = option("", header_text, "WWW-Authenticate of a 401; empty for none")
    gateway_sign_in: str = option("", _address, "where a status of 300 to 399 leads, as a template")
