"""Every request to the shops table: one item for each vendor that has published a menu.

An item has these attributes besides its key, `vendorid`:

- `name`, `currency`, `menu`: what was published; the menu as JSON.
- `coffees`: a map with the name of each coffee on the menu.
- `version`: a digest of what was published, for `If-Match`.
- `open` (1 or 0), `note`, and `soldout`, a map with the names of coffees that are sold out.
- `changed_at`: when these three were changed last, by the server's clock in UTC.

Publishing and changing write different attributes, so an edit of the menu never reopens a shop.
Every function may raise TooManyRequestsError or ServiceUnavailableError.
"""

import time
from hashlib import blake2b
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from chalicelib import dynamodb
from chalicelib.dynamodb import Expressions, Item
from chalicelib.errors import (
    ConflictError,
    NotFoundError,
    NotOnMenuError,
    PreconditionFailedError,
    ServiceUnavailableError,
)
from chalicelib.items import utc_now
from chalicelib.shops import Coffee, Currency, OfferedCoffee, Shop, ShopChanges, ShopContent

_LIFETIME = 5.0  # seconds for which orders may be checked against an older menu
_MAX_CACHED = 128  # vendors
# A write takes 19 s at worst (see dynamodb.py), and Lambda ends the function after 25 s.
_LONGEST_READ = 5.0  # seconds
_ATTEMPTS = 5  # while others change the shop at the same time

# A change that is delayed on its way must not undo a later one.
_CHANGED_EARLIER = (
    "attribute_exists(vendorid)",
    "(attribute_not_exists(changed_at) OR changed_at < :changed_at)",
)

_cache: dict[str, tuple[float, Shop | None]] = {}
_menu_decoder = msgspec.json.Decoder(list[Coffee], dec_hook=lambda kind, value: kind(value))
_menu_encoder = msgspec.json.Encoder(enc_hook=str)


class StoredShop(NamedTuple):
    """A shop and its ETag.

    The first half of the ETag changes with what is published, the second half with the rest.
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
    """Return the shop that an order is checked against, at most 5 s old; None without a menu.

    A failure is never taken for "no menu", and never answered from the cache. Raises
    ServiceUnavailableError if the read took so long that the order could not be placed in time.
    """
    now = time.monotonic()
    cached = _cache.get(vendorid)
    if cached is not None and now - cached[0] < _LIFETIME:
        return cached[1]
    item = _read(vendorid)
    shop = _from_item(item).shop if item else None
    while len(_cache) >= _MAX_CACHED:
        _cache.pop(next(iter(_cache), ""), None)  # the one that was cached first
    _cache.pop(vendorid, None)
    _cache[vendorid] = (now, shop)
    if time.monotonic() - now > _LONGEST_READ:
        raise ServiceUnavailableError("The shop cannot be reached; try again soon")
    return shop


def publish(
    vendorid: str, content: ShopContent, if_match: str | None = None
) -> tuple[StoredShop, bool]:
    """Publish name, currency and menu; return the shop, and whether it is new.

    The shop stays open or closed, with its note, and coffees that stay remain sold out. Raises
    PreconditionFailedError if `if_match` is given and names another version than the stored one,
    or ConflictError.
    """
    version = _digest(content)
    stored = _read(vendorid)
    for _ in range(_ATTEMPTS):
        if if_match is not None and not _matches(if_match, stored):
            raise PreconditionFailedError("The menu has changed since you read it")
        is_new = not stored
        written, stored = dynamodb.update_item(
            dynamodb.SHOPS_TABLE, _key(vendorid), **_publication(content, version, stored)
        )
        # The SDK's retry may find its own first attempt, whose answer was lost.
        if written or stored.get("version") == {"S": version}:
            _cache.pop(vendorid, None)
            return _from_item(stored), is_new
    raise ConflictError("Others are publishing this menu at the same time; try again")


def update(vendorid: str, changes: ShopChanges) -> StoredShop:
    """Open or close a shop, change its note, or mark coffees as sold out; return the shop.

    Raises NotFoundError, NotOnMenuError for a coffee that is not on the menu, or ConflictError.
    """
    soldout = [] if changes.soldout is UNSET else changes.soldout
    for _ in range(_ATTEMPTS):
        arrived = {"S": utc_now()}
        written, stored = dynamodb.update_item(
            dynamodb.SHOPS_TABLE, _key(vendorid), **_change(changes, soldout, arrived)
        )
        if not stored:
            raise _not_found()
        # The SDK's retry may find its own first attempt, whose answer was lost.
        if written or stored.get("changed_at") == arrived:
            _cache.pop(vendorid, None)
            return _from_item(stored)
        unknown = [coffee for coffee in soldout if coffee not in stored["coffees"]["M"]]
        if unknown:
            raise NotOnMenuError(f"soldout: {', '.join(unknown)} is not on the menu")
        # A colleague's change came from a server whose clock is ahead.
    raise ConflictError("Others are changing this shop at the same time; try again")


def _key(vendorid: str) -> Item:
    return {"vendorid": {"S": vendorid}}


def _read(vendorid: str) -> Item:
    return dynamodb.get_item(dynamodb.SHOPS_TABLE, _key(vendorid))


def _change(changes: ShopChanges, soldout: list[str], arrived: Item) -> Expressions:
    """Return the expressions that change what is given, if every sold-out coffee is on the menu."""
    values: Item = {}
    if changes.open is not UNSET:
        values["open"] = {"N": str(int(changes.open))}
    if changes.note is not UNSET:
        values["note"] = {"S": changes.note}
    if changes.soldout is not UNSET:
        values["soldout"] = {"M": _names(soldout)}
    values["changed_at"] = arrived
    names = {f"#{name}": name for name in values}
    if soldout:
        names["#coffees"] = "coffees"
        names |= {f"#coffee{at}": coffee for at, coffee in enumerate(soldout)}
    on_menu = [f"attribute_exists(#coffees.#coffee{at})" for at in range(len(soldout))]
    return {
        "UpdateExpression": _set(values),
        "ConditionExpression": " AND ".join([*_CHANGED_EARLIER, *on_menu]),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
    }


def _publication(content: ShopContent, version: str, stored: Item) -> Expressions:
    """Return the expressions that replace what is published, if `stored` is still there."""
    coffees = [coffee.coffeetype for coffee in content.menu]
    values: Item = {
        "name": {"S": content.name},
        "currency": {"S": content.currency},
        "menu": {"S": _menu_encoder.encode(content.menu).decode()},
        "coffees": {"M": _names(coffees)},
        "version": {"S": version},
    }
    condition, remove = "attribute_not_exists(vendorid)", ""
    conditions: Item = {}
    removed: list[str] = []
    if stored:
        condition, conditions = "#version = :stored", {":stored": stored["version"]}
        stay = stored["coffees"]["M"].keys() & set(coffees)
        removed = sorted(stored["soldout"]["M"].keys() - stay)
    else:
        values |= {"open": {"N": "1"}, "note": {"S": ""}, "soldout": {"M": {}}}
    names = {f"#{name}": name for name in values}
    if removed:
        names |= {"#soldout": "soldout"}
        names |= {f"#removed{at}": coffee for at, coffee in enumerate(removed)}
        remove = " REMOVE " + ", ".join(f"#soldout.#removed{at}" for at in range(len(removed)))
    return {
        "UpdateExpression": _set(values) + remove,
        "ConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": conditions
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
    state = _digest([shop.open, shop.note, sorted(soldout)])
    return StoredShop(shop, f'"{item["version"]["S"]}-{state}"')


def _matches(if_match: str, stored: Item) -> bool:
    """Return whether one of the header's ETags has the stored version.

    Only the half that publishing changes is compared, so that closing the shop does not stand in
    the way of an edit. `W/` is ignored, because a gateway that compresses may add it.
    """
    if not stored:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_match.split(",")]
    return "*" in tags or any(tag.startswith(f'"{stored["version"]["S"]}-') for tag in tags)


def _digest(content: object) -> str:
    return blake2b(_menu_encoder.encode(content), digest_size=8).hexdigest()


def _set(values: Item) -> str:
    return f"SET {', '.join(f'#{name} = :{name}' for name in values)}"


def _names(coffees: list[str]) -> Item:
    return {coffee: {"N": "1"} for coffee in coffees}


def _not_found() -> NotFoundError:
    return NotFoundError("This vendor has published no menu")
