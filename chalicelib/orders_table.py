"""Requests for one order in the table; an order as an item.

Each function sends one request, and may raise TooManyRequestsError or ServiceUnavailableError.
docs/architecture.md describes the attributes of an item and the conditions.
"""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import msgspec
from chalice import BadRequestError, ConflictError, ForbiddenError, NotFoundError
from msgspec import UNSET, UnsetType, structs

from chalicelib import conditions, dynamodb, orders, shops, shops_table
from chalicelib.conditions import ANY, Preconditions, order_time_attribute
from chalicelib.dynamodb import Item
from chalicelib.errors import PreconditionFailedError
from chalicelib.orders import AcceptedPrice, Key, Outcome, PlacedOrder, RequestedOrder, Status


def place(
    order: RequestedOrder, placed_by: str, preconditions: Preconditions
) -> tuple[PlacedOrder, Outcome]:
    """Place an order that the shop accepts for the caller with this `sub`.

    Return it and the outcome. Raises what `shops.accept` does, and ForbiddenError,
    PreconditionFailedError or ConflictError if the order at the key cannot be replaced.
    """
    try:
        price = shops.accept(order, shops_table.get_for_order(order.vendorid))
    except (BadRequestError, ConflictError):
        # A retry of an order that is placed succeeds, even if the menu has changed since, or if
        # this instance has cached that there is none and the price is missing.
        if not order.orderdate.is_from_server:  # an order without a date is always a new one
            item = dynamodb.get_item(dynamodb.ORDERS_TABLE, _to_key(order))
            if item and _is_identical(order, placed_by, item):
                return from_item(item), "unchanged"
        raise
    item = _to_item(order, price, placed_by)
    condition, values = conditions.replaceable(order, item, preconditions)
    is_stored, previous = dynamodb.put_item(dynamodb.ORDERS_TABLE, item, condition, values)
    belongs_to_caller = previous.get("placed_by") == item["placed_by"]
    if is_stored:
        return from_item(item), "replaced" if belongs_to_caller else "placed"
    if not previous:
        raise PreconditionFailedError("There is no order at this key")
    stored_order = from_item(previous)
    # The SDK's retry may find its own first attempt, whose response was lost.
    if previous["version"] == item["version"]:
        return stored_order, "placed"
    if _is_identical(order, placed_by, previous):
        return stored_order, "unchanged"
    if stored_order.status in orders.OPEN:
        if not belongs_to_caller:
            raise ForbiddenError("Another customer has an order at this key")
    elif preconditions.if_none_match == ANY:  # anybody may order at the key of a closed order
        preconditions = preconditions._replace(if_none_match=None)
    preconditions.require(stored_order.etag, f"The order is now {stored_order}")
    raise _conflict(order, previous)


def get(key: Key) -> PlacedOrder:
    """Return the order at this key, strongly consistent. Raises NotFoundError."""
    return _existing(dynamodb.get_item(dynamodb.ORDERS_TABLE, _to_key(key)))


def change_status(
    key: Key, status: Status, preconditions: Preconditions, placed_by: str | None = None
) -> PlacedOrder:
    """Change an order's status; return the order. A step back needs a version in `If-Match`.

    `placed_by` is the `sub` of a customer who cancels, None for staff. Raises NotFoundError,
    ForbiddenError for another customer's order, PreconditionFailedError, or ConflictError if there
    is no such transition from its status.
    """
    # A version identifies what the caller saw. Without one, a delayed request must not undo a later
    # change, and a step back could undo one that the caller has not seen.
    has_version = preconditions.if_match not in (None, ANY)
    sources = orders.predecessors(status, with_steps_back=has_version)
    values: Item = {
        ":version": {"S": dynamodb.new_id()},
        ":to": {"S": status},
        ":queue": {"S": queue_key(key.vendorid, status)},
        ":now": {"S": dynamodb.utc_now()},
    }
    never = conditions.EXISTS_NOT  # together with EXISTS
    clauses = [
        conditions.EXISTS,
        # Only POST, or a step back, makes an order "placed".
        conditions.status_in(values, *sources) if sources else never,
        *conditions.precondition_clauses(preconditions, values, absent=never),
    ]
    if not has_version:
        clauses.append(conditions.CHANGED_EARLIER)
    if placed_by is not None:
        clauses.append("placed_by = :caller")
        values[":caller"] = {"S": placed_by}
    update = "SET #status = :to, shop_queue = :queue, version = :version, since = :now"
    if status == "collected" or placed_by is not None:  # the customer knows
        update += " REMOVE push"
    is_updated, item = dynamodb.update_item(
        dynamodb.ORDERS_TABLE, _to_key(key), update, " AND ".join(clauses), values
    )
    # The SDK's retry may find its own first attempt, whose response was lost.
    if is_updated or item.get("version") == values[":version"]:
        return from_item(item)
    order = _existing(item, placed_by)
    preconditions.require(order.etag, f"The order is now {order}")
    if order.status in sources:
        raise ConflictError(f"The order is {order.status}, and newer than this request")
    if order.status in orders.predecessors(status, with_steps_back=True):
        raise ConflictError(f"The order is {order.status}. A step back needs its ETag in If-Match")
    raise ConflictError(f"The order is {order.status}")


def subscribe(key: Key, endpoint: str, placed_by: str) -> PlacedOrder:
    """Store where to push when the order is ready; return the order.

    The endpoint is in no response, so the order keeps its version. Raises NotFoundError,
    ForbiddenError for another customer's order, or ConflictError if it waits no longer.
    """
    values: Item = {":endpoint": {"S": endpoint}, ":caller": {"S": placed_by}}
    is_waiting = conditions.status_in(values, "placed", "preparing")
    update, condition = "SET push = :endpoint", f"placed_by = :caller AND {is_waiting}"
    is_updated, item = dynamodb.update_item(
        dynamodb.ORDERS_TABLE, _to_key(key), update, condition, values
    )
    order = _existing(item, placed_by)
    if not is_updated:
        raise ConflictError(f"The order is {order.status}")
    return order


def _existing(item: Item, placed_by: str | None = None) -> PlacedOrder:
    """Return an item's order. Raises NotFoundError, or ForbiddenError for another customer's."""
    if not item:
        raise NotFoundError("There is no order at this key")
    if placed_by is not None and item["placed_by"] != {"S": placed_by}:
        raise ForbiddenError("This is another customer's order")
    return from_item(item)


def _is_identical(order: RequestedOrder, placed_by: str, stored_item: Item) -> bool:
    """Return whether the stored order is open, and the same customer has sent the same."""
    unitprice = order.details.unitprice
    return (
        stored_item["placed_by"]["S"] == placed_by
        and stored_item["status"]["S"] in orders.OPEN
        and stored_item["fingerprint"]["S"] == _fingerprint(order)
        and unitprice in (UNSET, stored_item["details"]["M"]["unitprice"]["S"])
    )


def _fingerprint(order: RequestedOrder) -> str:
    """Return a digest of all that the customer sent besides the key and the price."""
    details = structs.replace(order.details, unitprice=UNSET)
    content = msgspec.json.encode([order.orderdate, details], enc_hook=str)
    return blake2b(content, digest_size=8).hexdigest()


def _conflict(order: RequestedOrder, stored_item: Item) -> ConflictError:
    """Return the reason why the order does not replace the stored one, which is the caller's."""
    status = stored_item["status"]["S"]
    if status in orders.IN_PROGRESS:
        return ConflictError(f"The order is {status}")
    if not order.orderdate.is_from_server and order_time_attribute(order.orderdate) in stored_item:
        return ConflictError(
            f"order.orderdate: must be later than that of the existing order, which is {status}"
        )
    reason = "Another order arrived at this key at the same time or later"
    return ConflictError(f"{reason}, and is {status}")


def _to_key(key: Key | RequestedOrder) -> Item:
    """Return the primary key: accountid (partition) and vendorid (sort)."""
    return _attributes(accountid=key.accountid, vendorid=key.vendorid)


def _to_item(order: RequestedOrder, price: AcceptedPrice, placed_by: str) -> Item:
    """Return the item of a new order from the customer with this `sub`."""
    now, instant = dynamodb.utc_now(), order.orderdate.instant
    epoch = datetime(1970, 1, 1, tzinfo=instant.tzinfo and UTC)
    microseconds = (instant - epoch) // timedelta(microseconds=1)
    details = structs.asdict(order.details) | {"unitprice": price.unitprice}
    return {
        **_attributes(
            accountid=order.accountid,
            vendorid=order.vendorid,
            orderdate=order.orderdate,
            currency=price.currency,
            status="placed",
            since=now,
            version=dynamodb.new_id(),
            placed_by=placed_by,
            placed_at=now,
            fingerprint=_fingerprint(order),
            shop_queue=queue_key(order.vendorid, "placed"),
        ),
        "details": {"M": _attributes(**details)},
        order_time_attribute(order.orderdate): {"N": str(microseconds)},
    }


def _attributes(**texts: str | UnsetType) -> Item:
    return {name: {"S": text} for name, text in texts.items() if text is not UNSET}


def from_item(item: Item) -> PlacedOrder:
    """Return the order of an item, without the internal attributes."""
    fields = {name: item[name] for name in PlacedOrder.__struct_fields__ if name in item}
    details = fields.pop("details")["M"]
    return PlacedOrder(**_texts(fields), details=orders.Details(**_texts(details)))


def _texts(attributes: Item) -> Item:
    return {name: attribute["S"] for name, attribute in attributes.items()}


def open_queue_key(vendorid: str) -> str:
    """Return the `shop_queue` that all open orders of a vendor share."""
    return f"open:{vendorid}"


def queue_key(vendorid: str, status: Status) -> str:
    """Return the `shop_queue` of an order with this status."""
    return open_queue_key(vendorid) if status in orders.OPEN else f"{status}:{vendorid}"
