"""Every request to DynamoDB: its keys, its expressions, and nothing else.

One request for each call. Who may replace an order is decided by a condition on the write,
inside DynamoDB, so that of two customers racing for one key exactly one wins.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's: refused, or no such host, or timed out
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.parsers import ResponseParserError

from chalicelib import settings
from chalicelib.errors import (
    ForbiddenError,
    NotFoundError,
    ServiceUnavailableError,
    TooManyRequestsError,
)
from chalicelib.orders import Details, Key, Order, OrderDate, Price, Quantity

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_TABLE = settings.required("ORDERS_TABLE")

# Made once, while the module loads: Lambda's init phase runs at full CPU. The worst case is
# three attempts of 1 s to connect and 1 s to read, with pauses of at most 1 s and 2 s between
# them: 9 s, well inside API Gateway's 29 s.
_dynamodb: "DynamoDBClient" = boto3.client(
    "dynamodb",
    config=Config(
        connect_timeout=1,
        read_timeout=1,
        retries={"mode": "standard", "total_max_attempts": 3},
    ),
)

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_THROTTLING = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
)
_UNREACHABLE = (
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ResponseParserError,
    ResponseStreamingError,
)


def place(order: Order, placed_by: str) -> bool:
    """Store the order; return True where its key was free, False where it replaced one.

    `placed_by` is the caller's sub: only who placed an order may replace it. Raises
    ForbiddenError, TooManyRequestsError or ServiceUnavailableError.
    """
    with _failures():
        try:
            answer = _dynamodb.put_item(
                TableName=_TABLE,
                Item=_to_item(order) | {"placed_by": {"S": placed_by}},
                ConditionExpression="attribute_not_exists(accountid) OR placed_by = :caller",
                ExpressionAttributeValues={":caller": {"S": placed_by}},
                ReturnValues="ALL_OLD",
            )
        except _dynamodb.exceptions.ConditionalCheckFailedException:
            raise ForbiddenError("Another customer has an order at this key") from None
    return "Attributes" not in answer


def get(key: Key) -> Order:
    """Return the order at this key, as of this moment: the read is strongly consistent.

    Raises NotFoundError, TooManyRequestsError or ServiceUnavailableError.
    """
    with _failures():
        answer = _dynamodb.get_item(TableName=_TABLE, Key=_to_key(key), ConsistentRead=True)
    if "Item" not in answer:
        raise NotFoundError("There is no order at this key")
    return _from_item(answer["Item"])


def _to_key(key: Key) -> dict[str, Any]:
    return {"accountid": {"S": key.accountid}, "vendorid": {"S": key.vendorid}}


def _to_item(order: Order) -> dict[str, Any]:
    details = order.details
    return _to_key(order.key) | {
        "orderdate": {"S": order.orderdate},
        "details": {
            "M": {
                "coffeetype": {"S": details.coffeetype},
                "coffeesize": {"S": details.coffeesize},
                "unitprice": {"S": details.unitprice},
                "quantity": {"S": details.quantity},
            }
        },
    }


def _from_item(item: dict[str, Any]) -> Order:
    details = item["details"]["M"]
    return Order(
        accountid=item["accountid"]["S"],
        vendorid=item["vendorid"]["S"],
        orderdate=OrderDate(item["orderdate"]["S"]),
        details=Details(
            coffeetype=details["coffeetype"]["S"],
            coffeesize=details["coffeesize"]["S"],
            unitprice=Price(details["unitprice"]["S"]),
            quantity=Quantity(details["quantity"]["S"]),
        ),
    )


@contextmanager
def _failures() -> Iterator[None]:
    """Tell apart a table that is busy, one that can't be reached, and our own mistakes.

    A mistake (a missing table, a missing permission) is not the client's to retry: it goes on
    as it is, and Chalice logs it and answers 500.
    """
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _THROTTLING:
            raise TooManyRequestsError("The shop is very busy; try again soon") from error
        if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:  # noqa: PLR2004
            raise ServiceUnavailableError("Orders can't be reached; try again soon") from error
        raise
    except _UNREACHABLE as error:
        raise ServiceUnavailableError("Orders can't be reached; try again soon") from error
