"""The notifier: which records it pushes, what a push service receives, which failures repeat."""

import base64
import contextlib
import importlib
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

_DEAD = "http://127.0.0.1:9/secret"  # nobody listens there

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


@pytest.fixture
def good(httpserver: HTTPServer) -> str:
    """Return an endpoint that accepts pushes."""
    httpserver.expect_request("/good", "POST", query_string="token=A").respond_with_data(status=201)
    return httpserver.url_for("/good?token=A")


def record(number: str, endpoint: Any, old_status: str = "preparing") -> dict[str, Any]:
    order = {"status": {"S": "ready"}, "push": {"S": endpoint}}
    change = {"NewImage": order, "OldImage": {"status": {"S": old_status}}}
    return {"dynamodb": {"SequenceNumber": number, **change}}


def test_a_push_is_empty_urgent_and_signed_by_the_key(
    notify: Notify, httpserver: HTTPServer, good: str
) -> None:
    assert notify(*[record(str(number), good) for number in range(10)]) == []
    request, _ = httpserver.log[0]
    assert request.content_length == 0
    assert (request.headers["TTL"], request.headers["Urgency"]) == ("1800", "high")
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
    ("status", "failures"),
    [
        *[(status, []) for status in (301, 400, 404, 410)],
        *[(status, ["7"]) for status in (429, 500, 503)],
    ],
)
def test_only_temporary_failures_are_repeated(
    notify: Notify,
    httpserver: HTTPServer,
    good: str,
    caplog: pytest.LogCaptureFixture,
    status: int,
    failures: list[str],
) -> None:
    headers = {"Location": good}  # no redirect is followed
    httpserver.expect_request("/secret").respond_with_data(status=status, headers=headers)
    assert notify(record("7", httpserver.url_for("/secret")), record("8", good)) == failures
    assert len(httpserver.log) == 2
    lines = [line.getMessage() for line in caplog.records if line.name == "notifier"]
    assert f"127.0.0.1 answers {status}" in lines
    assert "secret" not in "".join(lines)


def test_a_bad_record_and_a_dead_push_service_block_no_other(
    notify: Notify, httpserver: HTTPServer, good: str, caplog: pytest.LogCaptureFixture
) -> None:
    nonsense = [{"dynamodb": {"NewImage": "nonsense"}}, record("6", 5)]
    records = [*nonsense, record("7", good, "ready"), record("8", _DEAD), record("9", good)]
    assert notify(*records) == ["8"]
    with pytest.raises(RuntimeError):  # for the alarm
        notify(*records)
    assert len(httpserver.log) == 1  # the one that arrived is not sent again
    assert "secret" not in caplog.text


def drip(request: Request) -> Response:
    """Send the answer one byte at a time, for three seconds."""
    with contextlib.suppress(OSError):
        for _ in range(60):
            request.environ["werkzeug.socket"].sendall(b"H")
            time.sleep(0.05)
    return Response()


@pytest.mark.parametrize("limit", ["_TIMEOUT", "_BATCH_TIMEOUT"])
def test_a_dripping_push_service_fails_in_time_and_delays_no_other(
    notify: Notify, httpserver: HTTPServer, good: str, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    httpserver.expect_request("/p").respond_with_handler(drip)
    monkeypatch.setattr(f"notifier.web_push.{limit}", 1.0)
    started = time.monotonic()
    assert notify(record("1", httpserver.url_for("/p")), record("2", good)) == ["1"]
    assert time.monotonic() - started < 2
