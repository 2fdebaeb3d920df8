"""The conditions of writes to the orders table, as expressions of DynamoDB.

Each function that takes `values` adds the values of its clause. docs/architecture.md explains the
conditions in full.
"""

from msgspec import UNSET

from chalicelib import orders
from chalicelib.dynamodb import Expressions, Item
from chalicelib.orders import OrderDate, RequestedOrder, Status
from chalicelib.preconditions import ANY, Preconditions

EXISTS = "attribute_exists(accountid)"
EXISTS_NOT = "attribute_not_exists(accountid)"
# The stored order changed before this request, so a delayed request cannot undo a later one.
CHANGED_EARLIER = "since < :now"


def replaceable(order: RequestedOrder, item: Item, preconditions: Preconditions) -> Expressions:
    """Return the condition on which `item`, made from `order`, may replace the stored order.

    The stored order must be older. It must also be closed, or belong to the caller and not be in
    progress.
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
            is_different = any_of(is_different, "details.unitprice <> :unitprice")
        # An identical order is no correction: the stored one keeps its place in the queue.
        is_corrected = all_of(f"{order_time} = :ordered", is_placed, is_different)
        is_by_other_clock = f"attribute_not_exists({order_time})"
        is_newer_arrival = all_of(CHANGED_EARLIER, any_of(is_by_other_clock, is_corrected))
        is_older = any_of(f"{order_time} < :ordered", is_newer_arrival)
    is_replaceable = any_of(is_closed, all_of("placed_by = :caller", is_placed))
    has_no_open_order = any_of(EXISTS_NOT, is_closed)
    return {
        "ConditionExpression": all_of(
            any_of(EXISTS_NOT, all_of(is_replaceable, is_older)),
            *precondition_clauses(preconditions, values, has_no_open_order),
        ),
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": values,
    }


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


def all_of(*clauses: str) -> str:
    """Return the condition that all clauses hold."""
    return _join(" AND ", clauses)


def any_of(*clauses: str) -> str:
    """Return the condition that one of the clauses holds."""
    return _join(" OR ", clauses)


def _join(operator: str, clauses: tuple[str, ...]) -> str:
    # DynamoDB rejects redundant parentheses.
    return f"({operator.join(clauses)})" if len(clauses) > 1 else clauses[0]


def order_time_attribute(orderdate: OrderDate) -> str:
    """Return the name of the attribute for a date by this date's clock."""
    return f"ordered_{orderdate.instant.clock}"
