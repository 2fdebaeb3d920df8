"""The gate in front of the local cloud: the requests that it accepts and rejects."""

from typing import Any

import pytest

from local.gate import Gate

_SIGN_UP = {"x-amz-target": "AWSCognitoIdentityProviderService.SignUp"}
_ADMIN = {
    "x-amz-target": "AWSCognitoIdentityProviderService.AdminGetUser",
    "authorization": "AWS4-HMAC-SHA256 Credential=test/…",
}
_LIST_USERS = {"x-amz-target": "AWSCognitoIdentityProviderService.ListUsers"}
_PUT_ITEM = {"x-amz-target": "DynamoDB_20120810.PutItem"}
_PAGE = {"origin": "http://127.0.0.1:8000"}
_OWNER = {"authorization": "AWS4-HMAC-SHA256 Credential=key/20260301/…"}


def rejection_reason(scope: dict[str, Any], owner_key: str | None = "key") -> str | None:
    app: Any = None  # which the gate does not call
    return Gate(app, port=4566, owner_key=owner_key).rejection_reason(scope)


def request(
    method: str = "GET",
    target: str = "/_ministack/ready",
    headers: dict[str, str] | None = None,
    *headers_to_add: tuple[str, str],
    host: str | None = "127.0.0.1:4566",
) -> dict[str, Any]:
    """Return an ASGI request. `headers_to_add` may repeat names of `headers`."""
    path, _, query = target.partition("?")
    events = [("host", host)] if host is not None else []
    events += [*(headers or {}).items(), *headers_to_add]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in events],
    }


@pytest.mark.parametrize(
    "scope",
    [
        request(host="localhost:4566"),
        request("GET", "/_ministack/ses/messages", {"sec-fetch-site": "none"}),
        request("GET", "/ap-southeast-2_pool/.well-known/jwks.json"),
        request("POST", "/", _ADMIN),
        request("POST", "/", _PUT_ITEM),
        request("POST", "/", _SIGN_UP | _PAGE | {"sec-fetch-site": "same-site"}),
        request("OPTIONS", "/", _PAGE | {"access-control-request-method": "POST"}),
        request("POST", "/_ministack/reset", _OWNER),
    ],
)
def test_request_is_accepted(scope: dict[str, Any]) -> None:
    assert rejection_reason(scope) is None


_FOREIGN_HOSTS = [None, "127.0.0.1", "localhost:80", "x.example:4566", "127.0.0.1.x.example:4566"]
_FOREIGN_ORIGINS = [
    *("null", "http://evil.example", "https://127.0.0.1:8000", "http://127.0.0.1.evil.example"),
    *("http://127.0.0.1:x", "http://localhost:8000.evil.example"),
]


@pytest.mark.parametrize(
    "scope",
    [
        *[request(host=host) for host in _FOREIGN_HOSTS],
        *[
            request(method, "/", _SIGN_UP | _OWNER | {"origin": origin})
            for origin in _FOREIGN_ORIGINS
            for method in ("POST", "OPTIONS")
        ],
        # The page may only call the operations of Cognito that need no credentials.
        request("GET", "/_ministack/ses/messages", _PAGE),
        request("OPTIONS", "/2015-03-31/functions", _PAGE),
        request("POST", "/", _PUT_ITEM | _PAGE),
        request("POST", "/", _ADMIN | _PAGE),
        request("POST", "/", _LIST_USERS | _PAGE),
        request("POST", "/?Action=CreateStack", _SIGN_UP | _PAGE),
        # Other services need the owner's key.
        request("POST", "/_ministack/reset"),
        request("GET", "/?Action=CreateStack"),
        request("POST", "/", _SIGN_UP, ("x-amz-target", "AWSLambda.Invoke")),
        request("POST", "/2015-03-31/functions", _SIGN_UP),
        request("POST", "/_ministack/reset", _ADMIN),
        # The browser says that the request is from another site.
        request("GET", "/_ministack/ses/messages", {"sec-fetch-site": "same-site"}),
        # A second header does not hide a foreign one.
        request("GET", "/_ministack/ready", {}, ("host", "evil.example")),
        request("POST", "/", _SIGN_UP | _PAGE, ("origin", "http://evil.example")),
    ],
)
def test_request_is_rejected(scope: dict[str, Any]) -> None:
    assert rejection_reason(scope)


def test_gate_without_an_owner_key_accepts_all_services() -> None:
    assert rejection_reason(request("POST", "/2015-03-31/functions"), None) is None
    assert rejection_reason(request("POST", "/", {"origin": "http://evil.example"}), None)
