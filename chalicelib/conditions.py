"""Conditions: of a request (RFC 9110, section 13), and of a write to the orders table.

Files and shops compare preconditions with the present ETag. For an order they become clauses of
the write. A function that takes `values` adds those of its clause. See docs/architecture.md.
"""

import re
from typing import Any, NamedTuple

from chalice import BadRequestError
from chalice.app import Request
from msgspec import UNSET

from chalicelib import orders
from chalicelib.errors import PreconditionFailedError
from chalicelib.orders import OrderDate, RequestedOrder, Status

EXISTS = "attribute_exists(accountid)"
EXISTS_NOT = "attribute_not_exists(accountid)"
# The stored order changed before this request, so a delayed request cannot undo a later one.
CHANGED_EARLIER = "since < :now"

# A list may have empty elements: https://www.rfc-editor.org/rfc/rfc9110.html#section-5.6.1.2
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\U0010ffff]*"'
# A client knows one or two versions. DynamoDB accepts 100 values in a list.
_LIST = rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG}){{0,19}}[ \t,]*"

ANY = ("*",)
Values = dict[str, Any]  # of an expression, or of an item's attributes, by their names


class Preconditions(NamedTuple):
    """The tags of both headers, with their quotes; ANY for `*`, None without the header.

    They are compared with the present ETag, which is None if nothing exists.
    """

    if_match: tuple[str, ...] | None = None
    if_none_match: tuple[str, ...] | None = None

    def match(self, etag: str | None) -> bool:
        """Return whether `If-Match` holds: a weak tag never matches (13.1.1)."""
        if self.if_match is None or etag is None:
            return self.if_match is None
        return self.if_match == ANY or etag in self.if_match

    def none_match(self, etag: str | None) -> bool:
        """Return whether `If-None-Match` holds: a gateway may have made a tag weak (13.1.2)."""
        if self.if_none_match is None or etag is None:
            return True
        tags = [tag.removeprefix("W/") for tag in self.if_none_match]
        return self.if_none_match != ANY and etag not in tags

    def require(self, etag: str | None, message: str) -> None:
        """Raise PreconditionFailedError with the message unless both hold."""
        if not (self.match(etag) and self.none_match(etag)):
            raise PreconditionFailedError(message)


def read(request: Request) -> Preconditions:
    """Return the preconditions of a request. Raises BadRequestError for a malformed header."""
    return Preconditions(_tags(request, "If-Match"), _tags(request, "If-None-Match"))


def _tags(request: Request, name: str) -> tuple[str, ...] | None:
    if name not in request.headers:
        return None
    # A repeated header is one list (RFC 9110, 5.3). Chalice knows the last value only; API
    # Gateway's event has all of them.
    repeated = request.to_original_event().get("multiValueHeaders") or {}
    values = {key.lower(): values for key, values in repeated.items()}
    text = ", ".join(values.get(name.lower(), [request.headers[name]])).strip(" \t")
    if text == "*":
        return ANY
    if not re.fullmatch(_LIST, text):  # compiled with the first header, not in a cold start
        raise BadRequestError(f'{name}: must be * or a list of up to 20 ETags, such as "3f2a"')
    return tuple(re.findall(_TAG, text))


def replaceable(
    order: RequestedOrder, item: Values, preconditions: Preconditions
) -> tuple[str, Values]:
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


def precondition_clauses(preconditions: Preconditions, values: Values, absent: str) -> list[str]:
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


def _version_in(values: Values, prefix: str, tags: tuple[str, ...]) -> str:
    """Return the clause that the version is one of these; a weak tag equals none."""
    versions = {f":{prefix}{number}": {"S": tag.strip('"')} for number, tag in enumerate(tags)}
    values |= versions
    return f"version IN ({', '.join(versions)})"


def status_in(values: Values, *statuses: Status) -> str:
    """Return the clause that the status is one of these."""
    names = {f":{status}": {"S": status} for status in statuses}
    values |= names
    return f"#status IN ({', '.join(names)})"


def order_time_attribute(orderdate: OrderDate) -> str:
    """Return the name of the attribute for a date with an offset, or for one without."""
    return "ordered_utc" if orderdate.instant.tzinfo else "ordered_local"
