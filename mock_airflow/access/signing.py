"""The keys that tokens are signed with, and what of them is public.

They guard nothing: HS256 uses a secret made from the deployment's seed, RS256 one key pair that everybody can read
below. So the same seed gives the same tokens, and a token is still good after the server was started again.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from mock_airflow.errors import MissingExtraError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

EXPONENT = 65537
P_AND_Q = (
    int(
        "d769cd28e1da6e37fd1067ec1828558b0f5099a1ce40ea76ee458ceaa21eb79f"
        "282327656c0f91b7e0dd155e65a911ad1bebe5bda9ed5ab2d3876c2a666fe0b3"
        "2c63206bc4808278bf3296f0117e592e4b98503828b9cad5a1b587995be63cca"
        "bb4416c55a8abb377e3188dc64516a1441cd4354ba8fa3078a56ba7314a9d301",
        16,
    ),
    int(
        "be16d08d34c0bc4133fc2ac330901f8ac6ecd93d8d1707e1a8b9bc844e457eb8"
        "3af038e56eea270a46943e43d4b3f3d227b43039c2b874b3a433a6c945d1720c"
        "432c515c1f96197a43eff004828eea5618e4a15159bf7892feb30f05d5ffe443"
        "466f30cc0652697355a879c82a36f61c526892506a9c0282b28483d624de5b1d",
        16,
    ),
)


def require(profile: str) -> None:
    """Make sure that tokens can be signed. Raises MissingExtraError without the package that does it."""
    try:
        import jwt  # noqa: F401
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: F401
    except ImportError:
        raise MissingExtraError(
            f"The profile {profile!r} signs tokens, which takes PyJWT with cryptography; "
            "install them with: pip install 'mock-airflow[jwt]'"
        ) from None


def secret(seed: int) -> bytes:
    """The HS256 secret of a deployment with this seed."""
    return hashlib.sha256(f"mock-airflow/{seed}/signing".encode()).digest()


@cache
def private_key() -> RSAPrivateKey:
    """The RS256 key pair."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    p, q = P_AND_Q
    d = rsa.rsa_recover_private_exponent(EXPONENT, p, q)
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=rsa.RSAPublicNumbers(e=EXPONENT, n=p * q),
    ).private_key(unsafe_skip_rsa_key_validation=True)  # 65 ms for a constant, whose tokens tests check elsewhere


@cache
def private_key_pem() -> str:
    """The RS256 key pair as a PEM text (PKCS 8), for clients that sign with it themselves."""
    from cryptography.hazmat.primitives import serialization

    form, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return private_key().private_bytes(form, kind, serialization.NoEncryption()).decode()


@cache
def key_id() -> str:
    """What names the RS256 key in a token's header and in the JWKS: its thumbprint (RFC 7638)."""
    from base64 import urlsafe_b64encode

    public = _public()
    text = f'{{"e":"{public["e"]}","kty":"RSA","n":"{public["n"]}"}}'
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def _public() -> dict[str, Any]:
    from jwt.algorithms import RSAAlgorithm

    return RSAAlgorithm.to_jwk(private_key().public_key(), as_dict=True)


def jwks() -> dict[str, Any]:
    """The public key as a JSON Web Key Set (RFC 7517), for those who check RS256 tokens."""
    public = _public()
    return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": key_id(), "n": public["n"], "e": public["e"]}]}
