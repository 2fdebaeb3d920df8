"""The notifier: which records it pushes, what a push service receives, which failures repeat."""

import base64
import contextlib
import importlib
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.fixtures import Cloud

_PREPARING, _READY = {"S": "preparing"}, {"S": "ready"}
_DEAD = "http://127.0.0.1:9/nobody-listens"

Notify = Callable[..., list[str]]


@pytest.fixture
def notify(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notify]:  # noqa: ARG001
    """Return a function that notifies of records, and returns the numbers of the failed ones.

    The notifier's key is on moto, whose address `cloud` puts into the environment.
    """
    key = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    monkeypatch.setenv("PUSH_KEY_ID", key["KeyMetadata"]["KeyId"])
    monkeypatch.setenv("PUSH_CONTACT", "mailto:shop@example.com")
    notifier = importlib.reload(importlib.import_module("notifier.web_push"))

    def notify(*records: dict[str, Any]) -> list[str]:
        result = notifier.handler({"Records": records}, None)
        return [failure["itemIdentifier"] for failure in result["batchItemFailures"]]

    yield notify
    notifier._threads.shutdown()


def record(number: str, endpoint: str | None, *, old: Any = _PREPARING) -> dict[str, Any]:
    push = {"push": {"S": endpoint}} if endpoint else {}
    change = {"NewImage": {"status": _READY, **push}, "OldImage": {"status": old}}
    return {"dynamodb": {"SequenceNumber": number, **change}}


def test_a_push_is_empty_urgent_and_signed_by_the_key(
    notify: Notify, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/p", "POST").respond_with_data(status=201)
    assert notify(*[record(str(number), httpserver.url_for("/p")) for number in range(10)]) == []
    request, _ = httpserver.log[0]
    assert request.content_length == 0
    assert request.headers["TTL"] == "1800"
    assert request.headers["Urgency"] == "high"
    # One token serves all pushes to this push service.
    (authorization,) = {request.headers["Authorization"] for request, _ in httpserver.log}
    scheme, token, key = authorization.split(" ")
    assert scheme == "vapid"
    point = base64.urlsafe_b64decode(key.removeprefix("k=") + "=")
    public_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    origin = httpserver.url_for("").rstrip("/")
    encoded = token.removeprefix("t=").rstrip(",")
    claims = jwt.decode(encoded, public_key, algorithms=["ES256"], audience=origin)
    assert claims["sub"] == "mailto:shop@example.com"
    assert claims["exp"] - time.time() < 24 * 3600


@pytest.mark.parametrize(
    ("statuses", "is_repeated"), [((201, 404, 410, 400, 301), False), ((429, 500, 503), True)]
)
def test_only_temporary_failures_are_repeated(
    notify: Notify,
    httpserver: HTTPServer,
    caplog: pytest.LogCaptureFixture,
    statuses: tuple[int, ...],
    is_repeated: bool,
) -> None:
    caplog.set_level(logging.INFO)
    elsewhere = {"Location": httpserver.url_for("/elsewhere")}  # no redirect is followed
    for status in statuses:
        httpserver.expect_request("/p").respond_with_data(status=status, headers=elsewhere)
        failures = notify(record("7", httpserver.url_for("/p?secret")))
        assert failures == (["7"] if is_repeated else [])
        httpserver.clear_all_handlers()
    assert [request.path for request, _ in httpserver.log] == ["/p"] * len(statuses)
    lines = [line.getMessage() for line in caplog.records if line.name == "notifier"]
    assert f"127.0.0.1 answers {statuses[-1]}" in lines
    assert "secret" not in "".join(lines)


def test_a_bad_record_and_a_dead_push_service_block_no_other(
    notify: Notify, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/p").respond_with_data(status=201)
    nonsense = {"dynamodb": {"NewImage": "nonsense"}}
    without_news = [record("8", _DEAD, old=_READY), record("9", None)]
    records = [nonsense, *without_news, record("1", _DEAD), record("2", httpserver.url_for("/p"))]
    assert notify(*records) == ["1"]
    assert notify(*records) == ["1"]
    assert len(httpserver.log) == 1  # the one that arrived is not sent again


def drip(request: Request) -> Response:
    """Send the answer one byte at a time, for three seconds."""
    with contextlib.suppress(OSError):
        for _ in range(60):
            request.environ["werkzeug.socket"].sendall(b"H")
            time.sleep(0.05)
    return Response()


@pytest.mark.parametrize("limit", ["_TIMEOUT", "_BATCH_TIMEOUT"])
def test_a_dripping_push_service_fails_in_time(
    notify: Notify, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    httpserver.expect_request("/p").respond_with_handler(drip)
    monkeypatch.setattr(f"notifier.web_push.{limit}", 0.2)
    started = time.monotonic()
    assert notify(record("1", httpserver.url_for("/p"))) == ["1"]
    assert time.monotonic() - started < 2
