"""Orders, shops and menus, as in the service's JSON.

Every `from_json` ignores unknown fields, which a later version of the service may add. It raises
KeyError or TypeError if a field is missing or has another type.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal


@dataclass(frozen=True)
class Details:
    """The coffee of an order. `unitprice`, for one cup, and `quantity` are decimal strings.

    An order without a `unitprice` has the price of the shop's menu.
    """

    coffeetype: str
    coffeesize: str
    unitprice: str | None = None
    quantity: str = "1"


@dataclass(frozen=True)
class Order:
    """An order. `orderdate` (ISO 8601) defaults to the time at which the object is created.

    The service recognises a repeated order by its date: placing the same Order again is safe,
    and a new coffee needs a new Order. The service sets `status` (placed, preparing, ready,
    collected or cancelled) and `since`, its own time of that status in ISO 8601.
    """

    accountid: str
    vendorid: str
    details: Details
    orderdate: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    status: str | None = None
    since: str | None = None

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Order":
        """Read the `order` object of a response."""
        names = ("coffeetype", "coffeesize", "unitprice", "quantity")
        return cls(
            **_strings(fields, "accountid", "vendorid", "orderdate", "status"),
            **(_strings(fields, "since") if "since" in fields else {}),
            details=Details(**_strings(fields["details"], *names)),
        )

    @property
    def total(self) -> Decimal | None:
        """The price of all cups, or None if the price is not known."""
        try:
            return Decimal(self.details.unitprice or "") * Decimal(self.details.quantity)
        except InvalidOperation:
            return None

    def to_request(self) -> dict[str, Any]:
        """Return the `order` object of a request, which has no `status` and no `since`."""
        details = {name: value for name, value in asdict(self.details).items() if value is not None}
        key = {"accountid": self.accountid, "vendorid": self.vendorid}
        return {**key, "orderdate": self.orderdate, "details": details}

    def to_json(self) -> dict[str, Any]:
        """Return the `order` object of a response."""
        since = {} if self.since is None else {"since": self.since}
        return {**self.to_request(), "status": self.status, **since}


Outcome = Literal["placed", "replaced", "unchanged"]


@dataclass(frozen=True)
class PlaceOrderResult:
    """The stored order and the outcome of the request.

    The outcome is `replaced` if the order replaced an earlier one of the same customer, and
    `unchanged` if the same order was placed before.
    """

    order: Order
    outcome: Outcome

    @property
    def is_new(self) -> bool:
        """Whether the customer had no other order at this key."""
        return self.outcome == "placed"


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

    `currency` is a code of ISO 4217. `etag` is the version of the menu, for `publish`.
    """

    vendorid: str
    name: str
    currency: str
    menu: tuple[Coffee, ...]
    open: bool
    note: str
    etag: str | None = None

    @classmethod
    def from_json(cls, fields: Mapping[str, Any], etag: str | None = None) -> "Shop":
        """Read the `shop` object of a response."""
        return cls(
            **_strings({"note": "", **fields}, "vendorid", "name", "currency", "note"),
            menu=tuple(map(_coffee, fields["menu"])),
            open=bool(fields["open"]),
            etag=etag,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the `shop` object of a response, with the `etag` in it."""
        return asdict(self)


def _coffee(fields: Mapping[str, Any]) -> Coffee:
    sizes = tuple(Size(**_strings(size, "coffeesize", "unitprice")) for size in fields["sizes"])
    soldout = bool(fields.get("soldout"))
    return Coffee(**_strings(fields, "coffeetype"), sizes=sizes, soldout=soldout)


def _strings(fields: Mapping[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        if not isinstance(fields[name], str):
            raise TypeError(f"{name} is not a string")
    return {name: fields[name] for name in names}
