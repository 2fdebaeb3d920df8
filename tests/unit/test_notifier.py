"""The notifier: which records it pushes, what a push service receives, which failures repeat."""

import base64
import importlib
import logging
import time
from types import ModuleType
from typing import Any

import boto3
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.fixtures import Cloud

PREPARING, READY = {"S": "preparing"}, {"S": "ready"}


@pytest.fixture
def notifier(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> ModuleType:  # noqa: ARG001
    """Load the function with a key on moto, whose address `cloud` puts into the environment."""
    key = boto3.client("kms").create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    monkeypatch.setenv("PUSH_KEY_ID", key["KeyMetadata"]["KeyId"])
    monkeypatch.setenv("PUSH_CONTACT", "mailto:shop@example.com")
    return importlib.reload(importlib.import_module("notifier.web_push"))


def record(number: str, endpoint: str | None, *, old: Any = PREPARING) -> dict[str, Any]:
    push = {"push": {"S": endpoint}} if endpoint else {}
    change = {"NewImage": {"status": READY, **push}, "OldImage": {"status": old}}
    return {"dynamodb": {"SequenceNumber": number, **change}}


def failures(result: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in result["batchItemFailures"]]


def test_a_push_is_empty_urgent_and_short_lived(
    notifier: ModuleType, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/p1", "POST").respond_with_data(status=201)
    assert notifier.handler({"Records": [record("1", httpserver.url_for("/p1"))]}, None) == {
        "batchItemFailures": []
    }
    request, _ = httpserver.log[0]
    assert request.content_length == 0
    assert request.headers["TTL"] == "1800"
    assert request.headers["Urgency"] == "high"


def test_the_token_is_for_this_push_service_and_signed_by_the_key(
    notifier: ModuleType, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/p1").respond_with_data(status=201)
    notifier.handler({"Records": [record("1", httpserver.url_for("/p1"))]}, None)
    scheme, token, key = httpserver.log[0][0].headers["Authorization"].split(" ")
    assert scheme == "vapid"
    point = base64.urlsafe_b64decode(key.removeprefix("k=") + "=")
    public_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    origin = httpserver.url_for("").rstrip("/")
    encoded = token.removeprefix("t=").rstrip(",")
    claims = jwt.decode(encoded, public_key, algorithms=["ES256"], audience=origin)
    assert claims["sub"] == "mailto:shop@example.com"
    assert claims["exp"] - time.time() < 24 * 3600


def test_a_token_serves_all_pushes_of_a_push_service(
    notifier: ModuleType, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/p").respond_with_data(status=201)
    for number in ("1", "2"):
        notifier.handler({"Records": [record(number, httpserver.url_for("/p"))]}, None)
    first, second = (request.headers["Authorization"] for request, _ in httpserver.log)
    assert first == second


@pytest.mark.parametrize(
    "unchanged", [record("1", "http://127.0.0.1:9/p", old=READY), record("1", None)]
)
def test_a_record_without_news_is_no_push(notifier: ModuleType, unchanged: dict[str, Any]) -> None:
    assert failures(notifier.handler({"Records": [unchanged]}, None)) == []


@pytest.mark.parametrize(
    ("status", "is_repeated"),
    [
        (201, False),
        (404, False),
        (410, False),
        (400, False),
        (301, False),
        (429, True),
        (503, True),
    ],
)
def test_only_temporary_failures_are_repeated(
    notifier: ModuleType, httpserver: HTTPServer, status: int, is_repeated: bool
) -> None:
    httpserver.expect_request("/p").respond_with_data(
        status=status, headers={"Location": httpserver.url_for("/elsewhere")}
    )
    result = notifier.handler({"Records": [record("7", httpserver.url_for("/p"))]}, None)
    assert failures(result) == (["7"] if is_repeated else [])
    assert [request.path for request, _ in httpserver.log] == ["/p"]  # no redirect is followed


def test_a_bad_record_and_a_dead_push_service_block_no_other(
    notifier: ModuleType, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/p").respond_with_data(status=201)
    records = [
        {"dynamodb": {"NewImage": "nonsense"}},
        record("1", "http://127.0.0.1:9/nobody-listens"),
        record("2", httpserver.url_for("/p")),
    ]
    assert failures(notifier.handler({"Records": records}, None)) == ["1"]
    assert failures(notifier.handler({"Records": records}, None)) == ["1"]
    assert len(httpserver.log) == 1  # the one that arrived is not sent again


def test_a_slow_push_service_fails_within_the_time_of_the_batch(
    notifier: ModuleType, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer_late(_: Request) -> Response:
        time.sleep(0.5)
        return Response(status=201)

    monkeypatch.setattr(notifier, "_BATCH_TIMEOUT", 0.1)
    httpserver.expect_request("/slow").respond_with_handler(answer_late)
    result = notifier.handler({"Records": [record("1", httpserver.url_for("/slow"))]}, None)
    assert failures(result) == ["1"]


def test_the_log_has_no_endpoint(
    notifier: ModuleType, httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for status, path in ((410, "/gone"), (400, "/bad"), (503, "/down")):
        httpserver.expect_request(path).respond_with_data(status=status)
        notifier.handler({"Records": [record(path, httpserver.url_for(f"{path}?secret"))]}, None)
    lines = [line.getMessage() for line in caplog.records if line.name == "notifier"]
    assert "a push failed: 127.0.0.1 answers 503" in lines
    assert not [line for line in lines if "secret" in line]
