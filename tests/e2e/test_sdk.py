"""The packaged service starts and answers with the SDK that Lambda has, also with a broken one.

`make test-sdk BOTOCORE="botocore<1.41"` runs this with another version than the installed one.
"""

import copy
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from benchmarks import events
from tests.e2e.unzipped import STAGE, lambda_libraries

_ANSWERS: dict[str, dict[str, Any]] = {"GetItem": {"Item": events.ITEM}, "PutItem": {}}
_RUN = """
import json, sys
sys.path[:0] = sys.argv[1:3]
import app
for event in json.loads(sys.argv[3]):
    print(json.dumps({"answer": app.app(event, None)}))
"""
# Appended to botocore: it now needs an operation that the trimmed data leaves out.
_BREAK = """
_original = JSONSerializer.serialize_to_request
def _broken(self, parameters, operation_model):
    operation_model.service_model.operation_model("ListTables")
    return _original(self, parameters, operation_model)
JSONSerializer.serialize_to_request = _broken
"""


@pytest.fixture
def table_url(httpserver: HTTPServer) -> str:
    """Serve a table that has one order, and no shop."""

    def answer(request: Request) -> Response:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        content = _ANSWERS[operation] if b'"orders"' in request.data else {}
        return Response(json.dumps(content), content_type="application/x-amz-json-1.0")

    httpserver.expect_request("/").respond_with_handler(answer)
    return httpserver.url_for("")


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    (tmp_path / "sdk").mkdir()
    return lambda_libraries(tmp_path / "sdk")


def run(package: Path, sdk: Path, table_url: str) -> list[str]:
    """Check the answers to a GET, a POST and a POST without claims; return the logged warnings."""
    without_claims = copy.deepcopy(events.POST)
    del without_claims["requestContext"]["authorizer"]
    arguments = [str(package / "unzipped"), str(sdk)]
    requests = json.dumps([events.GET, events.POST, without_claims])
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", _RUN, *arguments, requests],
        env={**STAGE, "AWS_ENDPOINT_URL": table_url, "AWS_LAMBDA_FUNCTION_NAME": "orders"},
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    answers = [line["answer"] for line in lines if "answer" in line]
    assert [answer["statusCode"] for answer in answers] == [200, 201, 401]
    assert json.loads(answers[2]["body"])["Code"] == "UnauthorizedError"
    return [line["message"] for line in lines if line.get("level") == "WARNING"]


def test_sdk_works_with_the_trimmed_data(package: Path, sdk: Path, table_url: str) -> None:
    assert run(package, sdk, table_url) == []


def test_sdk_that_needs_more_data_gets_all_of_it(package: Path, sdk: Path, table_url: str) -> None:
    installed = (sdk / "botocore").resolve()
    (sdk / "botocore").unlink()
    shutil.copytree(installed, sdk / "botocore")
    with (sdk / "botocore/serialize.py").open("a") as file:
        file.write(_BREAK)
    assert run(package, sdk, table_url) == [
        "botocore cannot use chalicelib/sdk; cold starts will be slow"
    ]
