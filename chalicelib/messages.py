"""What travels between a client and the service: bodies and queries in, answers out.

The types say what a message may be; `parse` and `check` let nothing else in, and name the
field that is wrong by its path (`order.details.quantity`). Knows orders, but no HTTP.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
from msgspec import Meta, Struct

from chalicelib.orders import LIFE, Id, Order, PlacedOrder, Status


class InvalidMessageError(ValueError):
    """A message that breaks a rule: `field` is its path (`order.details.quantity`)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)


class Placing(Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer sends: `{"order": {...}}`."""

    order: Order


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """What a shop sends: the status that its order has now."""

    status: Status


class Limit(int):
    """How many orders a page may have: 1 to 100."""

    rule = re.compile(r"[1-9][0-9]?|100")

    @classmethod
    def parse(cls, value: object) -> "Limit":
        """Take the text of a query. Raises ValueError."""
        if isinstance(value, str) and cls.rule.fullmatch(value):
            return cls(value)
        raise ValueError("must be a whole number from 1 to 100")


class Listing(Struct, frozen=True, forbid_unknown_fields=True):
    """Which page of which list: a customer's own orders, or with a `vendorid` a shop's queue."""

    vendorid: Id | None = None
    status: Status | None = None
    limit: Limit = msgspec.field(default_factory=lambda: Limit(20))
    cursor: Annotated[str, Meta(max_length=4096)] | None = None


class Found(Struct, frozen=True):
    """One order, as it is answered: `{"order": {...}}`."""

    order: PlacedOrder


class Page(Struct, frozen=True, omit_defaults=True):
    """Some orders of a list; the `cursor` leads to the next page, and the last has none."""

    orders: list[PlacedOrder]
    cursor: str | None = None


_T = TypeVar("_T")


def parse(body: bytes, kind: type[_T]) -> _T:
    """Read a Placing or a Step from JSON in UTF-8. Raises InvalidMessageError."""
    try:
        decoded: _T = _decoders[kind].decode(body)
    except msgspec.ValidationError as error:
        _refuse(str(error))
    except msgspec.DecodeError as error:
        raise InvalidMessageError("", f"The body is not JSON: {error}") from None
    except UnicodeDecodeError:
        raise InvalidMessageError("", "The body is not UTF-8") from None
    except RecursionError:
        raise InvalidMessageError("", "The body is nested too deeply") from None
    return decoded


def check(fields: dict[str, str], kind: type[_T]) -> _T:
    """Make a Key or a Listing of fields that are all text. Raises InvalidMessageError."""
    try:
        return msgspec.convert(fields, kind, dec_hook=_from_outside)
    except msgspec.ValidationError as error:
        _refuse(str(error))


def to_json(answer: Found | Page) -> str:
    """Write an answer."""
    return _encoder.encode(answer).decode()


def _from_outside(kind: type[Any], value: object) -> Any:
    """Let a field's own type take what was sent."""
    return kind.parse(value)


def _exact(number: str) -> Decimal | None:
    """Keep a number with a fraction or an exponent as the digits that were sent."""
    try:
        return Decimal(number)
    except InvalidOperation:  # an exponent that not even Decimal can hold fits no rule
        return None


_decoders: dict[type, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind, dec_hook=_from_outside, float_hook=_exact)
    for kind in (Placing, Step)
}
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
    elif reason.startswith("Invalid enum value"):
        reason = f"must be one of {', '.join(LIFE)}"
    else:
        reason = reason.replace("Expected", "expected", 1).replace("`", "")
    raise InvalidMessageError(path, reason) from None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
