"""When the order at a key gives way to another: as a condition of the write, and as a refusal.

An order gives way only to a newer one of the same customer's, and not while the shop has it in
hand; so no request that comes late, by whatever way, turns a newer order back. Which one is
newer their dates say, where one clock wrote both, else which one arrived later. Of one date, the
last to arrive counts while the order is placed. docs/architecture.md has the rule at length.
"""

from typing import Any

from chalicelib.errors import ConflictError, ForbiddenError
from chalicelib.items import Item, age, status_of
from chalicelib.orders import IN_HAND, OPEN, Arrival, Order

# An order from before there was a `placed_at` arrived before anything that comes now.
ARRIVED_BEFORE = "(attribute_not_exists(placed_at) OR placed_at < :arrived)"


def condition(order: Order, item: Item) -> dict[str, Any]:
    """Return the condition on which this item of the order may be put at its key."""
    values = {
        ":caller": item["placed_by"],
        ":arrived": item["placed_at"],
        **{f":{status}": {"S": status} for status in IN_HAND},
    }
    newer = ARRIVED_BEFORE
    # Without a date of its own an order is new whenever it comes, also to who has one whose
    # clock runs ahead.
    if not isinstance(order.orderdate, Arrival):
        ordered = age(order.orderdate.moment)
        values |= {":ordered": item[ordered], ":placed": item["status"]}
        values |= {":orderdate": item["orderdate"], ":details": item["details"]}
        newer = (
            f"({ordered} < :ordered OR {ARRIVED_BEFORE} AND (attribute_not_exists({ordered})"
            # The same order again keeps its place in the queue; another is a correction.
            f" OR {ordered} = :ordered AND #status = :placed"
            " AND (orderdate <> :orderdate OR details <> :details)))"
        )
    return {
        # NOT ... IN holds for an order from before there was a status, too.
        "ConditionExpression": "attribute_not_exists(accountid) OR (placed_by = :caller"
        f" AND NOT #status IN ({', '.join(f':{each}' for each in IN_HAND)}) AND {newer})",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": values,
    }


def require_same(there: Item, item: Item) -> None:
    """Let an order pass that the condition refused because it is there already, and open.

    Raises ForbiddenError or ConflictError.
    """
    if there.get("placed_by") != item["placed_by"]:
        raise ForbiddenError("Another customer has an order at this key") from None
    status = status_of(there)
    same = all(there.get(name) == item[name] for name in ("orderdate", "details"))
    if same and (status in OPEN or there.get("placed_at") == item["placed_at"]):
        return
    if status in IN_HAND:
        raise ConflictError(f"The order is {status}") from None
    raise ConflictError(
        f"order.orderdate: is not later than that of the order there, which is {status}"
    ) from None
