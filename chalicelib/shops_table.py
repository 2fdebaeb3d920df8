"""Requests to the shops table: one item for each vendor that has published a menu.

A write replaces what was read, if nobody has changed it since. Otherwise the change is made again
on what is stored now. docs/architecture.md describes the item. Every function may raise
TooManyRequestsError or ServiceUnavailableError.
"""

import time
from collections.abc import Callable
from hashlib import blake2b

import msgspec
from chalice import NotFoundError

from chalicelib import dynamodb, shops
from chalicelib.conditions import Preconditions
from chalicelib.dynamodb import Item
from chalicelib.errors import ServiceUnavailableError
from chalicelib.shops import Shop, ShopChanges, ShopContent

_CACHE_LIFETIME = 5.0  # seconds
_MAX_CACHED = 128  # vendors
# A write takes 19 s at worst (see dynamodb.py), and Lambda ends the function after 25 s. So the
# last write of a request must start within this time.
_LATEST_WRITE = 5.0  # seconds
_KEPT_REVISIONS = 8

_cache: dict[str, tuple[float, Shop | None]] = {}
_decoder = msgspec.json.Decoder(Shop, dec_hook=lambda kind, value: kind(value))
_encoder = msgspec.json.Encoder(enc_hook=str)


def get(vendorid: str) -> tuple[Shop, str]:
    """Return a shop, strongly consistent, and its ETag. Raises NotFoundError."""
    shop = _existing(_shop(_read(vendorid)))
    return shop, _etag(shop)


def get_for_order(vendorid: str) -> Shop | None:
    """Return the shop to check an order against, at most 5 s old; None without a menu.

    A failed read is not cached. Raises ServiceUnavailableError if too little time is left to order.
    """
    start = time.monotonic()
    cached_entry = _cache.get(vendorid)
    if cached_entry is not None and start - cached_entry[0] < _CACHE_LIFETIME:
        return cached_entry[1]
    shop = _shop(_read(vendorid))
    if len(_cache) >= _MAX_CACHED:
        _cache.clear()
    _cache[vendorid] = (start, shop)
    _require_time_for_write(start)
    return shop


def publish(
    vendorid: str, content: ShopContent, preconditions: Preconditions
) -> tuple[Shop, str, bool]:
    """Publish name, currency and menu; return the shop, its ETag, and whether it is new.

    Whether the shop is open, its note, and which coffees are sold out do not change. Raises
    PreconditionFailedError. `If-Match` compares only the first half of the ETag, so that an edit
    succeeds after the shop was closed.
    """

    def with_content(shop: Shop | None) -> Shop:
        etag = _etag(shop) if shop else None
        version = etag.partition("-")[0] + "-" if etag else None
        tags = preconditions.if_match or ()
        is_same_version = version is not None and any(tag.startswith(version) for tag in tags)
        _require(preconditions._replace(if_match=None) if is_same_version else preconditions, etag)
        return shops.publish(vendorid, content, shop)

    return _write(vendorid, with_content)


def update(vendorid: str, changes: ShopChanges, preconditions: Preconditions) -> tuple[Shop, str]:
    """Open or close a shop, change its note, or mark coffees as sold out; return it and its ETag.

    Raises NotFoundError, PreconditionFailedError, or NotOnMenuError.
    """

    def with_changes(shop: Shop | None) -> Shop:
        existing_shop = _existing(shop)
        _require(preconditions, _etag(existing_shop))
        return existing_shop.changed(changes)

    shop, etag, _ = _write(vendorid, with_changes)
    return shop, etag


def _write(vendorid: str, change: Callable[[Shop | None], Shop]) -> tuple[Shop, str, bool]:
    """Store what `change` makes of the present shop; return as `publish` does."""
    write_id = dynamodb.new_id()
    start = time.monotonic()
    item = _read(vendorid)
    while True:
        _require_time_for_write(start)
        old_ids = item["revisions"]["S"].split() if item else []
        values: Item = {
            ":shop": {"S": _encoder.encode(change(_shop(item))).decode()},
            ":revisions": {"S": " ".join([write_id, *old_ids][:_KEPT_REVISIONS])},
        }
        condition = "attribute_not_exists(vendorid)"
        if item:
            condition, values[":old"] = "revisions = :old", item["revisions"]
        update = "SET shop = :shop, revisions = :revisions"
        is_written, item = dynamodb.update_item(
            dynamodb.SHOPS_TABLE, _key(vendorid), update, condition, values
        )
        shop = _shop(item)
        # The SDK's retry may find its own first attempt, whose response was lost, also below the
        # writes of colleagues.
        if shop and (is_written or write_id in item["revisions"]["S"]):
            _cache.pop(vendorid, None)
            return shop, _etag(shop), not old_ids


def _require(preconditions: Preconditions, etag: str | None) -> None:
    is_published = not preconditions.none_match(etag)
    reason = "is published already" if is_published else "has changed since you read it"
    preconditions.require(etag, f"The shop {reason}")


def _require_time_for_write(start: float) -> None:
    if time.monotonic() - start > _LATEST_WRITE:
        raise ServiceUnavailableError(dynamodb.UNAVAILABLE)


def _key(vendorid: str) -> Item:
    return {"vendorid": {"S": vendorid}}


def _read(vendorid: str) -> Item:
    return dynamodb.get_item(dynamodb.SHOPS_TABLE, _key(vendorid))


def _shop(item: Item) -> Shop | None:
    return _decoder.decode(item["shop"]["S"]) if item else None


def _existing(shop: Shop | None) -> Shop:
    if shop is None:
        raise NotFoundError("This vendor has published no menu")
    return shop


def _etag(shop: Shop) -> str:
    """Return the ETag. Its first half changes with the content, its second with the rest."""
    content = [shop.name, shop.currency, [(each.coffeetype, each.sizes) for each in shop.menu]]
    rest = [shop.open, shop.note, [coffee.soldout for coffee in shop.menu]]
    return f'"{_digest(content)}-{_digest(rest)}"'


def _digest(content: object) -> str:
    return blake2b(_encoder.encode(content), digest_size=8).hexdigest()
