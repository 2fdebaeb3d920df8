"""Requests to AWS's APIs: their operation, their signature, and forwarding."""

import contextlib
import functools
import http.client
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug import Request, Response
from werkzeug.http import is_hop_by_hop_header

_SIGNED = re.compile(
    r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
)


class Fault(NamedTuple):
    """The error with which an operation fails."""

    code: str = "AccessDeniedException"
    status: int = 403
    message: str = "This failure was injected"


class AwsError(Exception):
    """An error that is returned as AWS's response."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class SignedRequest(NamedTuple):
    """A request with its raw path, which is signed."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    def from_werkzeug(cls, request: Request) -> "SignedRequest":
        path = request.environ["RAW_URI"]
        return cls(request.method, path, dict(request.headers), request.get_data())

    @property
    def api_id(self) -> str:
        """Return the id of the API in a request to API Gateway."""
        return self.path.split("/")[2].partition("?")[0]

    def as_get(self) -> "SignedRequest":
        """Return the GET request for the same resource."""
        return self._replace(method="GET", body=b"")

    def operation(self) -> str | None:
        """Return the operation as `service:Operation`; None if the request is not signed.

        Raises AwsError for a REST request that is not in botocore's model.
        """
        signature = self._signature()
        if signature is None:
            return None
        service = signature["service"]
        if target := self.headers.get("X-Amz-Target"):
            return f"{service}:{target.rpartition('.')[2]}"
        if cbor := re.fullmatch(r"/service/\w+/operation/(\w+)", self.path):
            return f"{service}:{cbor[1]}"
        parameters = parse_qs(self.body.decode(errors="replace")) if self.method == "POST" else {}
        if action := parameters.get("Action"):
            return f"{service}:{action[0]}"
        if service == "s3":
            return f"{service}:{self.method}"
        path = urlsplit(self.path)
        if service == "apigateway" and path.path.startswith("/v2/"):
            service = "apigatewayv2"
        for name, method, pattern, query in _rest_operations(service):
            if (
                method == self.method
                and re.fullmatch(pattern, path.path)
                and query in {"", path.query.partition("&")[0]}
            ):
                return f"{service}:{name}"
        message = f"{service} has no {self.method} {self.path}"
        raise AwsError(Fault("UnknownOperationException", 400, message))

    def _signature(self) -> re.Match[str] | None:
        return _SIGNED.search(self.headers.get("Authorization", ""))

    def forward(self, endpoint_url: str, secrets: Mapping[str, str]) -> Response:
        """Send the request to another address; return the response.

        `secrets` has the secret of each access key whose requests have to be signed again.
        """
        address = urlsplit(endpoint_url).netloc
        headers = _without(self.headers, "content-length", "expect", "host")
        headers = self._sign_for(endpoint_url, headers, secrets)
        with contextlib.closing(http.client.HTTPConnection(address, timeout=60)) as connection:
            connection.request(self.method, self.path, self.body, headers)
            response = connection.getresponse()
            headers = _without(dict(response.getheaders()), "content-length")
            return Response(response.read(), response.status, headers)

    def _sign_for(
        self, endpoint_url: str, headers: dict[str, str], secrets: Mapping[str, str]
    ) -> dict[str, str]:
        """Sign a request of a user with a known secret for another address."""
        signature = self._signature()
        if signature is None or signature["key"] not in secrets:
            return headers
        unsigned = _without(headers, "authorization", "x-amz-date")
        url = f"{endpoint_url}{self.path}"
        request = AWSRequest(self.method, url, headers=unsigned, data=self.body)
        credentials = Credentials(signature["key"], secrets[signature["key"]])
        SigV4Auth(credentials, signature["service"], signature["region"]).add_auth(request)
        return dict(request.headers.items())

    def error(self, fault: Fault) -> Response:
        """Return an error in the format of the request's protocol."""
        if b"Action=" in self.body:
            xml = (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{fault.code}</Code>"
                f"<Message>{fault.message}</Message></Error></ErrorResponse>"
            )
            return Response(xml, fault.status, content_type="text/xml")
        body: dict[str, Any] = {"__type": fault.code, "message": fault.message}
        headers = {"x-amzn-ErrorType": fault.code}
        return Response(json.dumps(body), fault.status, headers, content_type="application/json")


def _without(headers: dict[str, str], *names: str) -> dict[str, str]:
    """Return the headers without hop-by-hop headers and those with one of the names."""
    return {
        name: value
        for name, value in headers.items()
        if not is_hop_by_hop_header(name) and name.lower() not in names
    }


@functools.cache
def _rest_operations(service: str) -> list[tuple[str, str, str, str]]:
    """Return name, method, path pattern and fixed query of each operation, most specific first."""
    model = botocore.session.get_session().get_service_model(service)
    operations = []
    for name in model.operation_names:
        http_ = model.operation_model(name).http
        path, _, query = http_["requestUri"].partition("?")
        pattern = re.sub(r"\\\{[\w\\-]+\\\+\\\}", ".+", re.escape(path).replace("+", r"\+"))
        pattern = re.sub(r"\\\{[\w\\-]+\\\}", "[^/]+", pattern)
        operations.append((name, http_["method"], pattern.rstrip("/") + "/?", query))
    return sorted(operations, key=lambda operation: (not operation[3], "[^/]+" in operation[2]))
