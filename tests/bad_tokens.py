"""Tokens that must not get in, each made from a good one, as an attacker would make them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, claims, signature = token.split(".")
    return _load(header), _load(claims), signature


def _load(part: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return loaded


def _dump(part: dict[str, Any]) -> str:
    return _encode(json.dumps(part).encode())


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unsigned(token: str) -> str:
    """Say that no signature is needed."""
    header, claims, _ = _parts(token)
    return f"{_dump({**header, 'alg': 'none'})}.{_dump(claims)}."


def with_another_claim(token: str) -> str:
    """Keep the signature, change whom the token names."""
    header, claims, signature = _parts(token)
    return f"{_dump(header)}.{_dump({**claims, 'sub': 'somebody-else'})}.{signature}"


def without_signature(token: str) -> str:
    """Leave the signature out."""
    return token.rpartition(".")[0] + "."


def signed_by_a_stranger(token: str) -> str:
    """Sign the same claims with a key of one's own, under the pool's key id."""
    header, claims, _ = _parts(token)
    return jwt.encode(claims, _STRANGER, "RS256", headers={"kid": header["kid"]})


def with_a_key_of_its_own(token: str) -> str:
    """Bring the key to check with along, in the header."""
    header, claims, _ = _parts(token)
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_STRANGER.public_key()))
    return jwt.encode(claims, _STRANGER, "RS256", headers={"kid": header["kid"], "jwk": jwk})


def with_an_unknown_kid(token: str) -> str:
    """Name a key that the pool does not have."""
    _, claims, _ = _parts(token)
    return jwt.encode(claims, _STRANGER, "RS256", headers={"kid": "unknown"})


def without_a_kid(token: str) -> str:
    """Name no key at all."""
    return jwt.encode(_parts(token)[1], _STRANGER, "RS256")


def signed_with_the_public_key(token: str, jwks: dict[str, Any]) -> str:
    """Use the public key, which everybody has, as the secret of an HS256 signature."""
    header, claims, _ = _parts(token)
    jwk = next(key for key in jwks["keys"] if key["kid"] == header["kid"])
    public = jwt.PyJWK(jwk).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{_dump({**header, 'alg': 'HS256'})}.{_dump(claims)}"
    return f"{signed}.{_encode(hmac.digest(public, signed.encode(), hashlib.sha256))}"


FROM_ANY_GOOD_TOKEN: dict[str, Callable[[str], str]] = {
    "junk": lambda _: "junk",
    "two dots": lambda _: "..",
    "not base64": lambda _: "ä.ö.ü",
    "Bearer and nothing": lambda _: "Bearer ",
    "Basic": lambda _: "Basic UGF1bDpQYSQkd29yZDE=",
    "alg none": unsigned,
    "another claim": with_another_claim,
    "no signature": without_signature,
    "a stranger's signature": signed_by_a_stranger,
    "a key of its own": with_a_key_of_its_own,
    "an unknown kid": with_an_unknown_kid,
    "no kid": without_a_kid,
}
