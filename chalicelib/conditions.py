"""The conditions of writes to the orders table, as expressions of DynamoDB.

Each function that takes `values` adds the values of its clause. docs/architecture.md explains the
conditions in full.
"""

from msgspec import UNSET

from chalicelib import orders
from chalicelib.dynamodb import Item
from chalicelib.orders import OrderDate, RequestedOrder, Status
from chalicelib.preconditions import ANY, Preconditions

EXISTS = "attribute_exists(accountid)"
EXISTS_NOT = "attribute_not_exists(accountid)"
# The stored order changed before this request, so a delayed request cannot undo a later one.
CHANGED_EARLIER = "since < :now"


def replaceable(
    order: RequestedOrder, item: Item, preconditions: Preconditions
) -> tuple[str, Item]:
    """Return the condition on which `item`, made from `order`, may replace the stored order.

    The stored order must be older. It must also be closed, or belong to the caller and not be in
    progress. The second result has the condition's values.
    """
    values = {":caller": item["placed_by"], ":now": item["since"]}
    is_placed, is_closed = status_in(values, "placed"), status_in(values, *orders.CLOSED)
    is_older = CHANGED_EARLIER  # an order without a date always counts as newer
    if not order.orderdate.is_from_server:
        order_time = order_time_attribute(order.orderdate)
        values |= {":ordered": item[order_time], ":fingerprint": item["fingerprint"]}
        is_different = "fingerprint <> :fingerprint"
        if order.details.unitprice is not UNSET:
            values[":unitprice"] = item["details"]["M"]["unitprice"]
            is_different = f"({is_different} OR details.unitprice <> :unitprice)"
        # An identical order is no correction: the stored one keeps its place in the queue.
        is_corrected = f"({order_time} = :ordered AND {is_placed} AND {is_different})"
        is_new = f"(attribute_not_exists({order_time}) OR {is_corrected})"
        is_older = f"({order_time} < :ordered OR ({CHANGED_EARLIER} AND {is_new}))"
    is_replaceable = f"({is_closed} OR (placed_by = :caller AND {is_placed}))"
    clauses = [
        f"({EXISTS_NOT} OR ({is_replaceable} AND {is_older}))",
        *precondition_clauses(preconditions, values, f"({EXISTS_NOT} OR {is_closed})"),
    ]
    return " AND ".join(clauses), values


def precondition_clauses(preconditions: Preconditions, values: Item, absent: str) -> list[str]:
    """Return the clauses of the preconditions. `absent` is the one of `If-None-Match: *`."""
    if_match, if_none_match = preconditions
    clauses = []
    if if_match is not None:
        clauses.append(EXISTS)
        if if_match != ANY:
            clauses.append(_version_in(values, "match", if_match))
    if if_none_match is not None:
        tags = tuple(tag.removeprefix("W/") for tag in if_none_match)  # the comparison is weak
        is_any = if_none_match == ANY
        clauses.append(absent if is_any else f"NOT {_version_in(values, 'none', tags)}")
    return clauses


def _version_in(values: Item, prefix: str, tags: tuple[str, ...]) -> str:
    """Return the clause that the version is one of these; a weak tag equals none."""
    versions = {f":{prefix}{number}": {"S": tag.strip('"')} for number, tag in enumerate(tags)}
    values |= versions
    return f"version IN ({', '.join(versions)})"


def status_in(values: Item, *statuses: Status) -> str:
    """Return the clause that the status is one of these."""
    names = {f":{status}": {"S": status} for status in statuses}
    values |= names
    return f"#status IN ({', '.join(names)})"


def order_time_attribute(orderdate: OrderDate) -> str:
    """Return the name of the attribute for a date by this date's clock."""
    return f"ordered_{orderdate.instant.clock}"
