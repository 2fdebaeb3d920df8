"""Orders, shops and menus, as in the service's JSON.

Every `from_json` ignores unknown fields, which a later version of the service may add. It raises
KeyError, TypeError or ValueError if a field is missing or has another type.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

_T = TypeVar("_T")

# Wider than the service's own limits. Decimal itself accepts 1e999999, which cannot be multiplied.
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")


@dataclass(frozen=True)
class Details:
    """The coffee of an order. The service returns `unitprice`, for one cup, and `quantity` as str.

    A float is rejected when it is sent, because it is not an exact decimal. An order without a
    `unitprice` has the price of the shop's menu. `note` is for the barista, such as "oat milk".
    """

    coffeetype: str
    coffeesize: str
    unitprice: str | int | Decimal | None = None
    quantity: str | int = "1"
    note: str | None = None


@dataclass(frozen=True)
class Order:
    """An order. `orderdate` (ISO 8601) defaults to the time at which the object is created.

    The service recognises a repeated order by its date: placing the same Order again is safe,
    and a new coffee needs a new Order. The service sets `status` (placed, preparing, ready,
    collected or cancelled), `since`, its own time of that status in ISO 8601, `currency`, if the
    price is that of a menu, and `version`, which changes with each change of the order.
    """

    accountid: str
    vendorid: str
    details: Details
    orderdate: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    status: str | None = None
    since: str | None = None
    currency: str | None = None
    version: str | None = None

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Order":
        """Read the `order` object of a response."""
        details = content["details"]
        if not all(map(_DECIMAL.fullmatch, (details["unitprice"], details["quantity"]))):
            raise ValueError("not a number")
        return _read(cls, content, details=_read(Details, details))

    @property
    def etag(self) -> str | None:
        """The version as an ETag, for `if_match`."""
        return None if self.version is None else f'"{self.version}"'

    @property
    def total(self) -> Decimal | None:
        """The price of all cups, or None if the price is not known."""
        price = self.details.unitprice
        return None if price is None else Decimal(price) * Decimal(self.details.quantity)

    def to_request(self) -> dict[str, Any]:
        """Return the `order` object of a request: the fields that a customer sends."""
        key = {"accountid": self.accountid, "vendorid": self.vendorid}
        details = _without_none(asdict(self.details))
        return {**key, "orderdate": self.orderdate, "details": details}

    def to_json(self) -> dict[str, Any]:
        """Return the `order` object of a response."""
        return _without_none({**asdict(self), **self.to_request()})


@dataclass(frozen=True)
class PlaceOrderResult:
    """The stored order, and the outcome of the request: `placed`, `replaced` or `unchanged`."""

    order: Order
    outcome: str


@dataclass(frozen=True)
class Size:
    """One size of a coffee and its price, a decimal string in the shop's currency."""

    coffeesize: str
    unitprice: str


@dataclass(frozen=True)
class Coffee:
    """One coffee of a menu, in the sizes that the shop sells."""

    coffeetype: str
    sizes: tuple[Size, ...]
    soldout: bool = False


@dataclass(frozen=True)
class Shop:
    """A shop with a menu. `note` is a message for its customers, such as "Back at 2".

    `currency` is a code such as EUR. `waiting` is how many orders are placed or being made, at most
    101; only `CoffeeClient.shop` returns it. `etag` is the version of the shop, for `if_match`.
    """

    vendorid: str
    name: str
    currency: str
    menu: tuple[Coffee, ...]
    open: bool
    note: str = ""
    waiting: int | None = None
    etag: str | None = None

    @classmethod
    def from_json(cls, content: Mapping[str, Any], etag: str | None = None) -> "Shop":
        """Read the `shop` object of a response."""
        return _read(cls, content, menu=tuple(map(_read_coffee, content["menu"])), etag=etag)


def _read_coffee(content: Mapping[str, Any]) -> Coffee:
    sizes = tuple(_read(Size, size) for size in content["sizes"])
    return _read(Coffee, content, sizes=sizes)


def _read(cls: type[_T], content: Mapping[str, Any], **others: Any) -> _T:
    """Return an object of a dataclass with the values that `content` has for its other fields."""
    types = {field.name: field.type for field in fields(cls)}  # type: ignore[arg-type]
    values = {name: content[name] for name in types.keys() & content.keys() - others.keys()}
    for name, value in values.items():
        if not isinstance(value, types[name]):  # type: ignore[arg-type]
            raise TypeError(f"{name} is not of type {types[name]}")
    return cls(**values, **others)


def _without_none(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value is not None}
