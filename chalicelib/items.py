"""An order as an item of the table: its attributes, and which list of the shop's it stands in.

Beside the order and its `status` an item has attributes that no answer shows: `placed_by` (the
customer's sub), `placed_at` (when it arrived, in UTC), `ordered_utc` or `ordered_local` (its
orderdate as a number, by its clock), `shop_queue`, and once its status has changed `changed_by`,
the call that changed it. A write whose answer was lost knows itself again: the placing of an order
by `placed_at`, which stays, and a step by `changed_by`.
"""

import os
from datetime import UTC, datetime
from typing import Any

from chalicelib.cursors import Position
from chalicelib.orders import (
    OPEN,
    Details,
    Key,
    Moment,
    Order,
    OrderDate,
    PlacedOrder,
    Price,
    Quantity,
    Status,
)

Item = dict[str, Any]


def to_key(key: Key) -> Item:
    """Return the primary key: accountid (partition) and vendorid (sort)."""
    return {"accountid": {"S": key.accountid}, "vendorid": {"S": key.vendorid}}


def to_item(order: Order, placed_by: str) -> Item:
    """Return the item of an order that arrives now."""
    details, moment = order.details, order.orderdate.moment
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
        "placed_at": {"S": now()},
        age(moment): {"N": str(moment.nanoseconds)},
        "shop_queue": {"S": queue(order.vendorid, "placed")},
    }


def from_item(item: Item) -> PlacedOrder:
    """Return the order of an item, without what no answer shows."""
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
    )


def age(moment: Moment) -> str:
    """Return the attribute for an order's age by this clock."""
    return f"ordered_{moment.clock}"


def status_of(item: Item) -> Status:
    """Return an item's status; one from before there was any is placed."""
    status: Status = item.get("status", {"S": "placed"})["S"]
    return status


def position(item: Item) -> Position:
    """Return an item's place in a list; the key of an index has all that it takes."""
    return Position(*(item[name]["S"] for name in Position._fields))


def queue(vendorid: str, status: Status) -> str:
    """Return which of a shop's lists an order stands in: all open ones share one."""
    return f"{'open' if status in OPEN else status}:{vendorid}"


def new_change() -> str:
    """Return a name for one call that changes a status."""
    return os.urandom(8).hex()


def now() -> str:
    """Return this moment in UTC, so written that text sorts as time does."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
