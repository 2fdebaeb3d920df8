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
    """A page of a list, and the position where it ends; None for the last page."""

    orders: list[PlacedOrder]
    end: Position | None


class _OrderList(NamedTuple):
    """The items of an index whose `attribute` has this value, sorted by `placed_at`."""

    index_name: str
    attribute: str
    value: str
    newest_first: bool


def for_customer(sub: str, status: Status | None, limit: int, start: Position | None) -> OrderPage:
    """Return a page of a customer's orders, newest first."""
    own_orders = _OrderList("by_customer", "placed_by", sub, newest_first=True)
    return _query(own_orders, status, limit, start)


def for_shop(vendorid: str, status: Status | None, limit: int, start: Position | None) -> OrderPage:
    """Return a page of a shop's orders, oldest first; without a status, all open ones."""
    shop_queue = queue_key(vendorid, status or OPEN[0])
    # The open statuses share a queue and need a filter. Each closed status has its own queue.
    filter_by = status if status in OPEN else None
    queue = _OrderList("by_shop", "shop_queue", shop_queue, newest_first=False)
    return _query(queue, filter_by, limit, start)


def _query(
    order_list: _OrderList, status: Status | None, limit: int, start: Position | None
) -> OrderPage:
    list_key = {"S": order_list.value}
    request: dict[str, Any] = {
        "KeyConditionExpression": f"{order_list.attribute} = :list",
        "ExpressionAttributeValues": {":list": list_key},
    }
    if status is not None:
        request["FilterExpression"] = "#status = :status"
        request["ExpressionAttributeNames"] = {"#status": "status"}
        request["ExpressionAttributeValues"][":status"] = {"S": status}
    if start is not None:
        # The request decides which list is read. A cursor is only a position in it.
        position_key = {name: {"S": value} for name, value in start._asdict().items()}
        request["ExclusiveStartKey"] = {**position_key, order_list.attribute: list_key}
    with dynamodb.translated_errors():
        response = dynamodb.client.query(
            TableName=dynamodb.ORDERS_TABLE,
            IndexName=order_list.index_name,
            ScanIndexForward=not order_list.newest_first,
            Limit=limit + 1,  # one more shows whether this page is the last
            **request,
        )
    items, end = response["Items"], response.get("LastEvaluatedKey")
    if len(items) > limit:
        items, end = items[:limit], items[limit - 1]
    position = Position(*(end[name]["S"] for name in Position._fields)) if end else None
    return OrderPage([from_item(item) for item in items], position)
