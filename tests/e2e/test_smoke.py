"""`make smoke` with wrong responses and with an incomplete login."""

import re
from typing import Any
from unittest.mock import Mock

import pytest
from pytest_httpserver import HTTPServer

from deploy import smoke

_CORRECT_RESPONSES: dict[str, tuple[int, Any]] = {
    "GET /openapi.json": (200, {"openapi": "3.1.0"}),
    "GET /": (200, "<html>"),
    "GET /order": (404, {"Code": "NotFoundError"}),
    "POST /order": (401, {"message": "Unauthorized"}),
}


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ("POST /order", (201, {"order": smoke._ORDER})),  # no authorizer
        ("POST /order", (401, {"Code": "UnauthorizedError"})),  # by the function, not the gateway
        ("GET /order", (500, {"Code": "InternalServerError"})),
        ("GET /order", (404, {"message": "Missing Authentication Token"})),  # no such route
        ("GET /", (502, {"message": "Internal server error"})),
        ("GET /openapi.json", (200, {"openapi": "2.0"})),
        ("GET /openapi.json", (200, "<html>")),
    ],
)
def test_wrong_response_fails(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, request_: str, response: Any
) -> None:
    monkeypatch.setattr(smoke, "_RETRY_SECONDS", 0.0)
    for name, (status, body) in (_CORRECT_RESPONSES | {request_: response}).items():
        method, path = name.split()
        handler = httpserver.expect_request(path, method=method)
        if isinstance(body, str):
            handler.respond_with_data(body, status, content_type="text/html")
        else:
            handler.respond_with_json(body, status)
    url = httpserver.url_for("").rstrip("/")
    with pytest.raises(smoke.SmokeError, match=re.escape(f"{request_} should get")):
        smoke.smoke_test(Mock(), url, "client", print)


@pytest.mark.parametrize("missing", ["SMOKE_USERNAME", "SMOKE_PASSWORD"])
def test_incomplete_login_is_an_error(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setenv("SMOKE_USERNAME", "Paul")
    monkeypatch.setenv("SMOKE_PASSWORD", "secret")
    assert smoke.login_from_environment() == ("Paul", "secret")
    monkeypatch.delenv(missing)
    with pytest.raises(smoke.SmokeError, match="both"):
        smoke.login_from_environment()
