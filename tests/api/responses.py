"""What every response of the service must be: documented in openapi.json, and secure."""

import json
import re
from typing import Any

from chalice.test import HTTPResponse
from jsonschema import Draft202012Validator

from tools.project import PROJECT

OPENAPI = json.loads((PROJECT / "chalicelib/openapi.json").read_text())
_GATEWAY_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
}
_SERVICE_HEADERS = {
    **_GATEWAY_HEADERS,
    "Access-Control-Expose-Headers": "ETag,Location,Order-Outcome,Retry-After",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
# The codes of the service's errors, by status.
_CODES = {
    400: {"BadRequestError"},
    403: {"ForbiddenError"},
    404: {"NotFoundError"},
    409: {"ConflictError", "NotOnMenuError", "ShopClosedError", "SoldOutError"},
    412: {"PreconditionFailedError"},
    413: {"PayloadTooLargeError"},
    415: {"UnsupportedMediaType"},
    429: {"TooManyRequestsError"},
    503: {"ServiceUnavailableError"},
}


def resolved(node: Any) -> Any:
    """Return the part of openapi.json to which this node refers, or the node itself."""
    while "$ref" in node:
        part: Any = OPENAPI
        for name in node["$ref"].removeprefix("#/").split("/"):
            part = part[name]
        node = part
    return node


def assert_documented(method: str, path: str, response: HTTPResponse) -> None:
    """Check a response's status, headers and body against openapi.json."""
    if response.status_code == 500:  # no route documents it
        return
    route = re.sub("^/static/.*", "/static/{version}/{name}", path.partition("?")[0])
    route = route.rstrip("/") or "/"  # Chalice accepts a slash at the end
    operation = OPENAPI["paths"][route][method.lower()]
    response_object = resolved(operation["responses"][str(response.status_code)])
    content = response_object.get("content", {})
    if response.status_code == 304:
        assert not content
        return
    media_type = response.headers.get("Content-Type", "application/json").partition(";")[0]
    if media_type == "application/json":
        schema = {**content[media_type]["schema"], "components": OPENAPI["components"]}
        Draft202012Validator(schema).validate(response.json_body)
        code = response.json_body.get("Code")
        assert code is None or code in _CODES[response.status_code]
    else:
        assert (media_type in content) if response.body else not content
    assert set(response_object.get("headers", ())) <= set(response.headers)


def assert_secure(path: str, response: HTTPResponse) -> None:
    """Check the security headers of a response. The page and its worker have their own policies."""
    # Only API Gateway responds with 401.
    expected = {**(_GATEWAY_HEADERS if response.status_code == 401 else _SERVICE_HEADERS)}
    if response.status_code >= 400 or path.startswith("/order"):
        expected["Cache-Control"] = "no-store"
    if path in {"/", "/sw.js"}:
        del expected["Content-Security-Policy"]
    assert response.headers.items() >= expected.items()
