"""The DynamoDB client: its timeouts, retries, requests and errors.

Every request may raise TooManyRequestsError or ServiceUnavailableError. docs/architecture.md says
what each setting saves.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's: refused, unknown host or timed out
    HTTPClientError,
)
from botocore.parsers import ResponseParserError
from chalice import TooManyRequestsError

from chalicelib import sdk, settings
from chalicelib.errors import ServiceUnavailableError

Item = dict[str, Any]

ORDERS_TABLE = settings.required("ORDERS_TABLE")
SHOPS_TABLE = settings.required("SHOPS_TABLE")
UNAVAILABLE = "Orders and menus are not available; try again soon"

# The worst case is three attempts of 1 s to connect and 1 s to read, with pauses of at most 1 s
# and 2 s between them: 9 s. From botocore 1.44 on, an overloaded DynamoDB can ask for pauses that
# are up to 5 s longer: 19 s. An order that reads its shop's menu first fails if that takes 5 s (see
# shops_table.py). The total is 24 s. The function's timeout is 25 s and API Gateway's 29 s.
_CONFIG = Config(
    connect_timeout=1,
    read_timeout=1,
    retries={"mode": "standard", "total_max_attempts": 3},
    parameter_validation=False,  # DynamoDB checks every request itself
    user_agent="coffee-orders",  # the SDK builds its own text twice for each request
)

client = sdk.make_client(_CONFIG)  # at import, because Lambda's init phase runs at full CPU

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_THROTTLING_CODES = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
)


def new_id() -> str:
    """Return a random id for one write. If its answer is lost, a retry recognizes it by the id."""
    return os.urandom(8).hex()


def utc_now() -> str:
    """Return the current time in UTC, as text that sorts by time."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def get_item(table: str, key: Item) -> Item:
    """Return an item, strongly consistent; {} if there is none."""
    response = _send(client.get_item, TableName=table, Key=key, ConsistentRead=True)
    return dict(response.get("Item", {}))


def query(**request: Any) -> Item:
    """Return the response to a Query of the orders table."""
    return _send(client.query, TableName=ORDERS_TABLE, **request)


def put_item(table: str, item: Item, condition: str, values: Item) -> tuple[bool, Item]:
    """Store an item if the condition holds; return whether it does, and the previous item or {}."""
    request = {"TableName": table, "Item": item, "ReturnValues": "ALL_OLD"}
    return _write(client.put_item, request, condition, values)


def update_item(
    table: str, key: Item, update: str, condition: str, values: Item
) -> tuple[bool, Item]:
    """Update an item if the condition holds; return whether it does, and the item as it is now."""
    request = {"TableName": table, "Key": key, "UpdateExpression": update}
    return _write(client.update_item, {**request, "ReturnValues": "ALL_NEW"}, condition, values)


def _write(
    method: Callable[..., Any], request: Item, condition: str, values: Item
) -> tuple[bool, Item]:
    request |= {"ConditionExpression": condition, "ExpressionAttributeValues": values}
    request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    try:
        return True, _send(method, **request).get("Attributes", {})
    except client.exceptions.ConditionalCheckFailedException as error:
        # DynamoDB sends the item with this error; botocore's types do not declare it.
        response: Item = {**error.response}
        return False, response.get("Item", {})


def _send(method: Callable[..., Any], **request: Any) -> Item:
    """Send a request; return the response. Translates the SDK's exceptions for the client.

    Raises TooManyRequestsError if DynamoDB throttles, and ServiceUnavailableError if it cannot be
    reached. For a missing table or permission a retry does not help, so that error is raised
    unchanged: Chalice logs it and responds with 500.
    """
    if any("#status" in value for value in request.values() if isinstance(value, str)):
        request["ExpressionAttributeNames"] = {"#status": "status"}  # `status` is a reserved word
    try:
        response: Item = method(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] in _THROTTLING_CODES:
            raise TooManyRequestsError("There are too many requests; try again soon") from error
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:  # noqa: PLR2004
            raise ServiceUnavailableError(UNAVAILABLE) from error
        raise
    except (ConnectionError, HTTPClientError, ResponseParserError) as error:
        raise ServiceUnavailableError(UNAVAILABLE) from error
    return response
