"""Lists of orders, read page by page: a customer's own orders, and a shop's queue.

Each function sends one Query to an index, never a Scan, and may raise TooManyRequestsError or
ServiceUnavailableError. docs/architecture.md describes the indexes.
"""

from typing import Any, NamedTuple

from chalicelib import dynamodb
from chalicelib.items import from_item, queue_key
from chalicelib.orders import OPEN, PlacedOrder, Status
from chalicelib.pagination import Position


class OrderPage(NamedTuple):
    """A page of a list, and the position where it ends; None at the end of the list."""

    orders: list[PlacedOrder]
    end: Position | None


class _List(NamedTuple):
    """A list: the items of an index whose `attribute` has this value, by time of arrival."""

    index_name: str
    attribute: str
    value: str
    newest_first: bool


def for_customer(sub: str, status: Status | None, limit: int, after: Position | None) -> OrderPage:
    """Return a page of a customer's orders, newest first."""
    own_orders = _List("by_customer", "placed_by", sub, newest_first=True)
    return _query(own_orders, status, limit, after)


def for_shop(vendorid: str, status: Status | None, limit: int, after: Position | None) -> OrderPage:
    """Return a page of a shop's orders, oldest first; without a status, all open ones."""
    shop_queue = queue_key(vendorid, status or OPEN[0])
    # Each closed status has a queue of its own. Only the open ones share one and need a filter.
    filter_by = status if status in OPEN else None
    queue = _List("by_shop", "shop_queue", shop_queue, newest_first=False)
    return _query(queue, filter_by, limit, after)


def _query(which: _List, status: Status | None, limit: int, after: Position | None) -> OrderPage:
    request: dict[str, Any] = {
        "KeyConditionExpression": f"{which.attribute} = :list",
        "ExpressionAttributeValues": {":list": {"S": which.value}},
    }
    if status is not None:
        request["FilterExpression"] = "#status = :status"
        request["ExpressionAttributeNames"] = {"#status": "status"}
        request["ExpressionAttributeValues"][":status"] = {"S": status}
    if after is not None:
        # The request decides which list is read. A cursor is only a position in it.
        start = {name: {"S": value} for name, value in after._asdict().items()}
        request["ExclusiveStartKey"] = start | {which.attribute: {"S": which.value}}
    with dynamodb.failures():
        answer = dynamodb.client.query(
            TableName=dynamodb.ORDERS_TABLE,
            IndexName=which.index_name,
            ScanIndexForward=not which.newest_first,
            Limit=limit + 1,  # one more shows whether this page is the last
            **request,
        )
    items, end = answer["Items"], answer.get("LastEvaluatedKey")
    if len(items) > limit:
        items, end = items[:limit], items[limit - 1]
    position = Position(*(end[name]["S"] for name in Position._fields)) if end else None
    return OrderPage([from_item(item) for item in items], position)
