"""`make smoke`, with correct and wrong responses."""

import json
import re
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.stub import Stubber
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from deploy import smoke
from deploy.target import Target

_ORDER = {**smoke._KEY, "status": "placed"}
_CORRECT_RESPONSES: dict[str, tuple[int, Any]] = {
    "GET /openapi.json": (200, {"openapi": "3.1.0"}),
    "GET /": (200, "<html>"),
    "GET /order": (404, {"Code": "NotFoundError"}),
    "POST /order": (401, {"message": "Unauthorized"}),
}
RunSmokeTest = Callable[..., list[str]]


@pytest.fixture
def run_smoke_test(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> RunSmokeTest:
    """Return a function that runs the smoke test with given responses; it returns the report."""
    monkeypatch.setattr(smoke, "_RETRY_SECONDS", 0.0)
    cognito = boto3.client("cognito-idp", region_name="eu-west-1")
    session = Mock(client=Mock(return_value=cognito))
    target = Target("dev", "1", "eu-west-1", "aws", session)

    def run(login: smoke.Login | None = None, **responses: tuple[int, Any]) -> list[str]:
        all_responses = _CORRECT_RESPONSES | {
            name.replace("_", " /"): response for name, response in responses.items()
        }

        def respond(request: Request) -> Response:
            status, body = all_responses[f"{request.method} {request.path}"]
            if isinstance(body, str):
                return Response(body, status, content_type="text/html")
            return Response(json.dumps(body), status, content_type="application/json")

        httpserver.expect_request(re.compile(".*")).respond_with_handler(respond)
        lines: list[str] = []
        with Stubber(cognito) as stubber:
            stubber.add_client_error("initiate_auth", "NotAuthorizedException")
            url = httpserver.url_for("").rstrip("/")
            smoke.smoke_test(target, url, "client", lines.append, login)
        return lines

    return run


def test_correct_responses_pass(run_smoke_test: RunSmokeTest) -> None:
    assert run_smoke_test() == [
        "GET /openapi.json: 200",
        "GET /: 200",
        "GET /order: 404",
        "POST /order: 401",
        "no order was placed: set SMOKE_USERNAME and SMOKE_PASSWORD to place one",
    ]


def test_wrong_login_is_reported_without_the_password(run_smoke_test: RunSmokeTest) -> None:
    with pytest.raises(smoke.SmokeError, match="are not a login of this stage") as error:
        run_smoke_test(smoke.Login("Paul", "wrong"))
    assert "wrong" not in str(error.value)


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ("POST_order", (201, {"order": _ORDER})),  # no authorizer
        ("POST_order", (401, {"Code": "UnauthorizedError"})),  # by the function, not the gateway
        ("GET_order", (500, {"Code": "InternalServerError"})),
        ("GET_order", (404, {"message": "Missing Authentication Token"})),  # no such route
        ("GET_", (502, {"message": "Internal server error"})),
        ("GET_openapi.json", (200, {"openapi": "2.0"})),
        ("GET_openapi.json", (200, "<html>")),
    ],
)
def test_wrong_response_fails(
    run_smoke_test: RunSmokeTest, request_: str, response: tuple[int, Any]
) -> None:
    with pytest.raises(smoke.SmokeError, match=re.escape(request_.replace("_", " /"))):
        run_smoke_test(**{request_: response})


@pytest.mark.parametrize("missing", ["SMOKE_USERNAME", "SMOKE_PASSWORD"])
def test_incomplete_login_is_an_error(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setenv("SMOKE_USERNAME", "Paul")
    monkeypatch.setenv("SMOKE_PASSWORD", "secret")
    assert smoke.login_from_environment() == ("Paul", "secret")
    monkeypatch.delenv(missing)
    with pytest.raises(smoke.SmokeError, match="both"):
        smoke.login_from_environment()
