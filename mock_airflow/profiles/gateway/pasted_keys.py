"""The keys of a company's own provider: a JWKS that was pasted, or is in a file (RFC 7517)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mock_airflow.answers import TokenRefused
from mock_airflow.errors import SettingError

if TYPE_CHECKING:
    from mock_airflow.access.tokens import Tokens
    from mock_airflow.domain.records.json_object import JsonObject

_ALGORITHMS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}


class PastedKey(NamedTuple):
    """A public key that signatures are checked with, its name, and the algorithms that it is for."""

    kid: str | None
    algorithms: tuple[str, ...]
    key: Any


@lru_cache(maxsize=8)
def pasted(jwks: str) -> tuple[PastedKey, ...]:
    """The keys of a JWKS that signatures can be checked with. Raises SettingError."""
    try:
        told = json.loads(jwks if jwks.lstrip().startswith("{") else Path(jwks).read_text("utf-8"))
    except OSError as error:
        raise SettingError(f"The JWKS of gateway_jwks cannot be read from {jwks!r}: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise SettingError(f"The value of gateway_jwks is no JWKS that can be used: {error}.") from None
    listed = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise SettingError('The value of gateway_jwks is no JWKS that can be used: {"keys": [...]} is expected.')
    if any("d" in each or each.get("kty") == "oct" for each in listed):
        raise SettingError("gateway_jwks has a private or a shared key, which signs; paste the public keys alone.")
    found = tuple(key for each in listed if (key := _public(each)) is not None)
    if not found:
        raise SettingError(
            "The value of gateway_jwks is no JWKS that can be used: none of its keys checks signatures by"
            f" {', '.join(_ALGORITHMS)}."
        )
    return found


def _public(told: Mapping[str, Any]) -> PastedKey | None:
    """A key as it is told; None for one that is for something else, or of a kind that nobody here knows."""
    import jwt

    algorithms = _ALGORITHMS.get(str(told.get("kty")), ())
    if told.get("use") not in (None, "sig"):
        return None
    if "alg" in told:
        algorithms = tuple(each for each in algorithms if each == told["alg"])
    if not algorithms:
        return None
    try:
        key = jwt.PyJWK.from_dict(dict(told), algorithms[0] if told["kty"] == "RSA" else None).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return PastedKey(told.get("kid"), algorithms, key)


def claims_by(jwks: str, text: str, tokens: Tokens, demands: Mapping[str, str | None]) -> JsonObject:
    """The claims of a JWT that one of the keys signed: that of its ``kid``, or any for none. Raises TokenRefused."""
    import jwt

    try:
        header = jwt.get_unverified_header(text)
    except jwt.InvalidTokenError:
        raise TokenRefused("malformed", "The token is no JWT.") from None
    kid, algorithm = header.get("kid"), str(header.get("alg"))
    for each in pasted(jwks):
        if algorithm in each.algorithms and kid in (None, each.kid) and _signed(text, each, algorithm):
            return tokens.read(text, algorithm=algorithm, key=each.key, **demands)
    named = "" if kid is None else f" the kid {str(kid)[:40]!r} and"
    raise TokenRefused("signature", f"No key of gateway_jwks has{named} signed the token by {algorithm[:10]!r}.")


def _signed(text: str, by: PastedKey, algorithm: str) -> bool:
    """Whether a token is signed by a key; what it says is looked at afterwards."""
    import jwt

    try:
        jwt.PyJWS().decode(text, by.key, algorithms=[algorithm])
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    return True
