"""`make smoke`, against a stage with right or wrong answers."""

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
_RIGHT: dict[str, tuple[int, Any]] = {
    "GET /openapi.json": (200, {"openapi": "3.1.0"}),
    "GET /": (200, "<html>"),
    "GET /order": (404, {"Code": "NotFoundError"}),
    "POST /order": (401, {"message": "Unauthorized"}),
}
_SIGNED_IN = {
    "GET /order": (200, {"order": _ORDER}),
    "POST /order": (201, {"order": _ORDER}),
    "DELETE /order": (200, {"order": {**_ORDER, "status": "cancelled"}}),
}

Test = Callable[..., list[str]]


@pytest.fixture
def test(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Test:
    """Return a function that tests a stage with these answers; it returns what was reported."""
    monkeypatch.setattr(smoke, "_RETRY_SECONDS", 0.0)
    cognito = boto3.client("cognito-idp", region_name="eu-west-1")
    session = Mock(client=Mock(return_value=cognito))
    target = Target("dev", "1", "eu-west-1", "aws", session)

    def run(login: smoke.Login | None = None, **wrong: tuple[int, Any]) -> list[str]:
        answers = _RIGHT | {name.replace("_", " /"): answer for name, answer in wrong.items()}

        def answer(request: Request) -> Response:
            name = f"{request.method} {request.path}"
            is_signed_in = request.headers.get("Authorization") == "the-token"
            status, body = (answers | _SIGNED_IN if is_signed_in else answers)[name]
            if isinstance(body, str):
                return Response(body, status, content_type="text/html")
            return Response(json.dumps(body), status, content_type="application/json")

        httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
        reported: list[str] = []
        with Stubber(cognito) as answers_of_cognito:
            if login and login.password == "right":
                tokens = {"AuthenticationResult": {"IdToken": "the-token"}}
                answers_of_cognito.add_response("initiate_auth", tokens)
            elif login:
                answers_of_cognito.add_client_error("initiate_auth", "NotAuthorizedException")
            url = httpserver.url_for("").rstrip("/")
            smoke.smoke_test(target, url, "client", reported.append, login)
        return reported

    return run


def test_stage_with_right_answers_passes(test: Test) -> None:
    assert test() == [
        "GET /openapi.json: 200",
        "GET /: 200",
        "GET /order: 404",
        "POST /order: 401",
        "no order was placed: set SMOKE_USERNAME and SMOKE_PASSWORD to place one",
    ]


def test_login_places_reads_and_cancels_an_order(test: Test) -> None:
    assert test(smoke.Login("Paul", "right"))[-3:] == [
        "POST /order: 201",
        "GET /order: 200",
        "DELETE /order: 200",
    ]


def test_wrong_login_is_reported_without_the_password(test: Test) -> None:
    with pytest.raises(smoke.SmokeError, match="are not a login of this stage") as error:
        test(smoke.Login("Paul", "wrong"))
    assert "wrong" not in str(error.value)


@pytest.mark.parametrize(
    ("request_", "answer"),
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
def test_wrong_answer_fails(test: Test, request_: str, answer: tuple[int, Any]) -> None:
    with pytest.raises(smoke.SmokeError, match=re.escape(request_.replace("_", " /"))):
        test(**{request_: answer})


@pytest.mark.parametrize("missing", ["SMOKE_USERNAME", "SMOKE_PASSWORD"])
def test_incomplete_login_is_an_error(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setenv("SMOKE_USERNAME", "Paul")
    monkeypatch.setenv("SMOKE_PASSWORD", "secret")
    assert smoke.login_from_environment() == ("Paul", "secret")
    monkeypatch.delenv(missing)
    with pytest.raises(smoke.SmokeError, match="both"):
        smoke.login_from_environment()
