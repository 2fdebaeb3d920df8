"""Tokens that the service must reject, each forged from a valid one.

docs/security.md lists them with AWS's documentation on each.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_decode, base64url_encode
from pytest_httpserver import HTTPServer

_ATTACKER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_ATTACKER_EC_KEY = ec.generate_private_key(ec.SECP256R1())


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, claims, signature = token.split(".")
    return json.loads(base64url_decode(header)), json.loads(base64url_decode(claims)), signature


def _dump(part: dict[str, Any]) -> str:
    return _encode(json.dumps(part).encode())


def _encode(content: bytes) -> str:
    return base64url_encode(content).decode()


def remove_signature(token: str, algorithm: str = "none") -> str:
    """Remove the signature and declare that there is none."""
    header, claims, _ = _parts(token)
    return f"{_dump({**header, 'alg': algorithm})}.{_dump(claims)}."


def change_claims(token: str, **changes: Any) -> str:
    """Change the claims and keep the signature."""
    header, claims, signature = _parts(token)
    return f"{_dump(header)}.{_dump({**claims, **changes})}.{signature}"


def change_header(token: str, **changes: Any) -> str:
    """Change the header and keep claims and signature."""
    header, claims, signature = _parts(token)
    return f"{_dump({**header, **changes})}.{_dump(claims)}.{signature}"


def sign_as_attacker(token: str, algorithm: str = "RS256", **header: Any) -> str:
    """Sign the same claims with the attacker's key, under the pool's key id or another."""
    original, claims, _ = _parts(token)
    key = _ATTACKER_EC_KEY if algorithm.startswith("ES") else _ATTACKER_KEY
    return jwt.encode(claims, key, algorithm, headers={"kid": original["kid"], **header})


def attacker_jwk(kid: str = "attacker") -> dict[str, Any]:
    """Return the public key that verifies the attacker's signatures."""
    jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(
        _ATTACKER_KEY.public_key(), as_dict=True
    )
    return {**jwk, "kid": kid, "alg": "RS256", "use": "sig"}


def sign_with_secret(token: str, secret: bytes, **header: Any) -> str:
    """Sign by HS256 with a secret that a careless verifier uses as the key."""
    original, claims, _ = _parts(token)
    content = f"{_dump({**original, 'alg': 'HS256', **header})}.{_dump(claims)}"
    return f"{content}.{_encode(hmac.digest(secret, content.encode(), hashlib.sha256))}"


def sign_with_public_key(token: str, jwks: dict[str, Any]) -> str:
    """Sign by HS256 with the public key as the secret."""
    header, _, _ = _parts(token)
    jwk = next(key for key in jwks["keys"] if key["kid"] == header["kid"])
    public = jwt.PyJWK(jwk).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return sign_with_secret(token, public)


def encrypt(token: str) -> str:
    """Wrap the token in the five parts of an encrypted token (JWE)."""
    header, _, signature = _parts(token)
    outer_header = _dump({**header, "alg": "dir", "enc": "A256GCM", "cty": "JWT"})
    return ".".join([outer_header, "", _encode(bytes(12)), _encode(token.encode()), signature[:22]])


def serve_attacker_keys(server: HTTPServer) -> str:
    """Publish the attacker's key on the server; return its URL. No verifier may request it."""
    server.expect_request(re.compile("")).respond_with_json({"keys": [attacker_jwk()]})
    return server.url_for("").rstrip("/")


def refer_to_key_server(url: str) -> dict[str, Callable[[str], str]]:
    """Return ways to make a token refer to the attacker's key server at `url`."""
    jwks = f"{url}/.well-known/jwks.json"
    return {
        "jku": lambda token: sign_as_attacker(token, kid="attacker", jku=jwks),
        "jku, the pool's kid": lambda token: sign_as_attacker(token, jku=jwks),
        "x5u": lambda token: sign_as_attacker(token, kid="attacker", x5u=jwks),
        "kid is an address": lambda token: sign_as_attacker(token, kid=jwks),
        "iss is its own": lambda token: jwt.encode(
            {**_parts(token)[1], "iss": url}, _ATTACKER_KEY, "RS256", headers={"kid": "attacker"}
        ),
    }


FROM_VALID_TOKEN: dict[str, Callable[[str], str]] = {
    "junk": lambda _: "junk",
    "two dots": lambda _: "..",
    "not base64": lambda _: "ä.ö.ü",
    "very long": lambda _: "a" * 8_000,
    "Bearer without a token": lambda _: "Bearer ",
    "Basic": lambda _: "Basic UGF1bDpQYSQkd29yZDE=",
    "two tokens": lambda token: f"{token},{token}",
    "half a token": lambda token: token[: len(token) // 2],
    "encrypted": encrypt,
    "alg none": remove_signature,
    "alg None": lambda token: remove_signature(token, "None"),
    "alg nOnE": lambda token: remove_signature(token, "nOnE"),
    "alg empty": lambda token: remove_signature(token, ""),
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "another sub": lambda token: change_claims(token, sub="somebody-else"),
    "a later exp": lambda token: change_claims(token, exp=4_102_444_800),
    "a group added": lambda token: change_claims(token, **{"cognito:groups": ["vendor-v0"]}),
    "not signed again, crit": lambda token: change_header(token, crit=["exp"], b64=False),
    "an attacker's signature": sign_as_attacker,
    "an attacker's, PS256": lambda token: sign_as_attacker(token, "PS256"),
    "an attacker's, RS512": lambda token: sign_as_attacker(token, "RS512"),
    "an attacker's, ES256": lambda token: sign_as_attacker(token, "ES256"),
    "a key of its own": lambda token: sign_as_attacker(token, jwk=attacker_jwk()),
    "a certificate of its own": lambda token: sign_as_attacker(token, x5c=["MIIB"]),
    "an unknown kid": lambda token: sign_as_attacker(token, kid="unknown"),
    "no kid": lambda token: jwt.encode(_parts(token)[1], _ATTACKER_KEY, "RS256"),
    "kid is empty": lambda token: sign_as_attacker(token, kid=""),
    "kid is a path": lambda token: sign_as_attacker(token, kid="../../../../dev/null"),
    "kid is SQL": lambda token: sign_as_attacker(token, kid="x' UNION SELECT 'key"),
    "kid is a command": lambda token: sign_as_attacker(token, kid="|/bin/true"),
    "HS256, empty secret": lambda token: sign_with_secret(token, b""),
    "HS256, /dev/null as key": lambda token: sign_with_secret(token, b"", kid="../../dev/null"),
}
