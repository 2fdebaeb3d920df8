"""A proxy in front of the local cloud, for the tests of deployments.

It adds what the local cloud lacks of API Gateway: ImportRestApi and PutRestApi, the current tags in
GetRestApis, the quota of CreateDeployment, and two errors. A test can let any operation fail, and
inspect the calls.
"""

import contextlib
import dataclasses
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import ClientError, ParamValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from local.emulator import REGION, LocalCloud
from local.server import LOOPBACK
from tests.e2e import swagger_import
from tests.e2e.aws_request import AwsError, Fault, SignedRequest

_CHANGES_OF_FUNCTIONS = {
    "lambda:CreateFunction",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
}


class AwsProxy:
    """The proxy. `cloud` is the local cloud with the address of the proxy."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._faults: dict[tuple[str, int], Fault] = {}
        self._lock = threading.Lock()
        self._deployed_at = -float("inf")
        self.calls: list[str] = []
        self.rejections: Counter[str] = Counter()
        # API Gateway's own quota is one in 5 s for each account.
        self.seconds_between_deployments = 0.0
        self.cloud = cloud
        # The secret of each IAM user's access key, to sign forwarded requests.
        self.secrets: dict[str, str] = {}

    def fail(self, operation: str, *, nth: int = 1) -> None:
        """Let the n-th call from now of an operation, such as `lambda:CreateFunction`, fail."""
        with self._lock:
            self._faults[operation, self.calls.count(operation) + nth] = Fault()

    def handle(self, request: SignedRequest) -> Response:
        """Return the local cloud's response, or an error."""
        try:
            operation = request.operation()
            if operation is None:
                return self._forward(request)
            with self._lock:
                self.calls.append(operation)
                fault = self._faults.pop((operation, self.calls.count(operation)), None)
            if fault:
                raise AwsError(fault)
            self._reject_like_api_gateway(operation, request)
            return self._execute(operation, request)
        except AwsError as error:
            self.rejections[error.fault.code] += 1
            return request.error(error.fault)
        except (ClientError, ParamValidationError) as error:  # of the Swagger import
            return request.error(Fault("BadRequestException", 400, str(error)))

    def _reject_like_api_gateway(self, operation: str, request: SignedRequest) -> None:
        """Raise the errors of API Gateway that the local cloud does not have."""
        client = self._cloud.client("apigateway")
        if operation == "apigateway:CreateDeployment":
            self._enforce_quota()
            resources = client.get_resources(restApiId=request.api_id)["items"]
            if not any(resource.get("resourceMethods") for resource in resources):
                message = "The REST API doesn't contain any methods"
                raise AwsError(Fault("BadRequestException", 400, message))
        if (
            operation == "apigateway:UpdateStage"
            and b"/accessLogSettings" in request.body
            and not client.get_account().get("cloudwatchRoleArn")
        ):
            message = "CloudWatch Logs role ARN must be set in account settings to enable logging"
            raise AwsError(Fault("BadRequestException", 400, message))

    def _enforce_quota(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now - self._deployed_at < self.seconds_between_deployments:
                raise AwsError(Fault("TooManyRequestsException", 429, "Too Many Requests"))
            self._deployed_at = now

    def _execute(self, operation: str, request: SignedRequest) -> Response:
        """Forward a request, or do what the local cloud cannot do."""
        if operation == "apigateway:ImportRestApi":
            return self._import(request)
        if operation == "apigateway:PutRestApi":
            response = self._forward(request)
            if response.status_code == 403:
                return response
            self._overwrite(request.api_id, request)
            return self._forward(request.as_get())
        if operation == "apigateway:UpdateDomainName":  # not supported by the local cloud
            return self._forward(request.as_get())
        response = self._forward(request)
        if operation == "apigateway:GetRestApis" and response.status_code == 200:
            self._renew_tags(response)
        if operation in _CHANGES_OF_FUNCTIONS:
            function = self._wait_until_updated(response.get_json(force=True))
            response.data = json.dumps(function).encode()
        return response

    def _import(self, request: SignedRequest) -> Response:
        query = parse_qs(urlsplit(request.path).query)
        api = {
            "name": json.loads(request.body)["info"]["title"],
            "endpointConfiguration": {"types": query["endpointConfigurationTypes"]},
        }
        body = json.dumps(api).encode()
        response = self._forward(request._replace(path="/restapis", body=body))
        if response.status_code < 400:
            self._overwrite(response.get_json(force=True)["id"], request)
        return response

    def _overwrite(self, api_id: str, request: SignedRequest) -> None:
        client = self._cloud.client("apigateway")
        swagger_import.overwrite(client, api_id, json.loads(request.body))

    def _renew_tags(self, response: Response) -> None:
        """Replace each API's tags, which are those of its creation, by the current ones."""
        client, content = self._cloud.client("apigateway"), response.get_json(force=True)
        for api in content["item"]:
            arn = f"arn:aws:apigateway:{REGION}::/restapis/{api['id']}"
            api["tags"] = client.get_tags(resourceArn=arn)["tags"]
        response.data = json.dumps(content).encode()

    def _wait_until_updated(self, function: dict[str, object]) -> dict[str, object]:
        """Return a function when its update is complete, so that clients need not poll."""
        client = self._cloud.client("lambda")
        while (
            function.get("State") == "Pending" or function.get("LastUpdateStatus") == "InProgress"
        ):
            time.sleep(0.05)
            configuration = client.get_function_configuration(FunctionName=function["FunctionName"])
            function |= {name: configuration[name] for name in ("State", "LastUpdateStatus")}
        return function

    def _forward(self, request: SignedRequest) -> Response:
        return request.forward(self._cloud.endpoint_url, self.secrets)


@contextlib.contextmanager
def aws_proxy(cloud: LocalCloud) -> Iterator[AwsProxy]:
    """Run a proxy in front of a local cloud until the block ends."""
    proxy = AwsProxy(cloud)

    def respond(request: Request) -> Response:
        return proxy.handle(SignedRequest.from_werkzeug(request))

    with HTTPServer(LOOPBACK, threaded=True) as server:
        server.expect_request(re.compile("")).respond_with_handler(respond)
        proxy.cloud = dataclasses.replace(cloud, endpoint_url=server.url_for("").rstrip("/"))
        yield proxy
