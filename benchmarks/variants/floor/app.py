"""The floor: HTTP signed by hand, with no SDK, no framework, and nothing on top."""

import datetime
import hashlib
import hmac
import http.client
import json
import os
from typing import Any
from urllib.parse import urlsplit

_TABLE = os.environ["ORDERS_TABLE"]
_REGION = os.environ["AWS_DEFAULT_REGION"]
_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
_TOKEN = os.environ["AWS_SESSION_TOKEN"]
_URL = urlsplit(os.environ.get("AWS_ENDPOINT_URL", f"https://dynamodb.{_REGION}.amazonaws.com"))
_Connection = http.client.HTTPSConnection if _URL.scheme == "https" else http.client.HTTPConnection
_connection = _Connection(_URL.netloc, timeout=5)


def post_order(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Store the order of the body."""
    order = json.loads(event["body"])["order"]
    item = {name: {"S": value} for name, value in order.items() if name != "details"}
    item["details"] = {"M": {name: {"S": value} for name, value in order["details"].items()}}
    _dynamodb("PutItem", {"TableName": _TABLE, "Item": item})
    return {"statusCode": 200, "body": json.dumps({"order": order})}


def get_order(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return the order at the key of the query."""
    query = event["queryStringParameters"]
    key = {"accountid": {"S": query["accountid"]}, "vendorid": {"S": query["vendorid"]}}
    answer = _dynamodb("GetItem", {"TableName": _TABLE, "Key": key, "ConsistentRead": True})
    order = {name: value for name, (value,) in _typed(answer["Item"]) if name != "details"}
    order["details"] = {name: text for name, (text,) in _typed(answer["Item"]["details"]["M"])}
    return {"statusCode": 200, "body": json.dumps({"order": order})}


def _typed(item: dict[str, Any]) -> Any:
    return ((name, value.values()) for name, value in item.items())


def _dynamodb(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(request).encode()
    target = f"DynamoDB_20120810.{operation}"
    moment = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    signed = {
        "host": _URL.netloc,
        "x-amz-date": moment,
        "x-amz-security-token": _TOKEN,
        "x-amz-target": target,
    }
    headers = "".join(f"{name}:{value}\n" for name, value in signed.items())
    names = ";".join(signed)
    whole = f"POST\n/\n\n{headers}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{moment[:8]}/{_REGION}/dynamodb/aws4_request"
    digest = hashlib.sha256(whole.encode()).hexdigest()
    key = f"AWS4{_SECRET}".encode()
    for part in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"):
        key = hmac.digest(key, part.encode(), "sha256")
    _connection.request(
        "POST",
        "/",
        body,
        signed
        | {
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={_KEY_ID}/{scope},"
            f"SignedHeaders={names},Signature={key.hex()}",
        },
    )
    answer = _connection.getresponse()
    content: dict[str, Any] = json.loads(answer.read())
    if answer.status != 200:  # noqa: PLR2004
        raise RuntimeError(content)
    return content
