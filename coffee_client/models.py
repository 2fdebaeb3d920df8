"""What the client sends and receives, as in the service's JSON: orders, shops and their menus.

Every `from_json` ignores fields that a later version of the service adds, and raises KeyError
or TypeError if it is given something else.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal


@dataclass(frozen=True)
class Details:
    """What to make. `unitprice`, for one cup, and `quantity` are decimal strings.

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
            **_texts(fields, "accountid", "vendorid", "orderdate", "status"),
            details=Details(**_texts(fields["details"], *names)),
            since=_text(fields, "since") if "since" in fields else None,
        )

    @property
    def total(self) -> Decimal | None:
        """The price of all cups, or None while the price is not known."""
        if self.details.unitprice is None:
            return None
        try:
            return Decimal(self.details.unitprice) * Decimal(self.details.quantity)
        except InvalidOperation:
            return None

    def to_request(self) -> dict[str, Any]:
        """Return the `order` object of a request: everything that a customer decides."""
        details = {name: value for name, value in asdict(self.details).items() if value is not None}
        ids = {"accountid": self.accountid, "vendorid": self.vendorid}
        return {**ids, "orderdate": self.orderdate, "details": details}

    def to_json(self) -> dict[str, Any]:
        """Return the `order` object of a response."""
        since = {} if self.since is None else {"since": self.since}
        return {**self.to_request(), "status": self.status, **since}


Outcome = Literal["placed", "replaced", "unchanged"]


@dataclass(frozen=True)
class Placed:
    """An order as it was stored, and what placing it did.

    The outcome is `replaced` if it took the place of the customer's own earlier order, and
    `unchanged` if the same order had been placed before.
    """

    order: Order
    outcome: Outcome

    @property
    def is_new(self) -> bool:
        """Whether there was no order of the customer's at its key."""
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
    """A shop with a menu. `note` is what it tells its customers, such as "Back at 2".

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
            **_texts(fields, "vendorid", "name", "currency"),
            menu=tuple(map(_coffee, fields["menu"])),
            open=bool(fields["open"]),
            note=_text(fields, "note") if fields.get("note") else "",
            etag=etag,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the `shop` object of a response, with the `etag` in it."""
        return asdict(self)


def _coffee(fields: Mapping[str, Any]) -> Coffee:
    sizes = (Size(**_texts(each, "coffeesize", "unitprice")) for each in fields["sizes"])
    return Coffee(_text(fields, "coffeetype"), tuple(sizes), bool(fields.get("soldout")))


def _texts(fields: Mapping[str, Any], *names: str) -> dict[str, str]:
    return {name: _text(fields, name) for name in names}


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is not a string")
    return value
