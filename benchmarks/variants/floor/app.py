"""The floor: HTTP requests that are signed by hand, with no SDK and no framework."""

import datetime
import hashlib
import hmac
import http.client
import json
import os
from typing import Any
from urllib.parse import urlsplit

from attribute_values import decode, encode

_TABLE = os.environ["ORDERS_TABLE"]
_REGION = os.environ["AWS_DEFAULT_REGION"]
_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]
_SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
_TOKEN = os.environ["AWS_SESSION_TOKEN"]
_URL = urlsplit(os.environ.get("AWS_ENDPOINT_URL", f"https://dynamodb.{_REGION}.amazonaws.com"))
_connection = http.client.HTTPSConnection(_URL.netloc, timeout=5)


def post_order(event: dict[str, Any], context: object) -> dict[str, Any]:
    order = json.loads(event["body"])["order"]
    _request("PutItem", {"TableName": _TABLE, "Item": encode(order)})
    return {"statusCode": 200, "body": json.dumps({"order": order})}


def get_order(event: dict[str, Any], context: object) -> dict[str, Any]:
    query = event["queryStringParameters"]
    key = {name: {"S": query[name]} for name in ("accountid", "vendorid")}
    response = _request("GetItem", {"TableName": _TABLE, "Key": key, "ConsistentRead": True})
    return {"statusCode": 200, "body": json.dumps({"order": decode(response["Item"])})}


def _request(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps(parameters).encode()
    timestamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    signed_headers = {
        "host": _URL.netloc,
        "x-amz-date": timestamp,
        "x-amz-security-token": _TOKEN,
        "x-amz-target": f"DynamoDB_20120810.{operation}",
    }
    header_lines = "".join(f"{name}:{value}\n" for name, value in signed_headers.items())
    names = ";".join(signed_headers)
    canonical = f"POST\n/\n\n{header_lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{timestamp[:8]}/{_REGION}/dynamodb/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{_SECRET}".encode()
    for part in (*scope.split("/"), f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}"):
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"AWS4-HMAC-SHA256 Credential={_KEY_ID}/{scope}"
    authorization = f"{credential},SignedHeaders={names},Signature={key.hex()}"
    headers = {"Content-Type": "application/x-amz-json-1.0", "Authorization": authorization}
    _connection.request("POST", "/", body, signed_headers | headers)
    response = _connection.getresponse()
    content: dict[str, Any] = json.loads(response.read())
    if response.status != 200:  # noqa: PLR2004
        raise RuntimeError(content)
    return content
