"""Signature Version 4, as the side that checks it: what was signed, and whether a secret signed it (documented).

The signature of a request is over its method, path, query, some of its headers and its body, and over the moment, the
region and the service that it is for. It stands in the Authorization header, or in the query of a presigned URL. Words
and order of the refusals are those that AWS's services answer with (reported).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from mock_airflow.answers import RaisedAnswer

ALGORITHM, TERMINATOR = "AWS4-HMAC-SHA256", "aws4_request"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
BASIC = "%Y%m%dT%H%M%SZ"  # how moments are written
_HTTP = "%a, %d %b %Y %H:%M:%S GMT"  # a Date header
_UNRESERVED = "-_.~"
_IN_QUERY = tuple(
    f"X-Amz-{name}" for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
)
LONGEST = 7 * 24 * 60 * 60  # seconds that a presigned URL may count (documented)
FOR_GOOD = 10**10  # seconds; those of our own, which show what becomes of a key whatever the time
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)
INCOMPLETE, INVALID = "IncompleteSignatureException", "InvalidSignatureException"
MISSING = "MissingAuthenticationTokenException"
UNKNOWN, EXPIRED = "UnrecognizedClientException", "ExpiredTokenException"


class SignatureRefused(RaisedAnswer):
    """That a request is not signed as it should be: AWS's name of the error, its words, and in one word why."""

    def __init__(self, code: str, message: str, rule: str) -> None:
        self.code, self.message, self.rule = code, message, rule
        super().__init__(message)


class SignedRequest(NamedTuple):
    """A request as it came: its target as it was written, and every header line by its name in small letters."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, those of several lines with commas between; None without one."""
        values = [value for key, value in self.headers if key == name]
        return ",".join(values) if values else None


class Presented(NamedTuple):
    """What a request shows of its signature. ``expires`` is for how many seconds a presigned URL counts."""

    key_id: str
    scope: str
    signed: tuple[str, ...]
    signature: str
    moment: datetime
    token: str | None
    expires: int | None = None


class Place(NamedTuple):
    """What a service wants to be named in the scope of a signature, and by how much clocks may differ."""

    region: str
    service: str
    skew: timedelta


def presented(sent: SignedRequest, place: Place, now: datetime) -> Presented:
    """What the request shows, once all but the signature itself is in order. Raises SignatureRefused."""
    query = parameters(sent.target)
    header = sent.header("authorization")
    if header is None and not any(name in query for name in ("X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential")):
        raise SignatureRefused(MISSING, "Missing Authentication Token", "no credential")
    found, algorithm, credential = _in_header(sent, header) if header is not None else _in_query(query)
    _check_time(found, place.skew, now)
    if "host" not in found.signed:
        raise SignatureRefused(
            INVALID, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.", "host not signed"
        )
    if algorithm != ALGORITHM:
        said = f"Unsupported AWS 'algorithm': '{algorithm}' (only {ALGORITHM} for now). "
        raise SignatureRefused(INCOMPLETE, said, "algorithm")
    for name in found.signed:
        if sent.header(name) is None:
            said = f"'{name}' is named as a SignedHeader, but it does not exist in the HTTP request."
            raise SignatureRefused(INCOMPLETE, said, "missing header")
    _check_scope(credential, found, place)
    return found


def _in_header(sent: SignedRequest, header: str) -> tuple[Presented, str, str]:
    """What the Authorization header shows, with its algorithm and credential. Raises SignatureRefused."""
    algorithm, _, rest = header.strip().partition(" ")
    parts: dict[str, str] = {}
    hashed = base64.b64encode(hashlib.sha256(header.encode()).digest()).decode()
    for part in filter(None, (each.strip() for each in rest.split(",")) if algorithm.startswith("AWS4") else ()):
        name, equals, value = part.partition("=")
        if not equals:
            said = (
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded"
                f" with Base64): '{hashed}'."
            )
            raise SignatureRefused(INCOMPLETE, said, "malformed header")
        parts[name.strip()] = value
    moment = sent.header("x-amz-date") or sent.header("date")
    missing = [
        f"Authorization header requires '{name}' parameter. "
        for name in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(name)
    ]
    if moment is None:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
    if missing or moment is None:
        said = f"{''.join(missing)}(Hashed with SHA-256 and encoded with Base64) Authorization={hashed}"
        raise SignatureRefused(INCOMPLETE, said, "incomplete signature")
    signed = tuple(parts["SignedHeaders"].lower().split(";"))
    credential = parts["Credential"].rstrip("/")
    key_id, _, scope = credential.partition("/")
    token = sent.header("x-amz-security-token")
    return Presented(key_id, scope, signed, parts["Signature"], _moment(moment), token), algorithm, credential


def _in_query(query: Mapping[str, str]) -> tuple[Presented, str, str]:
    """What the query of a presigned URL shows, with its algorithm and credential. Raises SignatureRefused."""
    missing = [name for name in _IN_QUERY if not query.get(name) and name != "X-Amz-Expires"]
    if missing:
        said = "".join(f"AWS query-string parameters must include '{name}'. " for name in missing)
        raise SignatureRefused(INCOMPLETE, f"{said}Re-examine the query-string parameters.", "incomplete signature")
    algorithm, credential, moment, expires, signed, signature = (query.get(name, "") for name in _IN_QUERY)
    if expires and not re.fullmatch("[0-9]{1,11}", expires):
        raise SignatureRefused(INCOMPLETE, "X-Amz-Expires must be a number of seconds.", "malformed query")
    if expires and int(expires) > LONGEST and int(expires) != FOR_GOOD:
        said = (
            "X-Amz-Expires must be less than a week (in seconds); i.e., the given X-Amz-Expires must be less than"
            f" {LONGEST} seconds"
        )
        raise SignatureRefused(INCOMPLETE, said, "long expiry")
    key_id, _, scope = credential.rstrip("/").partition("/")
    names, token = tuple(signed.lower().split(";")), query.get("X-Amz-Security-Token")
    seconds = int(expires) if expires else None
    found = Presented(key_id, scope, names, signature, _moment(moment), token, seconds)
    return found, algorithm, credential.rstrip("/")


def _moment(text: str) -> datetime:
    for form in (BASIC, _HTTP):
        try:
            return datetime.strptime(text, form).replace(tzinfo=timezone.utc)
        except ValueError:
            continue
    said = f"Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
    raise SignatureRefused(INCOMPLETE, said, "malformed date")


def _check_time(found: Presented, skew: timedelta, now: datetime) -> None:
    """Refuse a request of long ago, or of later than now. Raises SignatureRefused."""
    lasts = skew if found.expires is None else timedelta(seconds=found.expires)
    told, stands = found.moment.strftime(BASIC), now.strftime(BASIC)
    if found.moment < now - lasts:
        border = (now - lasts).strftime(BASIC)
        said = f"Signature expired: {told} is now earlier than {border} ({stands} - {_span(lasts)}.)"
        raise SignatureRefused(INVALID, said, "expired signature")
    if found.moment > now + skew:
        border = (now + skew).strftime(BASIC)
        said = f"Signature not yet current: {told} is still later than {border} ({stands} + {_span(skew)}.)"
        raise SignatureRefused(INVALID, said, "early signature")


def _span(period: timedelta) -> str:
    minutes, seconds = divmod(int(period.total_seconds()), 60)
    return f"{minutes * 60 + seconds} sec" if seconds else f"{minutes} min"


def _check_scope(credential: str, found: Presented, place: Place) -> None:
    """Refuse a signature that is for another place or day. Raises SignatureRefused."""
    parts = credential.split("/")
    if len(parts) != 5:
        said = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got"
        raise SignatureRefused(INCOMPLETE, f"{said} '{credential}'", "malformed credential")
    _, date, region, service, term = parts
    wrong = []
    if region != place.region:
        wrong.append(f"Credential should be scoped to a valid region, not '{region}'. ")
    if service != place.service:
        wrong.append(f"Credential should be scoped to correct service: '{place.service}'. ")
    if term != TERMINATOR:
        wrong.append(f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{term}'. ")
    day, told = found.moment.strftime("%Y%m%d"), found.moment.strftime(BASIC)
    if date != day:
        wrong.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
            f" '{date}' != '{day}', from '{told}'. "
        )
    if wrong:
        raise SignatureRefused(INVALID, "".join(wrong).strip(), "scope")


def check(sent: SignedRequest, found: Presented, secret: str) -> None:
    """See that the secret signed the request. Raises SignatureRefused, telling what should have been signed."""
    canonical = canonical_request(sent, found)
    text = string_to_sign(found, canonical)
    if hmac.compare_digest(signature(secret, found, text).encode(), found.signature.encode()):
        return
    said = (
        f"{_MISMATCH}\n\nThe Canonical String for this request should have been\n'{canonical}'\n\n"
        f"The String-to-Sign should have been\n'{text}'\n"
    )
    raise SignatureRefused(INVALID, said, "signature")


def canonical_request(sent: SignedRequest, found: Presented) -> str:
    """The request in the one form in which it is signed."""
    path, _, _ = _parts(sent.target)
    headers = "".join(f"{name}:{_value(sent, name)}\n" for name in found.signed)
    body = hashlib.sha256(sent.body).hexdigest()  # whatever X-Amz-Content-Sha256 says (reported)
    lines = (sent.method, canonical_path(path), canonical_query(sent.target), headers, ";".join(found.signed), body)
    return "\n".join(lines)


def string_to_sign(found: Presented, canonical: str) -> str:
    """What the signature is over."""
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    return "\n".join((ALGORITHM, found.moment.strftime(BASIC), found.scope, hashed))


def signature(secret: str, found: Presented, text: str) -> str:
    """The signature that a secret gives a text, by the scope."""
    key = f"AWS4{secret}".encode()
    for part in found.scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _parts(target: str) -> tuple[str, str, str]:
    """Path, ? and query of a target, which may be a whole URL."""
    if "://" in target.partition("?")[0]:
        split = urlsplit(target)
        target = split.path + (f"?{split.query}" if split.query else "")
    return target.partition("?")


def canonical_path(path: str) -> str:
    """The path without detours, escaped once more than it was sent."""
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    inner = "/".join(steps)
    ends = "/" if inner and path.endswith("/") else ""
    return quote(f"/{inner}{ends}", safe=f"/{_UNRESERVED}")


def canonical_query(target: str) -> str:
    """The parameters, escaped and in order, but for the signature of a presigned URL."""
    _, _, query = _parts(target)
    pairs = []
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        escaped = [quote(unquote_to_bytes(each.replace("+", " ")), safe=_UNRESERVED) for each in (name, value)]
        if escaped[0] != "X-Amz-Signature":
            pairs.append((escaped[0], escaped[1]))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def parameters(target: str) -> dict[str, str]:
    """The query's parameters by name."""
    _, _, query = _parts(target)
    pairs = (part.partition("=") for part in query.split("&") if part)
    return {unquote(name): unquote(value.replace("+", " ")) for name, _, value in pairs}


def _value(sent: SignedRequest, name: str) -> str:
    """A header's value as it is signed: trimmed, with one space where there were more."""
    return ",".join(re.sub(r"\s+", " ", value.strip()) for key, value in sent.headers if key == name)
