"""Requests to the shops table: one item for each vendor that has published a menu.

A write replaces what was read, if nobody has changed it since. Otherwise the change is made again
on what is stored now. docs/architecture.md describes the item. Every function may raise
TooManyRequestsError or ServiceUnavailableError.
"""

import time
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

import msgspec
from chalice import NotFoundError

from chalicelib import dynamodb
from chalicelib.dynamodb import Item
from chalicelib.errors import PreconditionFailedError, ServiceUnavailableError
from chalicelib.preconditions import Preconditions
from chalicelib.shops import Shop, ShopChanges, ShopContent, ShopState

_CACHE_LIFETIME = 5.0  # seconds
_MAX_CACHED = 128  # vendors
# A write takes 19 s at worst (see dynamodb.py), and Lambda ends the function after 25 s. So the
# last write of a request must start within this time.
_LATEST_WRITE = 5.0  # seconds
_KEPT_REVISIONS = 8

_cache: dict[str, tuple[float, Shop | None]] = {}
_decoder = msgspec.json.Decoder(ShopState, dec_hook=lambda kind, value: kind(value))
_encoder = msgspec.json.Encoder(enc_hook=str)


class StoredShop(NamedTuple):
    """A shop and its ETag.

    The first half of the ETag changes with the published content, the second half with the rest.
    """

    shop: Shop
    etag: str


def get(vendorid: str) -> StoredShop:
    """Return a shop, strongly consistent. Raises NotFoundError."""
    state = _state(_read(vendorid))
    if state is None:
        raise _not_found()
    return StoredShop(state.shop(vendorid), _etag(state))


def get_for_order(vendorid: str) -> Shop | None:
    """Return the shop to check an order against, at most 5 s old; None without a menu.

    Raises ServiceUnavailableError if there is too little time left to place the order.
    """
    start = time.monotonic()
    shop = _get_recent(vendorid)
    _require_time_for_write(start)
    return shop


def require_published(vendorid: str) -> None:
    """Raise NotFoundError if the vendor had no menu at most 5 s ago."""
    if _get_recent(vendorid) is None:
        raise _not_found()


def publish(
    vendorid: str, content: ShopContent, preconditions: Preconditions
) -> tuple[StoredShop, bool]:
    """Publish name, currency and menu; return the shop, and whether it is new.

    Whether the shop is open, its note, and which coffees are sold out do not change. Raises
    PreconditionFailedError. `If-Match` compares only the first half of the ETag, so that an edit
    succeeds after the shop was closed.
    """

    def with_content(state: ShopState | None) -> ShopState:
        etag = _etag(state) if state else None
        if etag and preconditions.if_match:
            version = etag.partition("-")[0] + "-"
            tags = (etag if tag.startswith(version) else tag for tag in preconditions.if_match)
            _require(preconditions._replace(if_match=tuple(tags)), etag)
        else:
            _require(preconditions, etag)
        return state.published(content) if state else ShopState(content)

    return _write(vendorid, with_content)


def update(vendorid: str, changes: ShopChanges, preconditions: Preconditions) -> StoredShop:
    """Open or close a shop, change its note, or mark coffees as sold out; return the shop.

    Raises NotFoundError, PreconditionFailedError, or NotOnMenuError for a coffee that is not on the
    menu.
    """

    def with_changes(state: ShopState | None) -> ShopState:
        if state is None:
            raise _not_found()
        _require(preconditions, _etag(state))
        return state.changed(changes)

    return _write(vendorid, with_changes)[0]


def _write(
    vendorid: str, change: Callable[[ShopState | None], ShopState]
) -> tuple[StoredShop, bool]:
    """Store what `change` makes of the present state; return the shop, and whether it is new."""
    write_id = dynamodb.new_id()
    start = time.monotonic()
    item = _read(vendorid)
    while True:
        _require_time_for_write(start)
        old_ids = item["revisions"]["S"].split() if item else []
        condition, condition_values = "attribute_not_exists(vendorid)", {}
        if item:
            condition, condition_values = "revisions = :old", {":old": item["revisions"]}
        state = change(_state(item))
        is_written, item = dynamodb.update_item(
            dynamodb.SHOPS_TABLE,
            _key(vendorid),
            UpdateExpression="SET shop = :shop, revisions = :revisions",
            ConditionExpression=condition,
            ExpressionAttributeValues={
                ":shop": {"S": _encoder.encode(state).decode()},
                ":revisions": {"S": " ".join([write_id, *old_ids][:_KEPT_REVISIONS])},
                **condition_values,
            },
        )
        stored_state = _state(item)
        # The SDK's retry may find its own first attempt, whose response was lost, also below the
        # writes of colleagues.
        if stored_state and (is_written or write_id in item["revisions"]["S"]):
            _cache.pop(vendorid, None)
            return StoredShop(stored_state.shop(vendorid), _etag(stored_state)), not old_ids


def _get_recent(vendorid: str) -> Shop | None:
    """Return the shop, at most 5 s old; None without a menu. A failed read is not cached."""
    now = time.monotonic()
    cached_entry = _cache.get(vendorid)
    if cached_entry is not None and now - cached_entry[0] < _CACHE_LIFETIME:
        return cached_entry[1]
    state = _state(_read(vendorid))
    shop = state.shop(vendorid) if state else None
    while len(_cache) >= _MAX_CACHED:
        _cache.pop(next(iter(_cache), ""), None)  # the oldest entry
    _cache.pop(vendorid, None)
    _cache[vendorid] = (now, shop)
    return shop


def _require(preconditions: Preconditions, etag: str | None) -> None:
    if not preconditions.match(etag):
        raise PreconditionFailedError("The shop has changed since you read it")
    if not preconditions.none_match(etag):
        raise PreconditionFailedError("The shop is published already")


def _require_time_for_write(start: float) -> None:
    if time.monotonic() - start > _LATEST_WRITE:
        raise ServiceUnavailableError(dynamodb.UNAVAILABLE)


def _key(vendorid: str) -> Item:
    return {"vendorid": {"S": vendorid}}


def _read(vendorid: str) -> Item:
    return dynamodb.get_item(dynamodb.SHOPS_TABLE, _key(vendorid))


def _state(item: Item) -> ShopState | None:
    return _decoder.decode(item["shop"]["S"]) if item else None


def _etag(state: ShopState) -> str:
    return f'"{_digest(state.content)}-{_digest([state.open, state.note, state.soldout])}"'


def _digest(content: object) -> str:
    return blake2b(_encoder.encode(content), digest_size=8).hexdigest()


def _not_found() -> NotFoundError:
    return NotFoundError("This vendor has published no menu")
