"""Sends a Web Push (RFC 8030) to the customer whose order became ready, or was cancelled.

Lambda calls `handler` with records of the orders table's stream. The push has no content: the
page's service worker looks the order up. So a push service learns only when something happened, and
nothing has to be encrypted.

The function identifies itself by VAPID (RFC 8292): a token for each push service, signed by a key
that never leaves KMS. deploy/stack.py puts this file into the template of the data stack, so it
imports only what Lambda's runtime has.
"""

import base64
import http.client
import json
import logging
import os
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3

_KEY_ID = os.environ["PUSH_KEY_ID"]
_CONTACT = os.environ["PUSH_CONTACT"]  # mailto:...; a push service may report problems to it

_TOKEN_LIFETIME = 12 * 3600  # seconds; RFC 8292 allows 24 hours
_TOKEN_REUSE = 6 * 3600  # seconds
_TIMEOUT = 5.0  # seconds, to connect and for each read
_BATCH_TIMEOUT = 15.0  # seconds for all pushes of a batch
# A push service keeps a push for a phone that is switched off until nobody waits for it any more.
_HEADERS = {"TTL": "1800", "Urgency": "high", "Content-Length": "0"}
_GONE = (404, 410)  # the customer has withdrawn the subscription (RFC 8030, 7.3)
_TRY_AGAIN = 429

_log = logging.getLogger("notifier")
_log.setLevel(logging.INFO)
_kms = boto3.client("kms")
_threads = ThreadPoolExecutor(max_workers=20)
_tokens: dict[str, tuple[float, str]] = {}
# Lambda repeats a batch from its first failure on. These pushes are not sent again.
_sent: set[str] = set()


class _PushError(Exception):
    """A push failed, and a later attempt may succeed."""


class _Push(NamedTuple):
    """A push to send, and the stream's number of the record that causes it."""

    sequence_number: str
    endpoint: str


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Send a push for each record whose order became ready or cancelled.

    Returns the failed records as `ReportBatchItemFailures` expects them; Lambda repeats these:
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    pushes = [push for record in event["Records"] if (push := _push_of(record))]
    results = {push.sequence_number: _threads.submit(_send, push.endpoint) for push in pushes}
    wait(results.values(), _BATCH_TIMEOUT)
    failures = [number for number, result in results.items() if not _is_done(result)]
    if failures:
        _sent.update(results.keys() - set(failures))
    else:
        _sent.clear()
    _log.info("pushes: %d sent, %d failed", len(results) - len(failures), len(failures))
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failures]}


def _push_of(record: dict[str, Any]) -> _Push | None:
    """Return the push that a record asks for; None if it asks for none or cannot be read."""
    try:
        change = record["dynamodb"]
        order, old_order = change["NewImage"], change.get("OldImage", {})
        if order["status"] == old_order.get("status") or change["SequenceNumber"] in _sent:
            return None
        return _Push(change["SequenceNumber"], order["push"]["S"])
    except (KeyError, TypeError):
        _log.exception("a record of the stream cannot be read")
        return None


def _is_done(result: "Future[None]") -> bool:
    """Return whether a push needs no other attempt."""
    if not result.done():
        result.cancel()
        _log.warning("a push was not sent within %.0f s", _BATCH_TIMEOUT)
        return False
    error = result.exception()
    if error is not None:
        _log.warning("a push failed: %s", error)
    return error is None


def _send(endpoint: str) -> None:
    """Send an empty push. Raises _PushError if a later attempt may succeed.

    http.client follows no redirects, which could lead to a foreign or an internal address.
    """
    url = urlsplit(endpoint)
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.netloc, timeout=_TIMEOUT)
    path = f"{url.path}?{url.query}" if url.query else url.path
    headers = {**_HEADERS, "Authorization": _authorization(f"{url.scheme}://{url.netloc}")}
    try:
        connection.request("POST", path, headers=headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise _PushError(f"{url.hostname} {type(error).__name__}") from None
    finally:
        connection.close()
    if status == _TRY_AGAIN or status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        raise _PushError(f"{url.hostname} answers {status}")
    if status in _GONE:
        _log.info("a subscription at %s has ended", url.hostname)
    elif status >= http.HTTPStatus.MULTIPLE_CHOICES:
        _log.error("%s rejects a push with %d", url.hostname, status)


def _authorization(origin: str) -> str:
    """Return the header for a push service: a VAPID token (RFC 8292) and the public key."""
    created, header = _tokens.get(origin, (0.0, ""))
    now = time.time()
    if now - created > _TOKEN_REUSE:
        claims = {"aud": origin, "exp": int(now) + _TOKEN_LIFETIME, "sub": _CONTACT}
        content = ".".join(
            _base64(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims)
        )
        signature = _kms.sign(
            KeyId=_KEY_ID, Message=content.encode(), SigningAlgorithm="ECDSA_SHA_256"
        )["Signature"]
        header = f"vapid t={content}.{_base64(_raw_signature(signature))}, k={_public_key()}"
        _tokens[origin] = (now, header)
    return header


def _public_key() -> str:
    """Return the public key as browsers know it: an uncompressed point, in base64url.

    KMS returns it in DER (RFC 5480), whose last 65 bytes are the point.
    """
    return _base64(_kms.get_public_key(KeyId=_KEY_ID)["PublicKey"][-65:])


def _raw_signature(der: bytes) -> bytes:
    """Return a signature as JWS needs it (RFC 7518, 3.4): r and s, each in 32 bytes.

    KMS returns the two integers in DER, with 1 byte for tag and length each.
    """
    r_length = der[3]
    r, s = der[4 : 4 + r_length], der[6 + r_length :]
    return b"".join(int.from_bytes(number).to_bytes(32) for number in (r, s))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
