"""`make smoke` with wrong responses."""

import itertools
import json
import re
from typing import Any
from unittest.mock import Mock

import pytest
from pytest_httpserver import HTTPServer

from coffee_client import Settings
from deploy import smoke
from tests.samples import order
from tools import CommandError

_CORRECT_RESPONSES: dict[str, tuple[int, Any]] = {
    "GET /openapi.json": (200, {"openapi": "3.1.0"}),
    "GET /": (200, "<html>"),
    "GET /order": (404, {"Code": "NotFoundError"}),
    "POST /order": (401, {"message": "Unauthorized"}),
}


def serve(httpserver: HTTPServer, responses: dict[str, tuple[int, Any]]) -> Settings:
    """Serve these responses; return the API."""
    for name, (status, body) in responses.items():
        method, path = name.split()
        text = body if isinstance(body, str) else json.dumps(body)
        httpserver.expect_request(path, method=method).respond_with_data(text, status)
    return Settings(httpserver.url_for("").rstrip("/"), "client", "ap-southeast-2")


def test_each_check_may_take_a_minute(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in _CORRECT_RESPONSES:
        method, path = name.split()
        httpserver.expect_oneshot_request(path, method=method).respond_with_data("", 503)
    api = serve(httpserver, _CORRECT_RESPONSES)
    clock = itertools.count(step=40)
    monkeypatch.setattr(smoke, "time", Mock(monotonic=lambda: next(clock)))
    smoke.smoke_test(api)
    assert capsys.readouterr().out.count("\n") == len(_CORRECT_RESPONSES) + 1


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ("POST /order", (201, {"order": order()})),  # no authorizer
        ("POST /order", (401, {"Code": "UnauthorizedError"})),  # by the function, not the gateway
        ("GET /order", (200, {"order": order()})),  # of another account
        ("GET /", (502, {"message": "Internal server error"})),
        ("GET /openapi.json", (200, {"openapi": "2.0"})),
    ],
)
def test_wrong_response_fails(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, request_: str, response: Any
) -> None:
    monkeypatch.setattr(smoke, "_RETRY_SECONDS", 0.0)
    api = serve(httpserver, _CORRECT_RESPONSES | {request_: response})
    with pytest.raises(CommandError, match=re.escape(f"{request_} should get")):
        smoke.smoke_test(api)
