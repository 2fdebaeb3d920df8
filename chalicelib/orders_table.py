"""Requests for one order in the table, with the conditions of the writes.

Each function sends one request. DynamoDB checks the condition of a write as it writes, so if two
requests change one order at the same time, exactly one of them succeeds. Every function may raise
TooManyRequestsError or ServiceUnavailableError. docs/architecture.md says what each request costs.
"""

from chalice import ConflictError, ForbiddenError, NotFoundError
from msgspec import UNSET, UnsetType

from chalicelib import dynamodb
from chalicelib.dynamodb import Expressions, Item
from chalicelib.orders import (
    CLOSED,
    IN_PROGRESS,
    OPEN,
    Details,
    Instant,
    Key,
    Order,
    OrderDate,
    Outcome,
    PlacedOrder,
    Price,
    Quantity,
    RequestedOrder,
    Status,
    predecessors,
)

# The fields of an order that a customer sends besides the key, as paths into an item.
_FIELDS = ("orderdate", "details")
_FIELDS_BUT_PRICE = ("orderdate", "details.coffeetype", "details.coffeesize", "details.quantity")

# The stored order arrived before this request, so a delayed request cannot change a newer order.
# Orders from before `placed_at` existed count as older.
_ARRIVED_EARLIER = "(attribute_not_exists(placed_at) OR placed_at < :arrived)"


def place(
    order: Order, placed_by: str, *, is_priced_by_menu: bool = False
) -> tuple[PlacedOrder, Outcome]:
    """Store the order for the caller with this `sub`; return it and the outcome.

    If the price is the menu's and not the customer's, orders that differ only in their price are
    identical. Raises ForbiddenError or ConflictError if the order at the key cannot be replaced.
    """
    item = _to_item(order, placed_by)
    fields = _FIELDS_BUT_PRICE if is_priced_by_menu else _FIELDS
    is_stored, previous = dynamodb.put_item(
        dynamodb.ORDERS_TABLE, item, **_replaceable_clause(order, item, fields)
    )
    if is_stored:
        is_own = previous.get("placed_by") == item["placed_by"]
        return from_item(item), "replaced" if is_own else "placed"
    _require_identical(previous, order, item, fields)
    # The SDK's retry may find its own first attempt, whose response was lost.
    is_own_attempt = previous.get("placed_at") == item["placed_at"]
    return from_item(previous), "placed" if is_own_attempt else "unchanged"


def find_identical(order: RequestedOrder, placed_by: str) -> PlacedOrder | None:
    """Return the open order at the key if the same customer has placed an identical one."""
    if order.orderdate.is_from_server:  # an order without a date is always a new one
        return None
    item = dynamodb.get_item(dynamodb.ORDERS_TABLE, _to_key(Key(order.accountid, order.vendorid)))
    if not item or _status_of(item) not in OPEN:
        return None
    placed_order = from_item(item)
    unitprice = order.details.unitprice
    if unitprice is UNSET:
        unitprice = placed_order.details.unitprice
    details = order.at_price(unitprice).details
    is_own = item.get("placed_by") == {"S": placed_by}
    is_identical = (order.orderdate, details) == (placed_order.orderdate, placed_order.details)
    return placed_order if is_own and is_identical else None


def get(key: Key) -> PlacedOrder:
    """Return the order at this key, strongly consistent. Raises NotFoundError."""
    item = dynamodb.get_item(dynamodb.ORDERS_TABLE, _to_key(key))
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


def _replaceable_clause(order: Order, item: Item, fields: tuple[str, ...]) -> Expressions:
    """Return the condition on which `item`, made from `order`, may replace the stored order.

    The stored order must be older. It must also be closed, or belong to the caller and not be in
    progress. So a late request cannot bring back an order that a newer one has replaced.
    docs/architecture.md explains the condition in full.
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
    if not order.orderdate.is_from_server:
        order_time = _order_time_attribute(order.orderdate.instant)
        values |= {":ordered": item[order_time], ":placed": item["status"]}
        values |= {f":field{number}": _value(item, path) for number, path in enumerate(fields)}
        has_earlier_date = f"{order_time} < :ordered"
        is_by_other_clock = f"attribute_not_exists({order_time})"
        # An identical order is no correction: the stored one keeps its place in the queue.
        is_corrected = _all(
            f"{order_time} = :ordered",
            "#status = :placed",
            _any(*(f"{path} <> :field{number}" for number, path in enumerate(fields))),
        )
        is_older = _any(
            has_earlier_date, _all(_ARRIVED_EARLIER, _any(is_by_other_clock, is_corrected))
        )
    is_replaceable = _any(is_closed, _all(belongs_to_caller, is_not_in_progress))
    return {
        "ConditionExpression": _any(key_is_free, _all(is_replaceable, is_older)),
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": values,
    }


def _require_identical(
    stored_item: Item, order: Order, item: Item, fields: tuple[str, ...]
) -> None:
    """Raise ForbiddenError or ConflictError unless the stored order is identical and still open."""
    status = _status_of(stored_item)
    belongs_to_caller = stored_item.get("placed_by") == item["placed_by"]
    if not belongs_to_caller and status in OPEN:
        raise ForbiddenError("Another customer has an order at this key")
    is_identical = belongs_to_caller and all(
        _value(stored_item, path) == _value(item, path) for path in fields
    )
    is_own_attempt = stored_item.get("placed_at") == item["placed_at"]
    if is_identical and (status in OPEN or is_own_attempt):
        return
    if status in IN_PROGRESS:
        raise ConflictError(f"The order is {status}")
    order_time = _order_time_attribute(order.orderdate.instant)
    if not order.orderdate.is_from_server and order_time in stored_item:
        raise ConflictError(
            f"order.orderdate: must be later than that of the existing order, which is {status}"
        )
    raise ConflictError(
        f"Another order arrived at this key at the same time or later, and is {status}"
    )


def _change_status(key: Key, status: Status, placed_by: str | None = None) -> PlacedOrder:
    sources = predecessors(status)
    if not sources:  # only POST makes an order "placed"
        raise ConflictError(f"The order is {get(key).status}")
    has_source_status = _status_in(sources)
    if "placed" in sources:  # an order from before statuses existed counts as placed
        has_source_status = _any(has_source_status, "attribute_not_exists(#status)")
    clauses = ["attribute_exists(accountid)", has_source_status, _ARRIVED_EARLIER]
    change_id = dynamodb.new_id()
    values: Item = {
        **{f":{source}": {"S": source} for source in sources},
        ":change": {"S": change_id},
        ":to": {"S": status},
        ":queue": {"S": queue_key(key.vendorid, status)},
        ":arrived": {"S": dynamodb.utc_now()},
    }
    if placed_by is not None:
        clauses.append("placed_by = :caller")
        values[":caller"] = {"S": placed_by}
    is_updated, item = dynamodb.update_item(
        dynamodb.ORDERS_TABLE,
        _to_key(key),
        UpdateExpression="SET #status = :to, shop_queue = :queue, changed_by = :change,"
        " since = :arrived, placed_at = if_not_exists(placed_at, :arrived)",
        ConditionExpression=_all(*clauses),
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues=values,
    )
    # The SDK's retry may find its own first attempt, whose response was lost.
    if is_updated or item.get("changed_by") == {"S": change_id}:
        return from_item(item)
    if not item:
        raise NotFoundError("There is no order at this key")
    if placed_by is not None and item.get("placed_by") != {"S": placed_by}:
        raise ForbiddenError("This is another customer's order")
    present_status = _status_of(item)
    addition = ", and newer than this request" if present_status in sources else ""
    raise ConflictError(f"The order is {present_status}{addition}")


def _value(item: Item, path: str) -> Item:
    """Return the value at a path such as `details.quantity`."""
    attribute, _, field = path.partition(".")
    value: Item = item[attribute]["M"][field] if field else item[attribute]
    return value


def _status_in(statuses: tuple[Status, ...]) -> str:
    return f"#status IN ({', '.join(f':{status}' for status in statuses)})"


def _all(*clauses: str) -> str:
    return f"({' AND '.join(clauses)})"


def _any(*clauses: str) -> str:
    return f"({' OR '.join(clauses)})"


def _to_key(key: Key) -> Item:
    """Return the primary key: accountid (partition) and vendorid (sort)."""
    return {"accountid": {"S": key.accountid}, "vendorid": {"S": key.vendorid}}


def _to_item(order: Order, placed_by: str) -> Item:
    """Return the item of a new order from the customer with this `sub`."""
    details, instant = order.details, order.orderdate.instant
    return {
        "accountid": {"S": order.accountid},
        "vendorid": {"S": order.vendorid},
        "orderdate": {"S": order.orderdate},
        "details": {
            "M": {
                "coffeetype": {"S": details.coffeetype},
                "coffeesize": {"S": details.coffeesize},
                "unitprice": {"S": details.unitprice},
                "quantity": {"S": details.quantity},
            }
        },
        "status": {"S": "placed"},
        "placed_by": {"S": placed_by},
        "placed_at": {"S": dynamodb.utc_now()},
        _order_time_attribute(instant): {"N": str(instant.nanoseconds)},
        "shop_queue": {"S": queue_key(order.vendorid, "placed")},
    }


def from_item(item: Item) -> PlacedOrder:
    """Return the order of an item, without the internal attributes."""
    details = item["details"]["M"]
    return PlacedOrder(
        accountid=item["accountid"]["S"],
        vendorid=item["vendorid"]["S"],
        orderdate=OrderDate(item["orderdate"]["S"]),
        details=Details(
            coffeetype=details["coffeetype"]["S"],
            coffeesize=details["coffeesize"]["S"],
            unitprice=Price(details["unitprice"]["S"]),
            quantity=Quantity(details["quantity"]["S"]),
        ),
        status=_status_of(item),
        since=_since(item),
    )


def _order_time_attribute(instant: Instant) -> str:
    """Return the name of the attribute for an orderdate by this instant's clock."""
    return f"ordered_{instant.clock}"


def _status_of(item: Item) -> Status:
    """Return an item's status. An item from before statuses existed counts as placed."""
    status: Status = item.get("status", {"S": "placed"})["S"]
    return status


def _since(item: Item) -> str | UnsetType:
    """Return when an item got its status; UNSET if this was not stored at the time."""
    attribute = item.get("since") or ({} if "changed_by" in item else item.get("placed_at", {}))
    since: str | UnsetType = attribute.get("S", UNSET)
    return since


def open_queue_key(vendorid: str) -> str:
    """Return the `shop_queue` that all open orders of a vendor share."""
    return f"open:{vendorid}"


def queue_key(vendorid: str, status: Status) -> str:
    """Return the `shop_queue` of an order with this status."""
    return open_queue_key(vendorid) if status in OPEN else f"{status}:{vendorid}"
