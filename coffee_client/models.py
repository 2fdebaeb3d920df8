"""What the client sends and receives: orders and their details, as in the service's JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Details:
    """What to make. `unitprice` is for one cup; it and `quantity` are decimal strings."""

    coffeetype: str
    coffeesize: str
    unitprice: str
    quantity: str


@dataclass(frozen=True)
class Order:
    """An order. `orderdate` (ISO 8601) defaults to the time at which the object is created.

    The service recognises a repeated order by its date: placing the same Order again is safe,
    and a new coffee needs a new Order. The service sets `status`: placed, preparing, ready,
    collected or cancelled.
    """

    accountid: str
    vendorid: str
    details: Details
    orderdate: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    status: str | None = None

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Order":
        """Read the `order` object of a response; ignore fields that a later version adds.

        Raises KeyError or TypeError if it is not an order.
        """
        details = fields["details"]
        names = ("coffeetype", "coffeesize", "unitprice", "quantity")
        return cls(
            accountid=_text(fields, "accountid"),
            vendorid=_text(fields, "vendorid"),
            orderdate=_text(fields, "orderdate"),
            details=Details(*(_text(details, name) for name in names)),
            status=_text(fields, "status"),
        )

    def to_request(self) -> dict[str, Any]:
        """Return the `order` object of a request: everything that a customer decides."""
        ids = {"accountid": self.accountid, "vendorid": self.vendorid}
        return {**ids, "orderdate": self.orderdate, "details": asdict(self.details)}

    def to_json(self) -> dict[str, Any]:
        """Return the `order` object of a response."""
        return {**self.to_request(), "status": self.status}


@dataclass(frozen=True)
class Placed:
    """An order as it was stored. `is_new` is false if it replaced the customer's earlier one."""

    order: Order
    is_new: bool


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is not a string")
    return value
