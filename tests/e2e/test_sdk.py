"""The packaged service with Lambda's SDK, and with an incompatible one.

`make test-sdk BOTOCORE="botocore<1.41"` tests another version than the installed one.
"""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from benchmarks import events
from tests.e2e.lambda_package import lambda_libraries, run_isolated

_RESPONSES: dict[str, dict[str, Any]] = {"GetItem": {"Item": events.ITEM}, "PutItem": {}}
_RUN = """
import json, sys
sys.path[:0] = sys.argv[1:3]
import app
for event in json.loads(sys.argv[3]):
    print(json.dumps({"response": app.app(event, None)}))
"""
# Code for botocore that uses an operation which is not in the trimmed data.
_BREAK_BOTOCORE = """
_original = JSONSerializer.serialize_to_request
def _broken(self, parameters, operation_model):
    operation_model.service_model.operation_model("ListTables")
    return _original(self, parameters, operation_model)
JSONSerializer.serialize_to_request = _broken
"""


@pytest.fixture
def table_url(httpserver: HTTPServer) -> str:
    """Serve a table with one order, and one without shops; return the URL."""

    def respond(request: Request) -> Response:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        content = _RESPONSES[operation] if b'"orders"' in request.data else {}
        return Response(json.dumps(content), content_type="application/x-amz-json-1.0")

    httpserver.expect_request("/").respond_with_handler(respond)
    return httpserver.url_for("")


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    (tmp_path / "sdk").mkdir()
    return lambda_libraries(tmp_path / "sdk")


def run(package: Path, sdk: Path, table_url: str) -> list[str]:
    """Check the responses to a GET, a POST and a POST without claims; return logged warnings."""
    unauthorized_event = copy.deepcopy(events.POST)
    del unauthorized_event["requestContext"]["authorizer"]
    requests = json.dumps([events.GET, events.POST, unauthorized_event])
    lines = run_isolated(
        _RUN, str(package / "unzipped"), str(sdk), requests, AWS_ENDPOINT_URL=table_url
    )
    responses = [line["response"] for line in lines if "response" in line]
    assert [response["statusCode"] for response in responses] == [200, 201, 401]
    assert json.loads(responses[2]["body"])["Code"] == "UnauthorizedError"
    return [line["message"] for line in lines if line.get("level") == "WARNING"]


def test_sdk_works_with_the_trimmed_data(package: Path, sdk: Path, table_url: str) -> None:
    assert run(package, sdk, table_url) == []


def test_incompatible_sdk_uses_its_own_data(package: Path, sdk: Path, table_url: str) -> None:
    installed = (sdk / "botocore").resolve()
    (sdk / "botocore").unlink()
    shutil.copytree(installed, sdk / "botocore")
    with (sdk / "botocore/serialize.py").open("a") as file:
        file.write(_BREAK_BOTOCORE)
    assert run(package, sdk, table_url) == [
        "botocore cannot use chalicelib/sdk; cold starts will be slow"
    ]
