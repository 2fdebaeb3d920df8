"""Lists of orders, read page by page: a customer's own orders, and a shop's queue.

Each request is a Query of an index, never a Scan, and may raise TooManyRequestsError or
ServiceUnavailableError. docs/architecture.md describes the indexes, and the text of a cursor.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, NamedTuple

import msgspec
from chalice import BadRequestError
from msgspec import Meta

from chalicelib import conditions, dynamodb
from chalicelib.dynamodb import Item
from chalicelib.messages import ListQuery, OrderListResponse
from chalicelib.orders import CLOSED, Id
from chalicelib.orders_table import from_item, open_queue_key, queue_key
from chalicelib.shops import MAX_WAITING

_COUNT_LIFETIME = 5.0  # seconds
_CHECKSUM_SIZE = 12  # bytes


class _Position(NamedTuple):
    """The last order of a page."""

    placed_at: Annotated[str, Meta(min_length=1, max_length=40)]
    accountid: Id
    vendorid: Id


def get(sub: str, query: ListQuery) -> OrderListResponse:
    """Return a page of a customer's orders, newest first, or of a shop's if there is a vendorid.

    A shop's open orders are listed oldest first, collected or cancelled ones newest first: staff
    look through these for the step that they want to undo. `sub` is the customer, or the member of
    staff who asks. Raises BadRequestError for the cursor.
    """
    status, vendorid, limit = query.status, query.vendorid, int(query.limit)
    if vendorid is None:
        index, attribute, value = "by_customer", "placed_by", sub
    else:
        shop_queue = queue_key(vendorid, status) if status else open_queue_key(vendorid)
        index, attribute, value = "by_shop", "shop_queue", shop_queue
    list_key, list_id = {"S": value}, (sub, vendorid, status)
    request: Item = {
        "IndexName": index,
        "ScanIndexForward": vendorid is not None and status not in CLOSED,
        "KeyConditionExpression": f"{attribute} = :list",
        "ExpressionAttributeValues": {":list": list_key},
        "Limit": limit + 1,  # the order after the page shows whether it is the last
    }
    if status is not None:  # the open statuses share a queue
        request["FilterExpression"] = "#status = :status"
        request["ExpressionAttributeValues"][":status"] = {"S": status}
    if query.cursor is not None:
        # The request decides which list is read. A cursor is only a position in it.
        position = _decode(query.cursor, list_id)
        start = {name: {"S": text} for name, text in position._asdict().items()}
        request["ExclusiveStartKey"] = {attribute: list_key, **start}
    response = dynamodb.query(**request)
    items, end = response["Items"], response.get("LastEvaluatedKey")
    if len(items) > limit:
        items, end = items[:limit], items[limit - 1]
    page = OrderListResponse([from_item(item) for item in items])
    if end:
        page.cursor = _encode(_Position(*(end[name]["S"] for name in _Position._fields)), list_id)
    return page


def count_waiting(vendorid: str) -> int:
    """Return how many orders a shop has to make, at most 5 s ago; MAX_WAITING + 1 for more."""
    return _count_waiting(vendorid, int(time.monotonic() / _COUNT_LIFETIME))


@lru_cache(maxsize=128)
def _count_waiting(vendorid: str, _period: int) -> int:
    values: Item = {":queue": {"S": open_queue_key(vendorid)}}
    response = dynamodb.query(
        IndexName="by_shop",
        Select="COUNT",
        Limit=2 * MAX_WAITING,
        ScanIndexForward=False,  # orders that wait to be collected are older
        KeyConditionExpression="shop_queue = :queue",
        FilterExpression=conditions.status_in(values, "placed", "preparing"),
        ExpressionAttributeValues=values,
    )
    return int(min(response["Count"], MAX_WAITING + 1))


def _encode(position: _Position, list_id: tuple[str | None, ...]) -> str:
    """Return a cursor for the list that `list_id` identifies, as text."""
    content = msgspec.json.encode(position)
    data = msgspec.json.encode(list_id) + content
    checksum = blake2b(data, digest_size=_CHECKSUM_SIZE).digest()
    return urlsafe_b64encode(checksum + content).decode().rstrip("=")


def _decode(cursor: str, list_id: tuple[str | None, ...]) -> _Position:
    """Return the position of a cursor of the same list. Raises BadRequestError for other texts."""
    with suppress(ValueError, msgspec.DecodeError):
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        position = msgspec.json.decode(raw[_CHECKSUM_SIZE:], type=_Position)
        if _encode(position, list_id) == cursor:
            return position
    raise BadRequestError("cursor: does not belong to this list")
