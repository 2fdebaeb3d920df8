"""The notifier: which records it pushes, what a push service receives, which failures repeat."""

import base64
import contextlib
import importlib
import re
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
def origin(httpserver: HTTPServer) -> str:
    """Return the origin of a push service. It answers /201?secret with 201, and so on."""

    def answer(request: Request) -> Response:
        headers = {"Location": httpserver.url_for("/redirected")}
        return Response(status=request.path[1:], headers=headers)

    statuses = re.compile("/[0-9]+")
    httpserver.expect_request(statuses, "POST", query_string="secret").respond_with_handler(answer)
    return httpserver.url_for("").rstrip("/")


def record(number: str, endpoint: Any, old_status: str = "preparing") -> dict[str, Any]:
    order = {"status": {"S": "ready"}, "push": {"S": endpoint}}
    change = {"NewImage": order, "OldImage": {"status": {"S": old_status}}}
    return {"dynamodb": {"SequenceNumber": number, **change}}


def test_a_push_is_empty_urgent_and_signed_by_the_key(
    notify: Notify, httpserver: HTTPServer, origin: str
) -> None:
    assert notify(*[record(str(number), f"{origin}/201?secret") for number in range(10)]) == []
    request, _ = httpserver.log[0]
    assert request.content_length == 0
    assert (request.headers["TTL"], request.headers["Urgency"]) == ("1800", "high")
    # One token serves all pushes to this push service.
    (authorization,) = {request.headers["Authorization"] for request, _ in httpserver.log}
    token, key = authorization.removeprefix("vapid t=").split(", k=")
    point = base64.urlsafe_b64decode(f"{key}=")
    public_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    claims = jwt.decode(token, public_key, algorithms=["ES256"], audience=origin)
    assert claims["sub"] == "mailto:shop@example.com"
    assert claims["exp"] - time.time() < 24 * 3600


def test_only_temporary_failures_are_repeated_and_block_no_other(
    notify: Notify, httpserver: HTTPServer, origin: str, caplog: pytest.LogCaptureFixture
) -> None:
    nonsense = [{"dynamodb": {"NewImage": "nonsense"}}, record("number", 5)]
    no_news, dead = record("old", f"{origin}/201?secret", "ready"), "http://127.0.0.1:9/secret"
    final, temporary = ["201", "301", "400", "404", "410"], ["429", "500", "503"]
    answers = [record(status, f"{origin}/{status}?secret") for status in (*final, *temporary)]
    records = [*nonsense, no_news, record("dead", dead), *answers]
    assert notify(*records) == ["dead", *temporary]
    with pytest.raises(RuntimeError):  # for the alarm: nothing else is sent again, and all fail
        notify(*records)
    paths = [request.path[1:] for request, _ in httpserver.log]
    assert sorted(paths) == sorted([*final, *temporary, *temporary])
    lines = [line.getMessage() for line in caplog.records if line.name == "notifier"]
    assert "127.0.0.1 answers 410" in lines
    assert "secret" not in "".join(lines)


def drip(request: Request) -> Response:
    """Send the answer one byte at a time, for three seconds."""
    with contextlib.suppress(OSError):
        for _ in range(60):
            request.environ["werkzeug.socket"].sendall(b"H")
            time.sleep(0.05)
    return Response()


@pytest.mark.parametrize("limit", ["_TIMEOUT", "_BATCH_TIMEOUT"])
def test_a_dripping_push_service_fails_in_time_and_delays_no_other(
    notify: Notify, httpserver: HTTPServer, origin: str, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    httpserver.expect_request("/p").respond_with_handler(drip)
    monkeypatch.setattr(f"notifier.web_push.{limit}", 1.0)
    started = time.monotonic()
    assert notify(record("1", f"{origin}/p"), record("2", f"{origin}/201?secret")) == ["1"]
    assert time.monotonic() - started < 2
