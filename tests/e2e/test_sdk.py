"""The packaged service with Lambda's SDK, whose version is not the service's choice.

`make test-sdk BOTOCORE="botocore<1.41"` tests another version than the installed one.
tests/api/test_sdk_data.py has the fallback for a version that rejects the trimmed data.
"""

import copy
import json
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from benchmarks import events
from tests.e2e.lambda_package import run_packaged

_RESPONSES: dict[str, dict[str, Any]] = {"GetItem": {"Item": events.ITEM}, "PutItem": {}}
_RUN = """
import json, sys
import app
for event in json.loads(sys.argv[1]):
    print(json.dumps({"response": app.app(event, None)}))
"""


def test_sdk_works_with_the_trimmed_data(package: Path, httpserver: HTTPServer) -> None:
    def respond(request: Request) -> Response:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        content = _RESPONSES[operation] if b'"orders"' in request.data else {}
        return Response(json.dumps(content), content_type="application/x-amz-json-1.0")

    httpserver.expect_request("/").respond_with_handler(respond)
    unauthorized_event = copy.deepcopy(events.POST)
    del unauthorized_event["requestContext"]["authorizer"]
    requests = json.dumps([events.GET, events.POST, unauthorized_event])
    lines = run_packaged(package, _RUN, requests, AWS_ENDPOINT_URL=httpserver.url_for(""))
    responses = [line["response"] for line in lines if "response" in line]
    assert [response["statusCode"] for response in responses] == [200, 201, 401]
    assert json.loads(responses[2]["body"])["Code"] == "UnauthorizedError"
    assert [line for line in lines if line.get("level") == "WARNING"] == []
