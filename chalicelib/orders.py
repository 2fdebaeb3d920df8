"""What an order is: its fields, their rules, and its life.

Knows neither AWS nor HTTP, and imports nothing of this project. How an order travels as JSON
stands in messages.py; what comes in that way has passed every rule.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

# No control characters (C0, DEL, C1), no blank at either end. The last group is there
# because `$` also matches before a newline that ends the text.
_TEXT = r"^(?!\s)[^\x00-\x1f\x7f-\x9f]*(?<!\s)$(?!\n)"
Id = Annotated[str, Meta(min_length=1, max_length=128, pattern=_TEXT)]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=_TEXT)]

Status = Literal["placed", "preparing", "ready", "collected", "cancelled"]

# The life of an order: from each status, where it may go next.
LIFE: dict[Status, tuple[Status, ...]] = {
    "placed": ("preparing", "cancelled"),
    "preparing": ("ready",),
    "ready": ("collected",),
    "collected": (),
    "cancelled": (),
}
# What a shop still has to do with.
OPEN: tuple[Status, ...] = ("placed", "preparing", "ready")
# While the shop has the coffee in hand, its order can't become another.
IN_HAND: tuple[Status, ...] = ("preparing", "ready")


def before(status: Status) -> tuple[Status, ...]:
    """Return the statuses from which an order may come to this one."""
    return tuple(each for each in LIFE if status in LIFE[each])


class Price(str):
    """A price for one cup: a plain decimal from 0 to 100000 with at most 4 decimals.

    Kept as text, so that it comes back as it was sent and is never a binary float.
    """

    __slots__ = ()
    rule = re.compile(r"(0|[1-9][0-9]{0,4})(\.[0-9]{1,4})?|100000(\.0{1,4})?")

    @classmethod
    def parse(cls, value: object) -> "Price":
        """Take a decimal string or a JSON number. Raises ValueError."""
        text = _plain(value)
        if text is None or not cls.rule.fullmatch(text):
            raise ValueError("must be a decimal number from 0 to 100000 with at most 4 decimals")
        return cls(text)


class Quantity(str):
    """How many cups: a whole number from 1 to 1000, kept as text like the price."""

    __slots__ = ()
    rule = re.compile(r"[1-9][0-9]{0,2}|1000")

    @classmethod
    def parse(cls, value: object) -> "Quantity":
        """Take an integer as a string or as a JSON number. Raises ValueError."""
        text = _plain(value)
        if isinstance(value, Decimal) and text is not None and "." in text:
            text = text.rstrip("0").rstrip(".")  # as a number, 2.0 is as whole as 2
        if text is None or not cls.rule.fullmatch(text):
            raise ValueError("must be a whole number from 1 to 1000")
        return cls(text)


class Moment(NamedTuple):
    """A moment by a clock, in nanoseconds since 1970. Only one clock tells which of two is later.

    A date with an offset is by `utc`. One without is by the customer's own clock, `local`.
    """

    clock: Literal["utc", "local"]
    nanoseconds: int


class OrderDate(str):
    """When the customer ordered, by their own clock: an ISO 8601 date-time, as it was sent."""

    __slots__ = ()
    # As `str(datetime.now())` writes it, or with T, an offset or Z (RFC 3339).
    rule = re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
        r"(Z|[+-][0-9]{2}:[0-9]{2})?"
    )

    @classmethod
    def parse(cls, value: object) -> "OrderDate":
        """Take a string. Raises ValueError."""
        if isinstance(value, str) and cls.rule.fullmatch(value):
            try:
                datetime.fromisoformat(value)
            except ValueError:  # the right shape, but no such day or minute
                pass
            else:
                return cls(value)
        raise ValueError("must be an ISO 8601 date-time such as 2026-03-01T08:30:00Z")

    @property
    def moment(self) -> Moment:
        """Return when that was, to the last of the digits that were sent."""
        date = datetime.fromisoformat(self)  # which keeps but six digits of a fraction
        sent = self.rule.fullmatch(self)
        fraction = (sent and sent[3]) or "."
        # Not as a date in UTC: the first day of year 1 and the last of 9999 may have none.
        since = date.replace(microsecond=0, tzinfo=None) - datetime(1970, 1, 1)
        offset = date.utcoffset()
        seconds = (since - (offset or timedelta())) // timedelta(seconds=1)
        nanoseconds = seconds * 10**9 + int(fraction[1:].ljust(9, "0"))
        return Moment("local" if offset is None else "utc", nanoseconds)


class Arrival(OrderDate):
    """The server's date for an order that came without one."""

    __slots__ = ()

    @classmethod
    def now(cls) -> "Arrival":
        """Return this moment, in UTC."""
        return cls(datetime.now(UTC).isoformat())


class Key(Struct, frozen=True, forbid_unknown_fields=True):
    """Which order: the customer's account and the vendor. The table's primary key."""

    accountid: Id
    vendorid: Id


class Details(Struct, frozen=True, forbid_unknown_fields=True):
    """What to brew, and for how much."""

    coffeetype: Name
    coffeesize: Name
    unitprice: Price
    quantity: Quantity


class Order(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coffee order. An account has at most one with each vendor."""

    accountid: Id
    vendorid: Id
    orderdate: OrderDate = msgspec.field(default_factory=Arrival.now)
    details: Details


class PlacedOrder(Order, frozen=True, kw_only=True):
    """An order that the shop knows of."""

    status: Status


def _plain(value: object) -> str | None:
    """Write a JSON number as a plain decimal; leave a string as it is; None for all else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    # A huge exponent would be written out digit by digit; such a number fits no rule anyway.
    if isinstance(value, Decimal) and abs(value.adjusted()) > 20:  # noqa: PLR2004
        return None
    return format(abs(value) if value == 0 else value, "f" if isinstance(value, Decimal) else "d")
