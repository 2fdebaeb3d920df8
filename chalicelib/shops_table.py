"""Requests to the shops table: one item for each vendor that has published a menu.

docs/architecture.md describes the attributes. Publishing a menu and updating a shop write different
attributes, so an edit of the menu never reopens a shop. Every function may raise
TooManyRequestsError or ServiceUnavailableError.
"""

import time
from hashlib import blake2b
from typing import NamedTuple

import msgspec
from chalice import ConflictError, NotFoundError
from msgspec import UNSET

from chalicelib import dynamodb
from chalicelib.dynamodb import Expressions, Item
from chalicelib.errors import NotOnMenuError, PreconditionFailedError, ServiceUnavailableError
from chalicelib.shops import Coffee, Currency, OfferedCoffee, Shop, ShopChanges, ShopContent

_CACHE_LIFETIME = 5.0  # seconds
_MAX_CACHED = 128  # vendors
# A write takes 19 s at worst (see dynamodb.py), and Lambda ends the function after 25 s. So the
# last write of a request must start within this time.
_LATEST_WRITE = 5.0  # seconds
_ATTEMPTS = 5  # while others change the shop at the same time

# A delayed change must not undo a later one.
_CHANGED_EARLIER = (
    "attribute_exists(vendorid)",
    "(attribute_not_exists(changed_at) OR changed_at < :changed_at)",
)

_cache: dict[str, tuple[float, Shop | None]] = {}
_menu_decoder = msgspec.json.Decoder(list[Coffee], dec_hook=lambda kind, value: kind(value))
_menu_encoder = msgspec.json.Encoder(enc_hook=str)


class StoredShop(NamedTuple):
    """A shop and its ETag.

    The first half of the ETag changes with the published content, the second half with the rest.
    """

    shop: Shop
    etag: str


def get(vendorid: str) -> StoredShop:
    """Return a shop, strongly consistent. Raises NotFoundError."""
    item = _read(vendorid)
    if not item:
        raise _not_found()
    return _from_item(item)


def get_for_order(vendorid: str) -> Shop | None:
    """Return the shop to check an order against, at most 5 s old; None without a menu.

    A failed read raises an error and is not cached. Raises ServiceUnavailableError if there is
    too little time left to place the order.
    """
    start = time.monotonic()
    cached_entry = _cache.get(vendorid)
    if cached_entry is not None and start - cached_entry[0] < _CACHE_LIFETIME:
        return cached_entry[1]
    item = _read(vendorid)
    shop = _from_item(item).shop if item else None
    while len(_cache) >= _MAX_CACHED:
        _cache.pop(next(iter(_cache), ""), None)  # the oldest entry
    _cache.pop(vendorid, None)
    _cache[vendorid] = (start, shop)
    _require_time_for_write(start)
    return shop


def publish(
    vendorid: str, content: ShopContent, if_match: str | None = None
) -> tuple[StoredShop, bool]:
    """Publish name, currency and menu; return the shop, and whether it is new.

    Whether the shop is open, its note, and which coffees are sold out do not change. Raises
    PreconditionFailedError if `if_match` is given and does not match the stored version, or
    ConflictError.
    """
    version = _digest(content)
    start = time.monotonic()
    item = _read(vendorid)
    for _ in range(_ATTEMPTS):
        _require_time_for_write(start)
        if if_match is not None and not _matches(if_match, item):
            raise PreconditionFailedError("The menu has changed since you read it")
        is_new = not item
        is_updated, item = dynamodb.update_item(
            dynamodb.SHOPS_TABLE, _key(vendorid), **_publish_expressions(content, version, item)
        )
        # The SDK's retry may find its own first attempt, whose response was lost.
        if is_updated or item.get("version") == {"S": version}:
            _cache.pop(vendorid, None)
            return _from_item(item), is_new
    raise ConflictError("Others are publishing this menu at the same time; try again")


def update(vendorid: str, changes: ShopChanges) -> StoredShop:
    """Open or close a shop, change its note, or mark coffees as sold out; return the shop.

    Raises NotFoundError, NotOnMenuError for a coffee that is not on the menu, or ConflictError.
    """
    soldout = [] if changes.soldout is UNSET else changes.soldout
    start = time.monotonic()
    for _ in range(_ATTEMPTS):
        _require_time_for_write(start)
        changed_at = {"S": dynamodb.utc_now()}
        is_updated, item = dynamodb.update_item(
            dynamodb.SHOPS_TABLE, _key(vendorid), **_update_expressions(changes, changed_at)
        )
        if not item:
            raise _not_found()
        # The SDK's retry may find its own first attempt, whose response was lost.
        if is_updated or item.get("changed_at") == changed_at:
            _cache.pop(vendorid, None)
            return _from_item(item)
        unknown_coffees = [coffee for coffee in soldout if coffee not in item["coffees"]["M"]]
        if unknown_coffees:
            raise NotOnMenuError(f"soldout: {', '.join(unknown_coffees)} is not on the menu")
        # Otherwise a server whose clock is ahead has stored a colleague's change.
    raise ConflictError("Others are changing this shop at the same time; try again")


def _require_time_for_write(start: float) -> None:
    if time.monotonic() - start > _LATEST_WRITE:
        raise ServiceUnavailableError("Orders and menus are not available; try again soon")


def _key(vendorid: str) -> Item:
    return {"vendorid": {"S": vendorid}}


def _read(vendorid: str) -> Item:
    return dynamodb.get_item(dynamodb.SHOPS_TABLE, _key(vendorid))


def _update_expressions(changes: ShopChanges, changed_at: Item) -> Expressions:
    """Return the expressions that apply the changes if every sold-out coffee is on the menu."""
    values: Item = {"changed_at": changed_at}
    if changes.open is not UNSET:
        values["open"] = {"N": str(int(changes.open))}
    if changes.note is not UNSET:
        values["note"] = {"S": changes.note}
    soldout = [] if changes.soldout is UNSET else changes.soldout
    if changes.soldout is not UNSET:
        values["soldout"] = {"M": _names(soldout)}
    names = {f"#{name}": name for name in values}
    if soldout:
        names["#coffees"] = "coffees"
        names |= {f"#coffee{number}": coffee for number, coffee in enumerate(soldout)}
    on_menu = [f"attribute_exists(#coffees.#coffee{number})" for number in range(len(soldout))]
    return {
        "UpdateExpression": _set(values),
        "ConditionExpression": " AND ".join([*_CHANGED_EARLIER, *on_menu]),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
    }


def _publish_expressions(content: ShopContent, version: str, stored_item: Item) -> Expressions:
    """Return the expressions that publish the content if the stored item is still the same."""
    coffees = [coffee.coffeetype for coffee in content.menu]
    values: Item = {
        "name": {"S": content.name},
        "currency": {"S": content.currency},
        "menu": {"S": _menu_encoder.encode(content.menu).decode()},
        "coffees": {"M": _names(coffees)},
        "version": {"S": version},
    }
    condition, condition_values = "attribute_not_exists(vendorid)", {}
    removed_coffees: list[str] = []
    if stored_item:
        condition, condition_values = "#version = :stored", {":stored": stored_item["version"]}
        remaining = stored_item["coffees"]["M"].keys() & set(coffees)
        removed_coffees = sorted(stored_item["soldout"]["M"].keys() - remaining)
    else:
        values |= {"open": {"N": "1"}, "note": {"S": ""}, "soldout": {"M": {}}}
    names = {f"#{name}": name for name in values}
    update = _set(values)
    if removed_coffees:
        removed_names = {
            f"#removed{number}": coffee for number, coffee in enumerate(removed_coffees)
        }
        names |= {"#soldout": "soldout", **removed_names}
        update += f" REMOVE {', '.join(f'#soldout.{name}' for name in removed_names)}"
    return {
        "UpdateExpression": update,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": condition_values
        | {f":{name}": value for name, value in values.items()},
    }


def _from_item(item: Item) -> StoredShop:
    soldout = item["soldout"]["M"]
    shop = Shop(
        vendorid=item["vendorid"]["S"],
        name=item["name"]["S"],
        currency=Currency(item["currency"]["S"]),
        open=item["open"]["N"] == "1",
        note=item["note"]["S"],
        menu=[
            OfferedCoffee(coffee.coffeetype, coffee.coffeetype in soldout, coffee.sizes)
            for coffee in _menu_decoder.decode(item["menu"]["S"])
        ],
    )
    status_digest = _digest([shop.open, shop.note, sorted(soldout)])
    return StoredShop(shop, f'"{item["version"]["S"]}-{status_digest}"')


def _matches(if_match: str, item: Item) -> bool:
    """Return whether one of the header's ETags has the version of the item.

    Only the half that publishing changes is compared, so that an edit succeeds after the shop was
    closed. `W/` is ignored, because a gateway that compresses may add it.
    """
    if not item:
        return False
    etags = [etag.strip().removeprefix("W/") for etag in if_match.split(",")]
    return "*" in etags or any(etag.startswith(f'"{item["version"]["S"]}-') for etag in etags)


def _digest(content: object) -> str:
    return blake2b(_menu_encoder.encode(content), digest_size=8).hexdigest()


def _set(values: Item) -> str:
    return f"SET {', '.join(f'#{name} = :{name}' for name in values)}"


def _names(coffees: list[str]) -> Item:
    return {coffee: {"N": "1"} for coffee in coffees}


def _not_found() -> NotFoundError:
    return NotFoundError("This vendor has published no menu")
