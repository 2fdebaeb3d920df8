"""How an order is stored: conversion between an order and its item in the table.

docs/architecture.md describes the attributes. Of those that the service adds, a response has
`status` and `since` only.
"""

import os
from datetime import UTC, datetime

from msgspec import UNSET, UnsetType

from chalicelib.dynamodb import Item
from chalicelib.orders import (
    OPEN,
    Details,
    Instant,
    Key,
    Order,
    OrderDate,
    PlacedOrder,
    Price,
    Quantity,
    Status,
)


def to_key(key: Key) -> Item:
    """Return the primary key: accountid (partition) and vendorid (sort)."""
    return {"accountid": {"S": key.accountid}, "vendorid": {"S": key.vendorid}}


def to_item(order: Order, placed_by: str) -> Item:
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
        "placed_at": {"S": utc_now()},
        order_time_attribute(instant): {"N": str(instant.nanoseconds)},
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
        status=status_of(item),
        since=_since(item),
    )


def order_time_attribute(instant: Instant) -> str:
    """Return the name of the attribute for an orderdate by this instant's clock."""
    return f"ordered_{instant.clock}"


def status_of(item: Item) -> Status:
    """Return an item's status. An item from before statuses existed counts as placed."""
    status: Status = item.get("status", {"S": "placed"})["S"]
    return status


def _since(item: Item) -> str | UnsetType:
    """Return when an item got its status; UNSET if this was not stored at the time."""
    attribute = item.get("since") or ({} if "changed_by" in item else item.get("placed_at", {}))
    since: str | UnsetType = attribute.get("S", UNSET)
    return since


def queue_key(vendorid: str, status: Status) -> str:
    """Return the `shop_queue` of an order with this status. All open orders share one."""
    return f"{'open' if status in OPEN else status}:{vendorid}"


def new_change_id() -> str:
    """Return a random id for one request that changes a status."""
    return os.urandom(8).hex()


def utc_now() -> str:
    """Return the current time in UTC, as text that sorts by time."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
