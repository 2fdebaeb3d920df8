"""Every request to the table: its keys, its expressions, and nothing else.

One request for each call. Who may change an order is decided by a condition on the write,
inside DynamoDB, so that of two who race for one order exactly one wins. Every call may raise
TooManyRequestsError or ServiceUnavailableError. items.py has the shape of an item,
docs/architecture.md the indexes and what each costs.
"""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from chalicelib import dynamodb, replacement
from chalicelib.cursors import Position
from chalicelib.errors import ConflictError, ForbiddenError, NotFoundError
from chalicelib.items import (
    Item,
    from_item,
    new_change,
    now,
    position,
    queue,
    status_of,
    to_item,
    to_key,
)
from chalicelib.orders import OPEN, Key, Order, PlacedOrder, Status, before


class _List(NamedTuple):
    """A list: the items of an index whose `attribute` has this `value`, by time of arrival."""

    index_name: str
    attribute: str
    value: str
    newest_first: bool


class Listed(NamedTuple):
    """Some orders of a list, and where in it they end; None at the end of the list."""

    orders: list[PlacedOrder]
    end: Position | None


def place(order: Order, placed_by: str) -> tuple[PlacedOrder, bool]:
    """Store the order; return it, and whether its key was free.

    `placed_by` is the caller's sub: only who placed an order may replace it, with a newer one,
    and not while the shop has it in hand. Raises ForbiddenError or ConflictError.
    """
    item = to_item(order, placed_by)
    with dynamodb.failures():
        try:
            answer = dynamodb.client.put_item(
                TableName=dynamodb.TABLE,
                Item=item,
                **replacement.condition(order, item),
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except dynamodb.client.exceptions.ConditionalCheckFailedException as error:
            there = _item_there(error)
            replacement.require_same(there, item)
            # What a retry of the SDK finds may be this call's own first try, whose answer was lost.
            return from_item(there), there["placed_at"] == item["placed_at"]
    return from_item(item), "Attributes" not in answer


def get(key: Key) -> PlacedOrder:
    """Return the order at this key, as of this moment. Raises NotFoundError."""
    with dynamodb.failures():
        answer = dynamodb.client.get_item(
            TableName=dynamodb.TABLE, Key=to_key(key), ConsistentRead=True
        )
    if "Item" not in answer:
        raise NotFoundError("There is no order at this key")
    return from_item(answer["Item"])


def cancel(key: Key, placed_by: str) -> PlacedOrder:
    """Cancel an order of this customer's; return it.

    Raises NotFoundError, ForbiddenError, or ConflictError once the shop has begun.
    """
    return _move(key, "cancelled", placed_by)


def advance(key: Key, status: Status) -> PlacedOrder:
    """Move an order on to its next status; return it.

    Raises NotFoundError, or ConflictError where that is no step from its present status.
    """
    return _move(key, status)


def of_customer(sub: str, status: Status | None, limit: int, after: Position | None) -> Listed:
    """Return a page of a customer's orders, newest first."""
    mine = _List("by_customer", "placed_by", sub, newest_first=True)
    return _query(mine, status, limit, after)


def of_shop(vendorid: str, status: Status | None, limit: int, after: Position | None) -> Listed:
    """Return a page of a shop's orders, oldest first; without a status, all open ones."""
    shop_queue = queue(vendorid, status or OPEN[0])
    # A closed status has a queue of its own, so only among open ones is there any to pass over.
    wanted = status if status in OPEN else None
    return _query(
        _List("by_shop", "shop_queue", shop_queue, newest_first=False), wanted, limit, after
    )


def _move(key: Key, to: Status, placed_by: str | None = None) -> PlacedOrder:
    sources = before(to)
    if not sources:  # nothing becomes "placed" but by being placed
        raise ConflictError(f"The order is {get(key).status}")
    condition = f"#status IN ({', '.join(_values('from', sources))})"
    if "placed" in sources:  # an order from before there was a status reads as placed
        condition = f"({condition} OR attribute_not_exists(#status))"
    # A try that was held up on its way must not meet an order that came after it.
    condition += f" AND {replacement.ARRIVED_BEFORE}"
    change = new_change()
    values = _values("from", sources) | {
        ":change": {"S": change},
        ":to": {"S": to},
        ":queue": {"S": queue(key.vendorid, to)},
        ":arrived": {"S": now()},
    }
    if placed_by is not None:
        condition += " AND placed_by = :caller"
        values[":caller"] = {"S": placed_by}
    with dynamodb.failures():
        try:
            answer = dynamodb.client.update_item(
                TableName=dynamodb.TABLE,
                Key=to_key(key),
                UpdateExpression="SET #status = :to, shop_queue = :queue, changed_by = :change,"
                " placed_at = if_not_exists(placed_at, :arrived)",
                ConditionExpression=f"attribute_exists(accountid) AND {condition}",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except dynamodb.client.exceptions.ConditionalCheckFailedException as error:
            there = _item_there(error)
            if not there:
                raise NotFoundError("There is no order at this key") from None
            if there.get("changed_by") == {"S": change}:  # the SDK's retry met its first try
                return from_item(there)
            if placed_by is not None and there.get("placed_by") != {"S": placed_by}:
                raise ForbiddenError("This is another customer's order") from None
            status = status_of(there)
            newer = ", and newer than this request" if status in sources else ""
            raise ConflictError(f"The order is {status}{newer}") from None
    return from_item(answer["Attributes"])


def _query(which: _List, status: Status | None, limit: int, after: Position | None) -> Listed:
    request: dict[str, Any] = {
        "KeyConditionExpression": f"{which.attribute} = :list",
        "ExpressionAttributeValues": {":list": {"S": which.value}},
    }
    if status is not None:
        request["FilterExpression"] = "#status = :status"
        request["ExpressionAttributeNames"] = {"#status": "status"}
        request["ExpressionAttributeValues"][":status"] = {"S": status}
    if after is not None:
        # The list is the request's own, whatever the cursor was: it names a place in it only.
        place = {name: {"S": value} for name, value in after._asdict().items()}
        request["ExclusiveStartKey"] = place | {which.attribute: {"S": which.value}}
    with dynamodb.failures():
        answer = dynamodb.client.query(
            TableName=dynamodb.TABLE,
            IndexName=which.index_name,
            ScanIndexForward=not which.newest_first,
            Limit=limit + 1,  # one more tells whether this page is the last
            **request,
        )
    items, end = answer["Items"], answer.get("LastEvaluatedKey")
    if len(items) > limit:
        items, end = items[:limit], items[limit - 1]
    return Listed([from_item(item) for item in items], position(end) if end else None)


def _item_there(error: ClientError) -> Item:
    """Return the item that a condition did not hold for, {} where there is none."""
    # Of this one error the answer has an item, which botocore's types do not know.
    response: dict[str, Any] = {**error.response}
    item: Item = response.get("Item", {})
    return item


def _values(name: str, values: tuple[str, ...]) -> dict[str, Any]:
    return {f":{name}{number}": {"S": value} for number, value in enumerate(values)}
