"""What an order is: its fields, their rules, and the transitions of its status.

This module imports nothing else of this project, nothing of AWS and nothing of HTTP. messages.py
validates orders by these rules.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

# The rule of every text: no control characters (C0, DEL, C1), no blank at either end. The last
# group is needed because `$` also matches before a newline at the end of the text.
TEXT = r"^(?!\s)[^\x00-\x1f\x7f-\x9f]*(?<!\s)$(?!\n)"
Id = Annotated[str, Meta(min_length=1, max_length=128, pattern=TEXT)]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=TEXT)]
OrderNote = Annotated[str, Meta(min_length=1, max_length=100, pattern=TEXT)]

Status = Literal["placed", "preparing", "ready", "collected", "cancelled"]

# From each status, the statuses that an order may have next.
TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    "placed": ("preparing", "cancelled"),
    "preparing": ("ready",),
    "ready": ("collected",),
    "collected": (),
    "cancelled": (),
}
OPEN: tuple[Status, ...] = ("placed", "preparing", "ready")  # the shop has not finished these
CLOSED: tuple[Status, ...] = ("collected", "cancelled")  # anybody may order at their key
IN_PROGRESS: tuple[Status, ...] = ("preparing", "ready")  # these can no longer be replaced

# The outcome of a POST. "placed": the key was free, or had another customer's closed order.
# "replaced": it had an order of the same customer. "unchanged": it had the same order.
Outcome = Literal["placed", "replaced", "unchanged"]


def predecessors(status: Status, *, with_steps_back: bool = False) -> tuple[Status, ...]:
    """Return the statuses from which an order may change to this one.

    Staff may undo every step but a cancellation, if they know the version of the order.
    """
    sources = [source for source, targets in TRANSITIONS.items() if status in targets]
    if with_steps_back:
        sources += [target for target in TRANSITIONS[status] if target != "cancelled"]
    return tuple(sources)


class Price(str):
    """A price for one cup: a decimal as it was sent, with at most 4 decimals, never a float."""

    minimum, maximum = 0, 100_000_000
    _digits = len(str(maximum)) - 1  # of all prices below the maximum, which is a power of ten
    rule = re.compile(rf"(0|[1-9][0-9]{{0,{_digits - 1}}})(\.[0-9]{{1,4}})?|{maximum}(\.0{{1,4}})?")

    @classmethod
    def parse(cls, value: object) -> "Price":
        """Parse a decimal string or a JSON number. Raises ValueError."""
        text = _plain_decimal(value)
        if not cls.rule.fullmatch(text):
            limits = f"from {cls.minimum} to {cls.maximum:,}"
            raise ValueError(f"must be a decimal number {limits} with at most 4 decimals")
        return cls(text)


class Quantity(str):
    """How many cups: a whole number, stored as text like the price."""

    minimum, maximum = 1, 1000
    _digits = len(str(maximum)) - 1  # of all quantities below the maximum, a power of ten
    rule = re.compile(rf"[1-9][0-9]{{0,{_digits - 1}}}|{maximum}")

    @classmethod
    def parse(cls, value: object) -> "Quantity":
        """Parse an integer, sent as a string or as a JSON number. Raises ValueError."""
        text = _plain_decimal(value)
        if isinstance(value, Decimal) and "." in text:
            text = text.rstrip("0").rstrip(".")  # the JSON number 2.0 is a whole number, too
        if not cls.rule.fullmatch(text):
            raise ValueError(f"must be a whole number from {cls.minimum} to {cls.maximum}")
        return cls(text)


# How far an honest customer's clock may be ahead of the server's. Kerberos (RFC 4120) and the
# signatures of AWS (SigV4) allow the same five minutes.
_CLOCK_SKEW = timedelta(minutes=5)
# A date without an offset may come from the first time zone, UTC+14.
_FIRST_TIME_ZONE = timedelta(hours=14)


class OrderDate(str):
    """When the customer ordered, by their own clock: an ISO 8601 date-time, as it was sent."""

    is_from_server = False
    # The format of `str(datetime.now())`, or with T, an offset or Z (RFC 3339).
    rule = re.compile(
        r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[T ]"
        r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
        r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?"
    )

    @classmethod
    def parse(cls, value: object) -> "OrderDate":
        """Parse a string. Raises ValueError, also for a date in the future."""
        try:
            if not isinstance(value, str) or not cls.rule.fullmatch(value):
                raise ValueError
            date = cls(value)
            instant = date.instant
        except ValueError:  # also for a day that does not exist, such as February 30
            raise ValueError("must be an ISO 8601 date-time such as 2026-03-01T08:30:00Z") from None
        now = datetime.now(UTC)
        latest = now + _CLOCK_SKEW
        if instant.tzinfo is None:
            latest = latest.replace(tzinfo=None) + _FIRST_TIME_ZONE
        if instant > latest:
            raise ValueError(f"is in the future; the server's clock says {now:%Y-%m-%dT%H:%M:%SZ}")
        return date

    @classmethod
    def now(cls) -> "OrderDate":
        """Return the date that the server gives to an order without one."""
        date = cls(datetime.now(UTC).isoformat())
        date.is_from_server = True
        return date

    @cached_property
    def instant(self) -> datetime:
        """Return the date. Only two with an offset, or two without one, can be compared."""
        return datetime.fromisoformat(self)


class Key(Struct, frozen=True, forbid_unknown_fields=True):
    """The key of an order: the customer's account and the vendor."""

    accountid: Id
    vendorid: Id


class RequestedDetails(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to make. At a shop with a menu the price may be left out.

    All fields are text. With the orderdate, those that were sent identify the order.
    """

    coffeetype: Name
    coffeesize: Name
    unitprice: Price | UnsetType = UNSET
    quantity: Quantity
    note: OrderNote | UnsetType = UNSET


class Details(RequestedDetails, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What to make, at which price for one cup."""

    unitprice: Price


class RequestedOrder(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An order as a customer sends it. A key has at most one order.

    `accountid` is a name, as on a cup. Any customer may choose any name.
    """

    accountid: Id
    vendorid: Id
    orderdate: OrderDate = msgspec.field(default_factory=OrderDate.now)
    details: RequestedDetails


class AcceptedPrice(NamedTuple):
    """The price for one cup at which a shop accepts an order, with the currency of its menu."""

    unitprice: Price
    currency: str | UnsetType = UNSET


class PlacedOrder(Struct, frozen=True, kw_only=True):
    """An order as the service stores it. One that a menu priced has a currency.

    `since` is the server's time, in UTC, at which the order got its status. Each write renews the
    random `version`.
    """

    accountid: Id
    vendorid: Id
    orderdate: OrderDate
    details: Details
    currency: str | UnsetType = UNSET
    status: Status
    since: str
    version: str

    @property
    def etag(self) -> str:
        """Return the ETag of the order: its version in double quotes."""
        return f'"{self.version}"'

    def __str__(self) -> str:
        """Describe the order to a person: "1 x Large Espresso (oat milk), placed"."""
        details = self.details
        note = f" ({details.note})" if details.note is not UNSET else ""
        return (
            f"{details.quantity} x {details.coffeesize} {details.coffeetype}{note}, {self.status}"
        )


def _plain_decimal(value: object) -> str:
    """Return a JSON number as a plain decimal and a string unchanged; "" for anything else."""
    if isinstance(value, str):
        return value
    # No rule accepts a number with a huge exponent, whose plain form would be very long.
    if isinstance(value, Decimal) and abs(value.adjusted()) <= 20:  # noqa: PLR2004
        return format(abs(value) if value == 0 else value, "f")
    return str(value) if isinstance(value, int) else ""  # no rule accepts a bool
