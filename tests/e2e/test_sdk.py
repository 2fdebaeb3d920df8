"""The packaged service starts and answers with the SDK that Lambda has, also with a broken one.

`make test-sdk BOTOCORE="botocore<1.41"` runs this with another version than the installed one.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
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
def table_url() -> Iterator[str]:
    """Serve a table that has one order, and no shop."""

    def answer(request: Request) -> Response:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        content = _ANSWERS[operation] if b'"orders"' in request.data else {}
        return Response(json.dumps(content), content_type="application/x-amz-json-1.0")

    with HTTPServer(host="127.0.0.1") as server:
        server.expect_request("/").respond_with_handler(answer)
        yield server.url_for("")


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    (tmp_path / "sdk").mkdir()
    return lambda_libraries(tmp_path / "sdk")


def run(package: Path, sdk: Path, table_url: str) -> tuple[list[int], list[str]]:
    """Return the statuses of a GET and a POST, and the warnings that were logged."""
    requests = json.dumps([events.GET, events.POST])
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-c",
            _RUN,
            str(package / "unzipped"),
            str(sdk),
            requests,
        ],
        env={**STAGE, "AWS_ENDPOINT_URL": table_url, "AWS_LAMBDA_FUNCTION_NAME": "orders"},
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    statuses = [line["answer"]["statusCode"] for line in lines if "answer" in line]
    return statuses, [line["message"] for line in lines if line.get("level") == "WARNING"]


def test_sdk_works_with_the_trimmed_data(package: Path, sdk: Path, table_url: str) -> None:
    assert run(package, sdk, table_url) == ([200, 201], [])


def test_sdk_that_needs_more_data_gets_all_of_it(package: Path, sdk: Path, table_url: str) -> None:
    installed = (sdk / "botocore").resolve()
    (sdk / "botocore").unlink()
    shutil.copytree(installed, sdk / "botocore")
    with (sdk / "botocore/serialize.py").open("a") as file:
        file.write(_BREAK)
    statuses, warnings = run(package, sdk, table_url)
    assert statuses == [200, 201]
    assert warnings == ["botocore cannot use chalicelib/sdk; cold starts will be slow"]
