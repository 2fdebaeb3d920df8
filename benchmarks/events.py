"""The requests that are measured, as API Gateway hands them to Lambda."""

import json
from typing import Any

SUB = "b3f1c9a4-8d0e-4c55-9a51-2f7f3a1c6d20"
GROUPS = "vendor-v0,vendor-busy"
ORDER: dict[str, Any] = {
    "accountid": "a0",
    "vendorid": "v0",
    "orderdate": "2026-03-01 08:30:00.123456",
    "details": {
        "coffeetype": "Short Black",
        "coffeesize": "Small",
        "unitprice": "4.5",
        "quantity": "1",
    },
}
# What the service stores of it. Every program of the field finds this same item.
ITEM: dict[str, Any] = {
    "accountid": {"S": "a0"},
    "vendorid": {"S": "v0"},
    "orderdate": {"S": ORDER["orderdate"]},
    "details": {"M": {name: {"S": value} for name, value in ORDER["details"].items()}},
    "status": {"S": "placed"},
    "placed_by": {"S": SUB},
    "placed_at": {"S": "2026-03-01T08:30:00.250000+00:00"},
    "ordered_local": {"N": "1772353800123456000"},
    "shop_queue": {"S": "open:v0"},
}
KEY = {"accountid": "a0", "vendorid": "v0"}


def event(
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    body: Any = None,
    sub: str | None = SUB,
) -> dict[str, Any]:
    """Return a proxy event of a REST API whose Cognito authorizer let `sub` in, or had no say."""
    headers = {
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "CloudFront-Viewer-Country": "AU",
        "Host": "abcdefghij.execute-api.ap-southeast-2.amazonaws.com",
        "User-Agent": "python-requests/2.34.2",
        "X-Amzn-Trace-Id": "Root=1-69a2c5d8-6f1d1a0b4c3e2d1f0a9b8c7d",
        "X-Forwarded-For": "203.0.113.7",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    if body is not None:
        headers["Content-Type"] = "application/json"
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "abcdefghij",
        "domainName": "abcdefghij.execute-api.ap-southeast-2.amazonaws.com",
        "extendedRequestId": "ZLqD9H5JywMEXhw=",
        "httpMethod": method,
        "identity": {"sourceIp": "203.0.113.7", "userAgent": "python-requests/2.34.2"},
        "path": f"/api{path}",
        "protocol": "HTTP/1.1",
        "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "requestTime": "01/Mar/2026:08:30:00 +0000",
        "requestTimeEpoch": 1772353800123,
        "resourceId": "abc123",
        "resourcePath": path,
        "stage": "api",
    }
    if sub is not None:
        context["authorizer"] = {"claims": _claims(sub)}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": query and {name: [v] for name, v in query.items()},
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": context,
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def _claims(sub: str) -> dict[str, str]:
    return {
        "sub": sub,
        "cognito:groups": GROUPS,
        "iss": "https://cognito-idp.ap-southeast-2.amazonaws.com/ap-southeast-2_AbCdEfGhI",
        "cognito:username": "paul",
        "aud": "1example23456789",
        "event_id": "7f5c8d5e-6a3b-4d7e-9d0c-0f3c1f1b7a55",
        "token_use": "id",
        "auth_time": "1772353700",
        "exp": "Sun Mar 01 09:28:20 UTC 2026",
        "iat": "Sun Mar 01 08:28:20 UTC 2026",
        "email": "paul@example.com",
    }


def _bent(**details: Any) -> dict[str, Any]:
    return {"order": {**ORDER, "details": {**ORDER["details"], **details}}}


GET = event("GET", "/order", query=KEY, sub=None)
POST = event("POST", "/order", body={"order": ORDER})
# A quantity of none, which every program with rules refuses, and a token that nobody checked.
INVALID = event("POST", "/order", body=_bent(quantity="0"))
STRANGER = event("POST", "/order", body={"order": ORDER}, sub=None)
# The stand-in for Lambda's runtime writes another number into each.
NEW = event("POST", "/order", body={"order": {**ORDER, "accountid": "new{number}"}})
MINE = event("GET", "/orders", query={"limit": "20"})
QUEUE = event("GET", "/orders", query={"vendorid": "v0", "limit": "20"})
BUSY_QUEUE = event("GET", "/orders", query={"vendorid": "busy", "limit": "20"})
