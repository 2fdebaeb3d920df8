"""What an order is: its fields and their rules.

Knows neither AWS nor HTTP, and imports nothing of this project. `parse` and `parse_key` are
the only ways in: an Order or a Key that exists has passed every rule.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, NoReturn

import msgspec
from msgspec import Meta, Struct

# No control characters (C0, DEL, C1), no blank at either end. The last group is there
# because `$` also matches before a newline that ends the text.
_TEXT = r"^(?!\s)[^\x00-\x1f\x7f-\x9f]*(?<!\s)$(?!\n)"
_PRICE = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]{1,4})?")
_QUANTITY = re.compile(r"[1-9][0-9]{0,3}")
# ISO 8601 as `str(datetime.now())` writes it, or with T, an offset or Z (RFC 3339).
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)

Id = Annotated[str, Meta(min_length=1, max_length=128, pattern=_TEXT)]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=_TEXT)]


class InvalidOrderError(ValueError):
    """Something that breaks a rule: `field` is its path (`order.details.quantity`)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)


class Price(str):
    """A price for one cup: a plain decimal from 0 to 100000 with at most 4 decimals.

    Kept as text, so that it comes back as it was sent and is never a binary float.
    """

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> "Price":
        """Take a decimal string or a JSON number. Raises ValueError."""
        text = _plain(value)
        if text is None or not _PRICE.fullmatch(text) or Decimal(text) > 100_000:  # noqa: PLR2004
            raise ValueError("must be a decimal number from 0 to 100000 with at most 4 decimals")
        return cls(text)


class Quantity(str):
    """How many cups: a whole number from 1 to 1000, kept as text like the price."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> "Quantity":
        """Take an integer as a string or as a JSON number. Raises ValueError."""
        text = _plain(value)
        if text is None or not _QUANTITY.fullmatch(text) or int(text) > 1000:  # noqa: PLR2004
            raise ValueError("must be a whole number from 1 to 1000")
        return cls(text)


class OrderDate(str):
    """When the customer ordered, by their own clock: an ISO 8601 date-time, as it was sent."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: object) -> "OrderDate":
        """Take a string. Raises ValueError."""
        if isinstance(value, str) and _DATE_TIME.fullmatch(value):
            try:
                datetime.fromisoformat(value)
            except ValueError:  # the right shape, but no such day or minute
                pass
            else:
                return cls(value)
        raise ValueError("must be an ISO 8601 date-time such as 2026-03-01T08:30:00Z")

    @classmethod
    def now(cls) -> "OrderDate":
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
    orderdate: OrderDate = msgspec.field(default_factory=OrderDate.now)
    details: Details

    @property
    def key(self) -> Key:
        """Return what the order is stored under."""
        return Key(self.accountid, self.vendorid)


class Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    """An order as it travels: `{"order": {...}}`."""

    order: Order


def parse(body: bytes) -> Order:
    """Read `{"order": {...}}` from JSON in UTF-8. Raises InvalidOrderError."""
    try:
        return _decoder.decode(body).order
    except msgspec.ValidationError as error:
        _refuse(str(error))
    except msgspec.DecodeError as error:
        raise InvalidOrderError("", f"The body is not JSON: {error}") from None
    except UnicodeDecodeError:
        raise InvalidOrderError("", "The body is not UTF-8") from None
    except RecursionError:
        raise InvalidOrderError("", "The body is nested too deeply") from None


def parse_key(fields: dict[str, str]) -> Key:
    """Check the two ids of a key. Raises InvalidOrderError."""
    try:
        return msgspec.convert(fields, Key)
    except msgspec.ValidationError as error:
        _refuse(str(error))


def to_json(order: Order) -> str:
    """Write `{"order": {...}}`."""
    return _encoder.encode(Envelope(order)).decode()


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


def _from_json(kind: type[Any], value: object) -> Any:
    """Let a field's own type take what stood in the JSON."""
    return kind.parse(value)


# Numbers with a fraction or exponent reach `parse` as Decimals of the digits that were sent.
_decoder = msgspec.json.Decoder(Envelope, dec_hook=_from_json, float_hook=Decimal)
_encoder = msgspec.json.Encoder(enc_hook=str)

_MISSING = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def _refuse(message: str) -> NoReturn:
    """Turn msgspec's `Expected ... - at `$.order.accountid`` around: the field goes first."""
    reason, _, path = message.rpartition(" - at `$")
    if not reason:  # the fault is in the outermost object, and msgspec names no path
        reason, path = message, ""
    path = path.rstrip("`").lstrip(".")
    if missing := _MISSING.fullmatch(reason):
        path, reason = _join(path, missing[1]), "is missing"
    elif unknown := _UNKNOWN.fullmatch(reason):
        path, reason = _join(path, unknown[1]), "is not a known field"
    elif "matching regex" in reason:
        reason = "must have no control characters and no blank at either end"
    else:
        reason = reason.replace("Expected", "expected", 1).replace("`", "")
    raise InvalidOrderError(path, reason) from None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
