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
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

import boto3
from botocore.config import Config

_KEY_ID = os.environ["PUSH_KEY_ID"]
_CONTACT = os.environ["PUSH_CONTACT"]  # mailto:...; a push service may report problems to it

_TOKEN_LIFETIME = 12 * 3600  # seconds; RFC 8292 allows 24 hours
_TOKEN_REUSE = 6 * 3600  # seconds
_TIMEOUT = 5.0  # seconds to connect, and again for the answer
_BATCH_TIMEOUT = 15.0  # seconds for all pushes of a batch
# A push service keeps a push for a phone that is switched off until nobody waits for it any more.
_HEADERS = {"TTL": "1800", "Urgency": "high"}

_log = logging.getLogger("notifier")
_log.setLevel(logging.INFO)
_kms = boto3.client("kms", config=Config(connect_timeout=2, read_timeout=2))
_tls = ssl.create_default_context()  # takes 27 ms of CPU, so all pushes share it
# One for each record of a batch, so that a slow push service delays no other.
_threads = ThreadPoolExecutor(max_workers=100)
_tokens: dict[str, tuple[float, str]] = {}
_tokens_lock = threading.Lock()
# Lambda repeats a batch from its first failure on. These pushes are not sent again.
_sent: set[str] = set()


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Send a push for each record whose order became ready or cancelled.

    Returns the failed records as `ReportBatchItemFailures` expects them; Lambda repeats these:
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    Raises RuntimeError if all fail: Lambda repeats them, too, and counts an error for the alarm.
    """
    endpoints = dict(filter(None, map(_push_of, event["Records"])))
    results = {number: _threads.submit(_push, url) for number, url in endpoints.items()}
    late = wait(results.values(), _BATCH_TIMEOUT).not_done
    failures = [n for n, result in results.items() if result in late or not result.result()]
    if failures:
        _sent.update(results.keys() - set(failures))
    else:
        _sent.clear()
    _log.info("pushes: %d sent, %d failed", len(results) - len(failures), len(failures))
    if failures and len(failures) == len(results):
        raise RuntimeError("no push was sent")
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failures]}


def _push_of(record: dict[str, Any]) -> tuple[str, SplitResult] | None:
    """Return the stream's number of a record, and where to push because of it; None if nowhere."""
    try:
        change = record["dynamodb"]
        number, order = change["SequenceNumber"], change["NewImage"]
        is_news = order["status"] != change.get("OldImage", {}).get("status")
        url = urlsplit(order["push"]["S"])
        return (number, url) if is_news and number not in _sent else None
    except Exception:  # one bad record blocks no other
        _log.exception("a record of the stream cannot be read")
        return None


def _push(url: SplitResult) -> bool:
    """Send an empty push. Return whether it needs no other attempt.

    No log has the whole URL. A subscription that has ended is 404 or 410 (RFC 8030, 7.3).
    """
    try:
        with _tokens_lock:
            authorization = _authorization(f"{url.scheme}://{url.netloc}")
        status = _post(url, {**_HEADERS, "Authorization": authorization})
    except Exception as error:
        _log.warning("%s: %s", url.hostname, type(error).__name__)
        return False
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        _log.warning("%s answers %d", url.hostname, status)
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS


def _post(url: SplitResult, headers: dict[str, str]) -> int:
    """Send a POST, and return the status. Raises OSError or HTTPException.

    http.client follows no redirects, which could lead to a foreign or an internal address. The
    timeout of a socket starts again with each byte, so a timer limits the whole answer.
    """
    connection = (
        http.client.HTTPSConnection(url.netloc, timeout=_TIMEOUT, context=_tls)
        if url.scheme == "https"
        else http.client.HTTPConnection(url.netloc, timeout=_TIMEOUT)
    )
    connection.connect()
    timer = threading.Timer(_TIMEOUT, connection.sock.shutdown, [socket.SHUT_RDWR])
    timer.start()
    try:
        connection.request("POST", url._replace(scheme="", netloc="").geturl(), headers=headers)
        return connection.getresponse().status
    finally:
        timer.cancel()
        connection.close()


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
        # KMS returns the key in DER (RFC 5480), whose last 65 bytes are the point browsers know.
        key = _kms.get_public_key(KeyId=_KEY_ID)["PublicKey"][-65:]
        header = f"vapid t={content}.{_base64(_raw_signature(signature))}, k={_base64(key)}"
        _tokens[origin] = (now, header)
    return header


def _raw_signature(der: bytes) -> bytes:
    """Return a signature as JWS needs it (RFC 7518, 3.4): r and s, each in 32 bytes.

    KMS returns the two integers in DER, with 1 byte for tag and length each.
    """
    r_length = der[3]
    r, s = der[4 : 4 + r_length], der[6 + r_length :]
    return b"".join(int.from_bytes(number).to_bytes(32) for number in (r, s))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
