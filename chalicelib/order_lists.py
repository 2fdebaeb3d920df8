"""Lists of orders, read page by page: a customer's own orders, and a shop's queue.

Each request is a Query of an index, never a Scan, and may raise TooManyRequestsError or
ServiceUnavailableError. docs/architecture.md describes the indexes, and the text of a cursor.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, Any, NamedTuple

import msgspec
from chalice import BadRequestError
from msgspec import Meta, Struct

from chalicelib import dynamodb
from chalicelib.messages import ListQuery, OrderListResponse
from chalicelib.orders import CLOSED, OPEN, Id, Status
from chalicelib.orders_table import from_item, open_queue_key, queue_key
from chalicelib.shops import MAX_WAITING

_COUNT_LIFETIME = 5.0  # seconds
_CURSOR_LIFETIME = 24 * 3600  # seconds; by then the list has changed too much to continue
_CLOCK_SKEW = 60  # seconds that two servers' clocks may differ by
_CHECKSUM_SIZE = 12  # bytes

_ListId = tuple[str | None, ...]
_POSITION = ("placed_at", "accountid", "vendorid")


class _Cursor(Struct, array_like=True, forbid_unknown_fields=True):
    """When a cursor was created, and the last order of its page."""

    created_at: Annotated[int, Meta(ge=0, le=1 << 40)]
    placed_at: Annotated[str, Meta(min_length=1, max_length=40)]
    accountid: Id
    vendorid: Id


class _OrderList(NamedTuple):
    """The items of an index whose `attribute` has this value, sorted by `placed_at`."""

    index_name: str
    attribute: str
    value: str
    newest_first: bool
    only_status: Status | None  # filters what was read


def get(sub: str, query: ListQuery) -> OrderListResponse:
    """Return a page of a customer's orders, newest first, or of a shop's if there is a vendorid.

    A shop's open orders are listed oldest first, collected or cancelled ones newest first. `sub` is
    the customer, or the member of staff who asks. Raises BadRequestError for the cursor.
    """
    order_list = _order_list(sub, query)
    list_id = (sub, query.vendorid, query.status)
    list_key = {"S": order_list.value}
    request: dict[str, Any] = {
        "TableName": dynamodb.ORDERS_TABLE,
        "IndexName": order_list.index_name,
        "ScanIndexForward": not order_list.newest_first,
        "KeyConditionExpression": f"{order_list.attribute} = :list",
        "ExpressionAttributeValues": {":list": list_key},
    }
    if order_list.only_status is not None:
        request["FilterExpression"] = "#status = :status"
        request["ExpressionAttributeNames"] = {"#status": "status"}
        request["ExpressionAttributeValues"][":status"] = {"S": order_list.only_status}
    if query.cursor is not None:
        # The request decides which list is read. A cursor is only a position in it.
        cursor = _decode(query.cursor, list_id)
        request["ExclusiveStartKey"] = {name: {"S": getattr(cursor, name)} for name in _POSITION}
        request["ExclusiveStartKey"][order_list.attribute] = list_key
    with dynamodb.translated_errors():
        # One more than the limit shows whether this page is the last.
        response = dynamodb.client.query(**request, Limit=query.limit + 1)
    items, end = response["Items"], response.get("LastEvaluatedKey")
    if len(items) > query.limit:
        items, end = items[: query.limit], items[query.limit - 1]
    page = OrderListResponse([from_item(item) for item in items])
    if end:
        position = (end[name]["S"] for name in _POSITION)
        page.cursor = _encode(_Cursor(int(time.time()), *position), list_id)
    if query.count is not None:
        names = (*_POSITION, order_list.attribute)
        page.remaining = _count(request, {name: end[name] for name in names} if end else None)
    return page


def count_waiting(vendorid: str) -> int:
    """Return how many orders a shop has to make, as it was at most 5 s ago in this instance.

    The number is MAX_WAITING + 1 if there are more than MAX_WAITING.
    """
    return _count_waiting(vendorid, int(time.monotonic() / _COUNT_LIFETIME))


@lru_cache(maxsize=128)
def _count_waiting(vendorid: str, _period: int) -> int:
    with dynamodb.translated_errors():
        response = dynamodb.client.query(
            TableName=dynamodb.ORDERS_TABLE,
            IndexName="by_shop",
            Select="COUNT",
            Limit=2 * MAX_WAITING,
            ScanIndexForward=False,  # orders that wait to be collected are older
            KeyConditionExpression="shop_queue = :queue",
            FilterExpression="#status IN (:placed, :preparing)",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={
                ":queue": {"S": open_queue_key(vendorid)},
                ":placed": {"S": "placed"},
                ":preparing": {"S": "preparing"},
            },
        )
    return min(response["Count"], MAX_WAITING + 1)


def _order_list(sub: str, query: ListQuery) -> _OrderList:
    status, vendorid = query.status, query.vendorid
    if vendorid is None:
        return _OrderList("by_customer", "placed_by", sub, newest_first=True, only_status=status)
    shop_queue = queue_key(vendorid, status) if status else open_queue_key(vendorid)
    # The open statuses share a queue and need a filter. Each closed status has its own queue.
    only_status = status if status in OPEN else None
    # Staff look through closed orders for the step that they want to undo, so the newest are first.
    return _OrderList("by_shop", "shop_queue", shop_queue, status in CLOSED, only_status)


def _count(request: dict[str, Any], start: dict[str, Any] | None) -> int:
    """Return how many items a query has after this position. One request counts a megabyte."""
    count = 0
    while start:
        with dynamodb.translated_errors():
            response = dynamodb.client.query(
                **{**request, "Select": "COUNT", "ExclusiveStartKey": start}
            )
        count += response["Count"]
        start = response.get("LastEvaluatedKey")
    return count


def _encode(cursor: _Cursor, list_id: _ListId) -> str:
    """Return a cursor for the list that `list_id` identifies, as text."""
    content = msgspec.json.encode(cursor)
    return _to_text(_checksum(content, list_id) + content)


def _decode(text: str, list_id: _ListId) -> _Cursor:
    """Return the cursor of the same list. Raises BadRequestError for any other text."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raw = b""
    checksum, content = raw[:_CHECKSUM_SIZE], raw[_CHECKSUM_SIZE:]
    # The base64 decoder skips unknown characters, so compare the text as well.
    if checksum != _checksum(content, list_id) or _to_text(raw) != text:
        raise BadRequestError("cursor: does not belong to this list")
    try:
        cursor = msgspec.json.decode(content, type=_Cursor)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The checksum is not secret, so anybody can compute one for other content.
        raise BadRequestError("cursor: does not belong to this list") from None
    if not -_CLOCK_SKEW <= time.time() - cursor.created_at <= _CURSOR_LIFETIME:
        raise BadRequestError("cursor: has expired; start again without one")
    return cursor


def _checksum(content: bytes, list_id: _ListId) -> bytes:
    data = msgspec.json.encode(list_id) + content
    return blake2b(data, digest_size=_CHECKSUM_SIZE).digest()


def _to_text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
