"""Tokens that the service must reject, each forged from a valid one.

docs/security.md lists them with AWS's documentation on each. They are sent to
`chalice.test.Client` (tests/api), and to `make run` and the package (tests/hardening).
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_encode
from pytest_httpserver import HTTPServer

_ATTACKER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Valid(NamedTuple):
    """What an attacker has: a valid token, the pool's public key in PEM, and a key server."""

    token: str
    header: dict[str, Any]
    claims: dict[str, Any]
    public_key: bytes
    key_server: str

    @property
    def signature(self) -> str:
        return self.token.rpartition(".")[2]


def valid(token: str, endpoint_url: str, pool_id: str, key_server: HTTPServer) -> Valid:
    """Return what an attacker has. The test must check that the key server got no request."""
    keys = jwt.PyJWKClient(f"{endpoint_url}/{pool_id}/.well-known/jwks.json")
    key = keys.get_signing_key_from_jwt(token).key
    key_server.expect_request("/.well-known/jwks.json").respond_with_json({"keys": [_public_jwk()]})
    return Valid(
        token,
        jwt.get_unverified_header(token),
        jwt.decode(token, options={"verify_signature": False}),
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        key_server.url_for("").rstrip("/"),
    )


def _encode(part: dict[str, Any]) -> str:
    return base64url_encode(json.dumps(part).encode()).decode()


def _unsigned(algorithm: str) -> Callable[[Valid], str]:
    """Remove the signature, and declare this algorithm."""
    return lambda valid: f"{_encode({**valid.header, 'alg': algorithm})}.{_encode(valid.claims)}."


def _with_claims(**changes: Any) -> Callable[[Valid], str]:
    """Change the claims and keep the signature."""
    return lambda valid: (
        f"{_encode(valid.header)}.{_encode(valid.claims | changes)}.{valid.signature}"
    )


def _signed_by_attacker(algorithm: str = "RS256", **header: Any) -> Callable[[Valid], str]:
    """Sign the same claims with the attacker's key, under the pool's key id or another."""
    return lambda valid: jwt.encode(
        valid.claims, _ATTACKER_KEY, algorithm, headers={"kid": valid.header["kid"], **header}
    )


def _signed_with_secret(valid: Valid, secret: bytes, **header: Any) -> str:
    """Sign by HS256 with a secret that a careless verifier uses as the key."""
    content = f"{_encode({**valid.header, 'alg': 'HS256', **header})}.{_encode(valid.claims)}"
    signature = hmac.digest(secret, content.encode(), hashlib.sha256)
    return f"{content}.{base64url_encode(signature).decode()}"


def _public_jwk() -> dict[str, Any]:
    """Return the public key that verifies the attacker's signatures."""
    key = _ATTACKER_KEY.public_key()
    jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(key, as_dict=True)
    return {**jwk, "kid": "attacker", "alg": "RS256", "use": "sig"}


def _at_key_server(name: str, **header: Any) -> Callable[[Valid], str]:
    """Sign as the attacker; the header `name` has the URL of the attacker's keys."""
    return lambda valid: _signed_by_attacker(
        **{**header, name: f"{valid.key_server}/.well-known/jwks.json"}
    )(valid)


BAD_TOKENS: dict[str, Callable[[Valid], str]] = {
    "empty": lambda _: "",
    "junk": lambda _: "junk",
    "two dots": lambda _: "..",
    "not base64": lambda _: "ä.ö.ü",
    "very long": lambda _: "a" * 8_000,
    "Bearer without a token": lambda _: "Bearer ",
    "Basic": lambda _: "Basic UGF1bDpQYSQkd29yZDE=",
    "two tokens": lambda valid: f"{valid.token},{valid.token}",
    "half a token": lambda valid: valid.token[: len(valid.token) // 2],
    "five parts, as encrypted": lambda valid: f"{valid.token}.AAAA.AAAA",
    "alg none": _unsigned("none"),
    "alg nOnE": _unsigned("nOnE"),
    "alg empty": _unsigned(""),
    "no signature": lambda valid: valid.token.removesuffix(valid.signature),
    "another sub": _with_claims(sub="somebody-else"),
    "a later exp": _with_claims(exp=4_102_444_800),
    "a group added": _with_claims(**{"cognito:groups": ["vendor-v0"]}),
    "an attacker's signature": _signed_by_attacker(),
    "an attacker's, PS256": _signed_by_attacker("PS256"),
    "a key of its own": _signed_by_attacker(jwk=_public_jwk()),
    "a certificate of its own": _signed_by_attacker(x5c=["MIIB"]),
    "an unknown kid": _signed_by_attacker(kid="attacker"),
    "no kid": lambda valid: jwt.encode(valid.claims, _ATTACKER_KEY, "RS256"),
    "kid is a path": _signed_by_attacker(kid="../../../../dev/null"),
    "kid is SQL": _signed_by_attacker(kid="x' UNION SELECT 'key"),
    "kid is an address": _at_key_server("kid"),
    "jku": _at_key_server("jku", kid="attacker"),
    "jku, the pool's kid": _at_key_server("jku"),
    "x5u": _at_key_server("x5u", kid="attacker"),
    "iss is the key server": lambda valid: _signed_by_attacker(kid="attacker")(
        valid._replace(claims=valid.claims | {"iss": valid.key_server})
    ),
    "HS256, empty secret": lambda valid: _signed_with_secret(valid, b""),
    "HS256, /dev/null as key": lambda valid: _signed_with_secret(valid, b"", kid="../../dev/null"),
    "HS256, the public key as secret": lambda valid: _signed_with_secret(valid, valid.public_key),
}
