"""Tokens that must not get in, each made from a good one, as an attacker would make them.

docs/security.md has the table of them, each beside what AWS's documents say.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_httpserver import HTTPServer

_STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_STRANGERS_CURVE = ec.generate_private_key(ec.SECP256R1())


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


def unsigned(token: str, algorithm: str = "none") -> str:
    """Say that no signature is needed."""
    header, claims, _ = _parts(token)
    return f"{_dump({**header, 'alg': algorithm})}.{_dump(claims)}."


def tampered(token: str, **changed: Any) -> str:
    """Keep the signature, change what the token claims."""
    header, claims, signature = _parts(token)
    return f"{_dump(header)}.{_dump({**claims, **changed})}.{signature}"


def with_another_header(token: str, **changed: Any) -> str:
    """Keep claims and signature, change what the header says of them."""
    header, claims, signature = _parts(token)
    return f"{_dump({**header, **changed})}.{_dump(claims)}.{signature}"


def without_signature(token: str) -> str:
    """Leave the signature out."""
    return token.rpartition(".")[0] + "."


def signed_by_a_stranger(token: str, algorithm: str = "RS256", **header: Any) -> str:
    """Sign the same claims with a key of one's own, under the pool's key id or another."""
    original, claims, _ = _parts(token)
    key = _STRANGERS_CURVE if algorithm.startswith("ES") else _STRANGER
    return jwt.encode(claims, key, algorithm, headers={"kid": original["kid"], **header})


def without_a_kid(token: str) -> str:
    """Name no key at all."""
    return jwt.encode(_parts(token)[1], _STRANGER, "RS256")


def strangers_jwk(kid: str = "stranger") -> dict[str, Any]:
    """Return the key that checks what a stranger signed."""
    jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(_STRANGER.public_key(), as_dict=True)
    return {**jwk, "kid": kid, "alg": "RS256", "use": "sig"}


def signed_with_a_secret(token: str, secret: bytes, kid: str | None = None) -> str:
    """Sign with a secret that one knows, and hope that it is taken for the key."""
    header, claims, _ = _parts(token)
    named = {**header, "alg": "HS256", "kid": header["kid"] if kid is None else kid}
    signed = f"{_dump(named)}.{_dump(claims)}"
    return f"{signed}.{_encode(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def signed_with_the_public_key(token: str, jwks: dict[str, Any]) -> str:
    """Use the public key, which everybody has, as the secret of an HS256 signature."""
    header, _, _ = _parts(token)
    jwk = next(key for key in jwks["keys"] if key["kid"] == header["kid"])
    public = jwt.PyJWK(jwk).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return signed_with_a_secret(token, public)


def encrypted(token: str) -> str:
    """Look like an encrypted token, of five parts."""
    header, _, signature = _parts(token)
    outer = _dump({**header, "alg": "dir", "enc": "A256GCM", "cty": "JWT"})
    return ".".join([outer, "", _encode(bytes(12)), _encode(token.encode()), signature[:22]])


def attackers_url(server: HTTPServer) -> str:
    """Let a fake server hand out the attacker's keys; return its URL. Nobody should ask for it."""
    server.expect_request(re.compile("")).respond_with_json({"keys": [strangers_jwk()]})
    return server.url_for("").rstrip("/")


def pointing_at(url: str) -> dict[str, Callable[[str], str]]:
    """Return ways to name a key server of one's own, on which `strangers_jwk` is to be had."""
    jwks = f"{url}/.well-known/jwks.json"
    return {
        "jku": lambda token: signed_by_a_stranger(token, kid="stranger", jku=jwks),
        "jku, the pool's kid": lambda token: signed_by_a_stranger(token, jku=jwks),
        "x5u": lambda token: signed_by_a_stranger(token, kid="stranger", x5u=jwks),
        "kid is an address": lambda token: signed_by_a_stranger(token, kid=jwks),
        "iss is its own": lambda token: jwt.encode(
            {**_parts(token)[1], "iss": url}, _STRANGER, "RS256", headers={"kid": "stranger"}
        ),
    }


FROM_ANY_GOOD_TOKEN: dict[str, Callable[[str], str]] = {
    "junk": lambda _: "junk",
    "two dots": lambda _: "..",
    "not base64": lambda _: "ä.ö.ü",
    "very long": lambda _: "a" * 8_000,
    "Bearer and nothing": lambda _: "Bearer ",
    "Basic": lambda _: "Basic UGF1bDpQYSQkd29yZDE=",
    "two tokens": lambda token: f"{token},{token}",
    "half a token": lambda token: token[: len(token) // 2],
    "encrypted": encrypted,
    "alg none": unsigned,
    "alg None": lambda token: unsigned(token, "None"),
    "alg nOnE": lambda token: unsigned(token, "nOnE"),
    "alg empty": lambda token: unsigned(token, ""),
    "no signature": without_signature,
    "another sub": lambda token: tampered(token, sub="somebody-else"),
    "a later exp": lambda token: tampered(token, exp=4_102_444_800),
    "a group added": lambda token: tampered(token, **{"cognito:groups": ["vendor-v0"]}),
    "signed by nobody, crit": lambda token: with_another_header(token, crit=["exp"], b64=False),
    "a stranger's signature": signed_by_a_stranger,
    "a stranger's, PS256": lambda token: signed_by_a_stranger(token, "PS256"),
    "a stranger's, RS512": lambda token: signed_by_a_stranger(token, "RS512"),
    "a stranger's, ES256": lambda token: signed_by_a_stranger(token, "ES256"),
    "a key of its own": lambda token: signed_by_a_stranger(token, jwk=strangers_jwk()),
    "a certificate of its own": lambda token: signed_by_a_stranger(token, x5c=["MIIB"]),
    "an unknown kid": lambda token: signed_by_a_stranger(token, kid="unknown"),
    "no kid": without_a_kid,
    "kid is empty": lambda token: signed_by_a_stranger(token, kid=""),
    "kid is a path": lambda token: signed_by_a_stranger(token, kid="../../../../dev/null"),
    "kid is SQL": lambda token: signed_by_a_stranger(token, kid="x' UNION SELECT 'key"),
    "kid is a command": lambda token: signed_by_a_stranger(token, kid="|/bin/true"),
    "HS256, empty secret": lambda token: signed_with_a_secret(token, b""),
    "HS256, the key in /dev/null": lambda token: signed_with_a_secret(token, b"", "../../dev/null"),
}
