"""Requests for one order in the table, with the conditions of the writes.

Each function sends one request. A condition on the write decides inside DynamoDB who may change
an order, so of two requests that race for one order exactly one wins. Every function may raise
TooManyRequestsError or ServiceUnavailableError. docs/architecture.md says what each request costs.
"""

from msgspec import UNSET

from chalicelib import dynamodb
from chalicelib.dynamodb import Expressions, Item
from chalicelib.errors import ConflictError, ForbiddenError, NotFoundError
from chalicelib.items import (
    from_item,
    new_change_id,
    order_time_attribute,
    queue_key,
    status_of,
    to_item,
    to_key,
    utc_now,
)
from chalicelib.orders import (
    CLOSED,
    IN_PROGRESS,
    OPEN,
    Key,
    Order,
    Outcome,
    PlacedOrder,
    RequestedOrder,
    ServerDate,
    Status,
    predecessors,
)


def place(
    order: Order, placed_by: str, *, is_priced_by_menu: bool = False
) -> tuple[PlacedOrder, Outcome]:
    """Store the order for the caller with this `sub`; return it, and what this did.

    If the price is the menu's and not the customer's, the same order at another price is still
    the same. Raises ForbiddenError or ConflictError if the order at the key does not give way.
    """
    item = to_item(order, placed_by)
    fields = _SENT_WITHOUT_PRICE if is_priced_by_menu else _SENT
    written, stored = dynamodb.put_item(
        dynamodb.ORDERS_TABLE, item, **_gives_way_to(order, item, fields)
    )
    if written:
        replaced = stored.get("placed_by") == item["placed_by"]
        return from_item(item), "replaced" if replaced else "placed"
    _require_same(stored, order, item, fields)
    # The SDK's retry may find its own first attempt, whose answer was lost.
    is_own_attempt = stored.get("placed_at") == item["placed_at"]
    return from_item(stored), "placed" if is_own_attempt else "unchanged"


def find_same(order: RequestedOrder, placed_by: str) -> PlacedOrder | None:
    """Return the order at the key if it is this one of the same customer, still open."""
    item = dynamodb.get_item(dynamodb.ORDERS_TABLE, to_key(Key(order.accountid, order.vendorid)))
    if not item or not order.is_dated or status_of(item) not in OPEN:
        return None
    stored = from_item(item)
    priced = order.at_price(
        stored.details.unitprice if order.details.unitprice is UNSET else order.details.unitprice
    )
    is_same = item.get("placed_by") == {"S": placed_by} and (
        (priced.orderdate, priced.details) == (stored.orderdate, stored.details)
    )
    return stored if is_same else None


def get(key: Key) -> PlacedOrder:
    """Return the order at this key, strongly consistent. Raises NotFoundError."""
    item = dynamodb.get_item(dynamodb.ORDERS_TABLE, to_key(key))
    if not item:
        raise NotFoundError("There is no order at this key")
    return from_item(item)


def cancel(key: Key, placed_by: str) -> PlacedOrder:
    """Cancel an order of the customer with this `sub`; return it.

    Raises NotFoundError, ForbiddenError, or ConflictError if the shop has started on it.
    """
    return _change_status(key, "cancelled", placed_by)


def advance(key: Key, status: Status) -> PlacedOrder:
    """Change an order's status; return the order.

    Raises NotFoundError, or ConflictError if there is no such transition from its status.
    """
    return _change_status(key, status)


# What a customer sends of an order besides its key, as paths into an item.
_SENT_WITHOUT_PRICE = ("orderdate", "details.coffeetype", "details.coffeesize", "details.quantity")
_SENT = ("orderdate", "details")

# The order in the table arrived before this request did. Orders from before `placed_at` existed
# did, too. A request that is delayed on its way therefore cannot change a newer order.
_ARRIVED_EARLIER = "(attribute_not_exists(placed_at) OR placed_at < :arrived)"


def _gives_way_to(order: Order, item: Item, sent: tuple[str, ...]) -> Expressions:
    """Return the condition on which `item`, made from `order`, may be stored at its key.

    The stored order must be older. Besides, it must be closed, or belong to the caller and not be
    in progress. By this rule no late request can bring back an order that a newer one has
    replaced. docs/architecture.md explains it in full.
    """
    values = {
        ":caller": item["placed_by"],
        ":arrived": item["placed_at"],
        **{f":{status}": {"S": status} for status in (*IN_PROGRESS, *CLOSED)},
    }
    key_is_free = "attribute_not_exists(accountid)"
    belongs_to_caller = "placed_by = :caller"
    is_closed = _status_in(CLOSED)
    # NOT also accepts an item from before statuses existed.
    is_not_in_progress = f"NOT {_status_in(IN_PROGRESS)}"
    is_older = _ARRIVED_EARLIER  # an order without a date always counts as newer
    if not isinstance(order.orderdate, ServerDate):
        order_time = order_time_attribute(order.orderdate.instant)
        values |= {":ordered": item[order_time], ":placed": item["status"]}
        values |= {f":sent{number}": _value(item, path) for number, path in enumerate(sent)}
        has_earlier_date = f"{order_time} < :ordered"
        is_by_other_clock = f"attribute_not_exists({order_time})"
        # The same order again is no correction: it keeps its place in the queue.
        is_corrected = _all(
            f"{order_time} = :ordered",
            "#status = :placed",
            _any(*(f"{path} <> :sent{number}" for number, path in enumerate(sent))),
        )
        is_older = _any(
            has_earlier_date, _all(_ARRIVED_EARLIER, _any(is_by_other_clock, is_corrected))
        )
    may_be_replaced = _any(is_closed, _all(belongs_to_caller, is_not_in_progress))
    return {
        "ConditionExpression": _any(key_is_free, _all(may_be_replaced, is_older)),
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": values,
    }


def _require_same(stored: Item, order: Order, item: Item, sent: tuple[str, ...]) -> None:
    """Return if the stored order, which does not give way, is the same order and still open.

    Raises ForbiddenError or ConflictError otherwise.
    """
    status = status_of(stored)
    belongs_to_caller = stored.get("placed_by") == item["placed_by"]
    if not belongs_to_caller and status in OPEN:
        raise ForbiddenError("Another customer has an order at this key")
    same = belongs_to_caller and all(_value(stored, path) == _value(item, path) for path in sent)
    if same and (status in OPEN or stored.get("placed_at") == item["placed_at"]):
        return
    if status in IN_PROGRESS:
        raise ConflictError(f"The order is {status}")
    is_dated = not isinstance(order.orderdate, ServerDate)
    if is_dated and order_time_attribute(order.orderdate.instant) in stored:
        raise ConflictError(
            f"order.orderdate: is not later than that of the order there, which is {status}"
        )
    raise ConflictError(
        f"Another order arrived at this key at the same time or later, and is {status}"
    )


def _change_status(key: Key, to: Status, placed_by: str | None = None) -> PlacedOrder:
    sources = predecessors(to)
    if not sources:  # only POST makes an order "placed"
        raise ConflictError(f"The order is {get(key).status}")
    may_change = _status_in(sources)
    if "placed" in sources:  # an order from before statuses existed counts as placed
        may_change = _any(may_change, "attribute_not_exists(#status)")
    clauses = ["attribute_exists(accountid)", may_change, _ARRIVED_EARLIER]
    change_id = new_change_id()
    values: Item = {
        **{f":{source}": {"S": source} for source in sources},
        ":change": {"S": change_id},
        ":to": {"S": to},
        ":queue": {"S": queue_key(key.vendorid, to)},
        ":arrived": {"S": utc_now()},
    }
    if placed_by is not None:
        clauses.append("placed_by = :caller")
        values[":caller"] = {"S": placed_by}
    written, stored = dynamodb.update_item(
        dynamodb.ORDERS_TABLE,
        to_key(key),
        UpdateExpression="SET #status = :to, shop_queue = :queue, changed_by = :change,"
        " since = :arrived, placed_at = if_not_exists(placed_at, :arrived)",
        ConditionExpression=_all(*clauses),
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues=values,
    )
    # The SDK's retry may find its own first attempt, whose answer was lost.
    if written or stored.get("changed_by") == {"S": change_id}:
        return from_item(stored)
    if not stored:
        raise NotFoundError("There is no order at this key")
    if placed_by is not None and stored.get("placed_by") != {"S": placed_by}:
        raise ForbiddenError("This is another customer's order")
    status = status_of(stored)
    newer = ", and newer than this request" if status in sources else ""
    raise ConflictError(f"The order is {status}{newer}")


def _value(item: Item, path: str) -> Item:
    """Return the value at a path such as `details.quantity`."""
    attribute, _, inner = path.partition(".")
    value: Item = item[attribute]["M"][inner] if inner else item[attribute]
    return value


def _status_in(statuses: tuple[Status, ...]) -> str:
    return f"#status IN ({', '.join(f':{status}' for status in statuses)})"


def _all(*clauses: str) -> str:
    return f"({' AND '.join(clauses)})"


def _any(*clauses: str) -> str:
    return f"({' OR '.join(clauses)})"
