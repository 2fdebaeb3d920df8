"""A loopback proxy in front of the local cloud, for the tests of deployments.

It adds what API Gateway has and the local cloud lacks: ImportRestApi and PutRestApi, the quota
for CreateDeployment, and two of its refusals. A test can let any operation fail, and read which
operations were called.
"""

import contextlib
import dataclasses
import functools
import http.client
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, ParamValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from local.emulator import LocalCloud
from local.server import LOOPBACK
from tests.e2e import swagger_import

_SIGNED = re.compile(
    r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
)
_CHANGES_OF_FUNCTIONS = {
    "lambda:CreateFunction",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
}


class Fault(NamedTuple):
    """How an operation fails."""

    code: str = "AccessDeniedException"
    status: int = 403
    message: str = "This failure was injected"


class AwsError(Exception):
    """An error that the caller gets as AWS's answer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class AwsProxy:
    """A local cloud as deployments see it, with faults and quotas."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._faults: dict[tuple[str, int], Fault] = {}
        self._lock = threading.Lock()
        self._deployed_at = -float("inf")
        self.calls: list[str] = []
        self.refused: Counter[str] = Counter()
        # API Gateway's own quota is one in 5 s for each account.
        self.seconds_between_deployments = 0.0
        self.cloud = cloud  # with the proxy's address, once it runs
        # Access keys of IAM users and their secrets: the local cloud checks their signatures.
        self.secrets: dict[str, str] = {}

    def fail(self, operation: str, *, nth: int = 1, fault: Fault | None = None) -> None:
        """Let the n-th call from now of an operation, as `lambda:CreateFunction`, fail."""
        with self._lock:
            self._faults[operation, self.calls.count(operation) + nth] = fault or Fault()

    def answer(self, request: "_Request") -> tuple[int, dict[str, str], bytes]:
        """Return the status, headers and body for a request, the local cloud's or our own."""
        try:
            operation = _operation(request)
            if operation is None:
                return self._forward(request)
            with self._lock:
                self.calls.append(operation)
                fault = self._faults.pop((operation, self.calls.count(operation)), None)
            if fault:
                raise AwsError(fault)
            self._refuse(operation, request)
            return self._imported(operation, request)
        except AwsError as error:
            self.refused[error.fault.code] += 1
            return _error(request, error.fault)
        except (ClientError, ParamValidationError) as error:  # of the import itself
            return _error(request, Fault("BadRequestException", 400, str(error)))

    def _refuse(self, operation: str, request: "_Request") -> None:
        """Refuse what API Gateway refuses and the local cloud does not."""
        client = self._cloud.client("apigateway")
        if operation == "apigateway:CreateDeployment":
            self._keep_quota()
            resources = client.get_resources(restApiId=request.api_id)["items"]
            if not any(resource.get("resourceMethods") for resource in resources):
                text = "The REST API doesn't contain any methods"
                raise AwsError(Fault("BadRequestException", 400, text))
        if (
            operation == "apigateway:UpdateStage"
            and b"/accessLogSettings" in request.body
            and not client.get_account().get("cloudwatchRoleArn")
        ):
            text = "CloudWatch Logs role ARN must be set in account settings to enable logging"
            raise AwsError(Fault("BadRequestException", 400, text))

    def _keep_quota(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now - self._deployed_at < self.seconds_between_deployments:
                raise AwsError(Fault("TooManyRequestsException", 429, "Too Many Requests"))
            self._deployed_at = now

    def _imported(self, operation: str, request: "_Request") -> tuple[int, dict[str, str], bytes]:
        """Forward a request; do the imports, once the local cloud allows the caller to."""
        if operation == "apigateway:ImportRestApi":
            parameters = parse_qs(urlsplit(request.path).query)
            created = {
                "name": json.loads(request.body)["info"]["title"],
                "endpointConfiguration": {"types": parameters["endpointConfigurationTypes"]},
            }
            forwarded = request._replace(path="/restapis", body=json.dumps(created).encode())
            status, headers, body = self._forward(forwarded)
            if status < http.client.BAD_REQUEST:
                swagger_import.overwrite(
                    self._cloud.client("apigateway"),
                    json.loads(body)["id"],
                    json.loads(request.body),
                )
            return status, headers, body
        if operation == "apigateway:PutRestApi":
            status, headers, body = self._forward(request)
            if status != http.client.FORBIDDEN:
                client = self._cloud.client("apigateway")
                swagger_import.overwrite(client, request.api_id, json.loads(request.body))
                return self._forward(request._replace(method="GET", body=b""))
            return status, headers, body
        if operation == "apigateway:UpdateDomainName":  # the local cloud cannot change any
            return self._forward(request._replace(method="GET", body=b""))
        if operation in _CHANGES_OF_FUNCTIONS:
            return self._when_settled(request)
        return self._forward(request)

    def _when_settled(self, request: "_Request") -> tuple[int, dict[str, str], bytes]:
        """Answer a change of a function once it is done, so that nobody waits for it."""
        status, headers, body = self._forward(request)
        changed = json.loads(body)
        client = self._cloud.client("lambda")
        while changed.get("State") == "Pending" or changed.get("LastUpdateStatus") == "InProgress":
            time.sleep(0.05)
            now = client.get_function_configuration(FunctionName=changed["FunctionName"])
            changed |= {name: now[name] for name in ("State", "LastUpdateStatus")}
        return status, headers, json.dumps(changed).encode()

    def _forward(self, request: "_Request") -> tuple[int, dict[str, str], bytes]:
        address = urlsplit(self._cloud.endpoint_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        try:
            dropped = {"connection", "content-length", "expect", "host", "transfer-encoding"}
            headers = {
                name: value
                for name, value in request.headers.items()
                if name.lower() not in dropped
            }
            headers = self._signed_anew(request, headers)
            connection.request(request.method, request.path, request.body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def _signed_anew(self, request: "_Request", headers: dict[str, str]) -> dict[str, str]:
        """Sign a known user's request for the address that it is forwarded to."""
        signed = _SIGNED.search(headers.get("Authorization", ""))
        if signed is None or signed["key"] not in self.secrets:
            return headers
        credentials = Credentials(signed["key"], self.secrets[signed["key"]])
        unsigned = {
            name: value
            for name, value in headers.items()
            if name.lower() not in {"authorization", "x-amz-date"}
        }
        url = f"{self._cloud.endpoint_url}{request.path}"
        again = AWSRequest(request.method, url, headers=unsigned, data=request.body)
        SigV4Auth(credentials, signed["service"], signed["region"]).add_auth(again)
        return dict(again.headers.items())


class _Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def api_id(self) -> str:
        """Return the API's id of a request to API Gateway's own API."""
        return self.path.split("/")[2].partition("?")[0]


@contextlib.contextmanager
def aws_proxy(cloud: LocalCloud) -> Iterator[AwsProxy]:
    """Run a proxy in front of a local cloud until the block ends."""
    proxy = AwsProxy(cloud)

    def respond(request: Request) -> Response:
        path = request.environ["RAW_URI"]  # as it was signed
        status, headers, body = proxy.answer(
            _Request(request.method, path, dict(request.headers), request.get_data())
        )
        dropped = {"connection", "content-length", "transfer-encoding"}
        kept = {name: value for name, value in headers.items() if name.lower() not in dropped}
        return Response(body, status, kept)

    with HTTPServer(LOOPBACK, threaded=True) as server:
        server.expect_request(re.compile("")).respond_with_handler(respond)
        proxy.cloud = dataclasses.replace(cloud, endpoint_url=server.url_for("").rstrip("/"))
        yield proxy


def _operation(request: _Request) -> str | None:
    """Name a request as `service:Operation`; None for one that is not to an AWS API.

    Raises AwsError for a REST request that botocore's model does not know.
    """
    signed = re.search(
        r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", request.headers.get("Authorization", "")
    )
    if signed is None:
        return None
    service = signed[1]
    if target := request.headers.get("X-Amz-Target"):
        return f"{service}:{target.rpartition('.')[2]}"
    if cbor := re.fullmatch(r"/service/\w+/operation/(\w+)", request.path):
        return f"{service}:{cbor[1]}"
    form = parse_qs(request.body.decode(errors="replace")) if request.method == "POST" else {}
    if action := form.get("Action"):
        return f"{service}:{action[0]}"
    if service == "s3":
        return f"{service}:{request.method}"
    path = urlsplit(request.path)
    if service == "apigateway" and path.path.startswith("/v2/"):
        service = "apigatewayv2"
    for name, method, pattern, query in _rest_operations(service):
        if (
            method == request.method
            and re.fullmatch(pattern, path.path)
            and query in {"", path.query.partition("&")[0]}
        ):
            return f"{service}:{name}"
    unknown = f"{service} has no {request.method} {request.path}"
    raise AwsError(Fault("UnknownOperationException", 400, unknown))


@functools.cache
def _rest_operations(service: str) -> list[tuple[str, str, str, str]]:
    """Return name, method, path pattern and fixed query of each operation, strictest first."""
    model = botocore.session.get_session().get_service_model(service)
    operations = []
    for name in model.operation_names:
        http_ = model.operation_model(name).http
        path, _, query = http_["requestUri"].partition("?")
        pattern = re.sub(r"\\\{[\w\\-]+\\\+\\\}", ".+", re.escape(path).replace("+", r"\+"))
        pattern = re.sub(r"\\\{[\w\\-]+\\\}", "[^/]+", pattern)
        operations.append((name, http_["method"], pattern.rstrip("/") + "/?", query))
    return sorted(operations, key=lambda each: (not each[3], "[^/]+" in each[2]))


def _error(request: _Request, fault: Fault) -> tuple[int, dict[str, str], bytes]:
    """Return an error in the words of the protocol that the caller speaks."""
    if b"Action=" in request.body:
        xml = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{fault.code}</Code>"
            f"<Message>{fault.message}</Message></Error></ErrorResponse>"
        )
        return fault.status, {"Content-Type": "text/xml"}, xml.encode()
    body: dict[str, Any] = {"__type": fault.code, "message": fault.message}
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": fault.code}
    return fault.status, headers, json.dumps(body).encode()
