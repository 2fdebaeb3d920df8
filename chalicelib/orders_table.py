"""Requests for one order in the table, with the conditions of the writes; an order as an item.

Each function sends one request, and may raise TooManyRequestsError or ServiceUnavailableError.
docs/architecture.md describes the attributes of an item and the conditions.
"""

from hashlib import blake2b

import msgspec
from chalice import ConflictError, ForbiddenError, NotFoundError
from msgspec import UNSET, UnsetType, structs

from chalicelib import dynamodb, orders
from chalicelib.dynamodb import Expressions, Item
from chalicelib.errors import PreconditionFailedError
from chalicelib.orders import AcceptedPrice, Key, Outcome, PlacedOrder, RequestedOrder, Status
from chalicelib.preconditions import ANY, Preconditions

# The stored order changed before this request, so a delayed request cannot undo a later one.
_CHANGED_EARLIER = "since < :now"
_EXISTS = "attribute_exists(accountid)"
_EXISTS_NOT = "attribute_not_exists(accountid)"


def place(
    order: RequestedOrder, price: AcceptedPrice, placed_by: str, preconditions: Preconditions
) -> tuple[PlacedOrder, Outcome]:
    """Store the order for the caller with this `sub`; return it and the outcome.

    Raises ForbiddenError, PreconditionFailedError or ConflictError if the order at the key cannot
    be replaced. An identical open order comes before the last two: it is returned as it is.
    """
    item = _to_item(order, price, placed_by)
    condition = _replaceable_clause(order, item, preconditions)
    is_stored, previous = dynamodb.put_item(dynamodb.ORDERS_TABLE, item, **condition)
    belongs_to_caller = previous.get("placed_by") == item["placed_by"]
    if is_stored:
        return from_item(item), "replaced" if belongs_to_caller else "placed"
    if not previous:
        raise PreconditionFailedError("There is no order at this key")
    stored_order = from_item(previous)
    # The SDK's retry may find its own first attempt, whose response was lost.
    if previous["version"] == item["version"]:
        return stored_order, "placed"
    if stored_order.status in orders.OPEN:
        if not belongs_to_caller:
            raise ForbiddenError("Another customer has an order at this key")
        if _is_identical(order, previous):
            return stored_order, "unchanged"
    elif preconditions.if_none_match == ANY:  # anybody may order at the key of a closed order
        preconditions = preconditions._replace(if_none_match=None)
    _require_preconditions(preconditions, stored_order)
    raise _conflict(order, previous)


def find_identical(order: RequestedOrder, placed_by: str) -> PlacedOrder | None:
    """Return the open order at the key if the same customer has placed an identical one."""
    if order.orderdate.is_from_server:  # an order without a date is always a new one
        return None
    key = _to_key(Key(order.accountid, order.vendorid))
    item = dynamodb.get_item(dynamodb.ORDERS_TABLE, key)
    if not item or item["placed_by"] != {"S": placed_by} or not _is_identical(order, item):
        return None
    stored_order = from_item(item)
    return stored_order if stored_order.status in orders.OPEN else None


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
        **{f":{source}": {"S": source} for source in sources},
    }
    clauses = [_EXISTS, *_precondition_clauses(preconditions, values, _EXISTS_NOT)]
    # Only POST, or a step back, makes an order "placed".
    clauses.append(_status_in(*sources) if sources else _EXISTS_NOT)
    if not has_version:
        clauses.append(_CHANGED_EARLIER)
    if placed_by is not None:
        clauses.append("placed_by = :caller")
        values[":caller"] = {"S": placed_by}
    update = "SET #status = :to, shop_queue = :queue, version = :version, since = :now"
    if status == "collected" or placed_by is not None:  # the customer knows
        update += " REMOVE push"
    is_updated, item = dynamodb.update_item(
        dynamodb.ORDERS_TABLE,
        _to_key(key),
        UpdateExpression=update,
        ConditionExpression=_all(*clauses),
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues=values,
    )
    # The SDK's retry may find its own first attempt, whose response was lost.
    if is_updated or item.get("version") == values[":version"]:
        return from_item(item)
    order = _existing(item, placed_by)
    _require_preconditions(preconditions, order)
    if order.status in sources:
        raise ConflictError(f"The order is {order.status}, and newer than this request")
    if orders.STEPS_BACK.get(order.status) == status:
        raise ConflictError(f"The order is {order.status}. A step back needs its ETag in If-Match")
    raise ConflictError(f"The order is {order.status}")


def subscribe(key: Key, endpoint: str, placed_by: str) -> PlacedOrder:
    """Store where to push when the order is ready; return the order.

    The endpoint is in no response, so the order keeps its version. Raises NotFoundError,
    ForbiddenError unless the customer with this `sub` placed the order, or ConflictError if it no
    longer waits for the shop.
    """
    waiting: tuple[Status, ...] = ("placed", "preparing")
    is_updated, item = dynamodb.update_item(
        dynamodb.ORDERS_TABLE,
        _to_key(key),
        UpdateExpression="SET push = :endpoint",
        ConditionExpression=_all(_EXISTS, "placed_by = :caller", _status_in(*waiting)),
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":endpoint": {"S": endpoint},
            ":caller": {"S": placed_by},
            **{f":{status}": {"S": status} for status in waiting},
        },
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


def _replaceable_clause(
    order: RequestedOrder, item: Item, preconditions: Preconditions
) -> Expressions:
    """Return the condition on which `item`, made from `order`, may replace the stored order.

    The stored order must be older. It must also be closed, or belong to the caller and not be in
    progress. docs/architecture.md explains the condition in full.
    """
    values = {
        ":caller": item["placed_by"],
        ":now": item["since"],
        **{f":{status}": {"S": status} for status in ("placed", *orders.CLOSED)},
    }
    is_placed, is_closed = _status_in("placed"), _status_in(*orders.CLOSED)
    is_older = _CHANGED_EARLIER  # an order without a date always counts as newer
    if not order.orderdate.is_from_server:
        order_time = _order_time(order.orderdate)
        values |= {":ordered": item[order_time], ":fingerprint": item["fingerprint"]}
        is_different = "fingerprint <> :fingerprint"
        if order.details.unitprice is not UNSET:
            values[":unitprice"] = item["details"]["M"]["unitprice"]
            is_different = _any(is_different, "details.unitprice <> :unitprice")
        # An identical order is no correction: the stored one keeps its place in the queue.
        is_corrected = _all(f"{order_time} = :ordered", is_placed, is_different)
        is_by_other_clock = f"attribute_not_exists({order_time})"
        is_newer_arrival = _all(_CHANGED_EARLIER, _any(is_by_other_clock, is_corrected))
        is_older = _any(f"{order_time} < :ordered", is_newer_arrival)
    is_replaceable = _any(is_closed, _all("placed_by = :caller", is_placed))
    has_no_open_order = _any(_EXISTS_NOT, is_closed)
    return {
        "ConditionExpression": _all(
            _any(_EXISTS_NOT, _all(is_replaceable, is_older)),
            *_precondition_clauses(preconditions, values, has_no_open_order),
        ),
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": values,
    }


def _is_identical(order: RequestedOrder, stored_item: Item) -> bool:
    unitprice = order.details.unitprice
    is_same_price = unitprice in (UNSET, stored_item["details"]["M"]["unitprice"]["S"])
    return is_same_price and stored_item["fingerprint"]["S"] == _fingerprint(order)


def _fingerprint(order: RequestedOrder) -> str:
    """Return a digest of all that the customer sent besides the key and the price."""
    details = structs.replace(order.details, unitprice=UNSET)
    content = msgspec.json.encode([order.orderdate, details], enc_hook=str)
    return blake2b(content, digest_size=8).hexdigest()


def _precondition_clauses(preconditions: Preconditions, values: Item, absent: str) -> list[str]:
    """Return the clauses of the preconditions; add their values. `absent` is `If-None-Match: *`."""
    if_match, if_none_match = preconditions
    clauses = []
    if if_match is not None:
        clauses.append(_EXISTS)
        if if_match != ANY:
            clauses.append(_version_in(if_match, values, "match"))
    if if_none_match is not None:
        tags = tuple(tag.removeprefix("W/") for tag in if_none_match)  # the comparison is weak
        is_any = if_none_match == ANY
        clauses.append(absent if is_any else f"NOT {_version_in(tags, values, 'none')}")
    return clauses


def _version_in(tags: tuple[str, ...], values: Item, prefix: str) -> str:
    """Return the clause that the version is one of these; a weak tag equals none."""
    versions = {f":{prefix}{number}": {"S": tag.strip('"')} for number, tag in enumerate(tags)}
    values |= versions
    return f"version IN ({', '.join(versions)})"


def _require_preconditions(preconditions: Preconditions, stored_order: PlacedOrder) -> None:
    etag = stored_order.etag
    if not (preconditions.match(etag) and preconditions.none_match(etag)):
        raise PreconditionFailedError(f"The order is now {stored_order}")


def _conflict(order: RequestedOrder, stored_item: Item) -> ConflictError:
    """Return the reason why the order does not replace the stored one, which is the caller's."""
    status = stored_item["status"]["S"]
    reason = f"Another order arrived at this key at the same time or later, and is {status}"
    if status in orders.IN_PROGRESS:
        reason = f"The order is {status}"
    elif not order.orderdate.is_from_server and _order_time(order.orderdate) in stored_item:
        existing = f"the existing order, which is {status}"
        reason = f"order.orderdate: must be later than that of {existing}"
    return ConflictError(reason)


def _status_in(*statuses: Status) -> str:
    return f"#status IN ({', '.join(f':{status}' for status in statuses)})"


def _all(*clauses: str) -> str:
    return _join(" AND ", clauses)


def _any(*clauses: str) -> str:
    return _join(" OR ", clauses)


def _join(operator: str, clauses: tuple[str, ...]) -> str:
    # DynamoDB rejects redundant parentheses.
    return f"({operator.join(clauses)})" if len(clauses) > 1 else clauses[0]


def _to_key(key: Key) -> Item:
    """Return the primary key: accountid (partition) and vendorid (sort)."""
    return _attributes(accountid=key.accountid, vendorid=key.vendorid)


def _to_item(order: RequestedOrder, price: AcceptedPrice, placed_by: str) -> Item:
    """Return the item of a new order from the customer with this `sub`."""
    now = dynamodb.utc_now()
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
        _order_time(order.orderdate): {"N": str(order.orderdate.instant.microseconds)},
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


def _order_time(orderdate: orders.OrderDate) -> str:
    """Return the name of the attribute for a date by this date's clock."""
    return f"ordered_{orderdate.instant.clock}"


def open_queue_key(vendorid: str) -> str:
    """Return the `shop_queue` that all open orders of a vendor share."""
    return f"open:{vendorid}"


def queue_key(vendorid: str, status: Status) -> str:
    """Return the `shop_queue` of an order with this status."""
    return open_queue_key(vendorid) if status in orders.OPEN else f"{status}:{vendorid}"
