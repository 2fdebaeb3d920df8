"""The types of requests and responses, and their conversion from and to JSON.

`read_body` and `read_query` validate a request against its type. The error names the invalid field
by its path (`order.details.quantity`).
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
from chalice import BadRequestError
from chalice.app import MultiDict, Request
from msgspec import UNSET, Meta, Struct

from chalicelib.errors import PayloadTooLargeError, UnsupportedMediaType
from chalicelib.orders import TRANSITIONS, Id, PlacedOrder, RequestedOrder, Status
from chalicelib.shops import Shop, ShopChanges, ShopContent

# The longest order, with every character as a JSON escape, has 6 KB.
MAX_BODY = 16 * 1024  # bytes


class PlaceOrderRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /order: `{"order": {...}}`."""

    order: RequestedOrder


class StatusUpdateRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of PATCH /order: the order's next status."""

    status: Status


class PublishShopRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of PUT /shop: `{"shop": {...}}`."""

    shop: ShopContent

    def __post_init__(self) -> None:
        """Reject a menu that names something twice."""
        self.shop.require_unique_names()


class UpdateShopRequest(ShopChanges, frozen=True, forbid_unknown_fields=True):
    """The body of PATCH /shop: any of `open`, `note` and `soldout`."""

    def __post_init__(self) -> None:
        """Reject a body without changes."""
        if self.open is UNSET and self.note is UNSET and self.soldout is UNSET:
            raise ValueError("The body must have at least one of open, note and soldout")


class ShopQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of /shop: the vendor."""

    vendorid: Id


class Limit(int):
    """The most orders on one page: 1 to 100."""

    rule = re.compile(r"[1-9][0-9]?|100")

    @classmethod
    def parse(cls, value: object) -> "Limit":
        """Parse the text of a query parameter. Raises ValueError."""
        if isinstance(value, str) and cls.rule.fullmatch(value):
            return cls(value)
        raise ValueError("must be a whole number from 1 to 100")


class ListQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /orders: the caller's own orders or, with a `vendorid`, a shop's queue."""

    vendorid: Id | None = None
    status: Status | None = None
    limit: Limit = msgspec.field(default_factory=lambda: Limit(20))
    cursor: Annotated[str, Meta(max_length=4096)] | None = None


class OrderResponse(Struct, frozen=True):
    """One order: `{"order": {...}}`."""

    order: PlacedOrder


class ShopResponse(Struct, frozen=True):
    """One shop: `{"shop": {...}}`."""

    shop: Shop


class OrderListResponse(Struct, frozen=True, omit_defaults=True):
    """A page of orders. The `cursor` leads to the next page; the last page has none."""

    orders: list[PlacedOrder]
    cursor: str | None = None


Response = OrderResponse | OrderListResponse | ShopResponse
_T = TypeVar("_T")


def read_body(request: Request, model: type[_T]) -> _T:
    """Parse a request's JSON body in UTF-8 as one of the request types.

    Raises BadRequestError, PayloadTooLargeError or UnsupportedMediaType.
    """
    # Chalice's own check accepts `*/*`, and any list that contains JSON.
    content_type = request.headers.get("content-type", "application/json")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(f"Unsupported media type: {content_type}")
    return parse(request.raw_body, model)


def parse(body: bytes | str, model: type[_T]) -> _T:
    """Parse JSON in UTF-8 as one of the request types.

    Raises BadRequestError or PayloadTooLargeError.
    """
    data = body if isinstance(body, bytes) else body.encode()
    if len(data) > MAX_BODY:
        raise PayloadTooLargeError(f"The body is larger than {MAX_BODY} bytes")
    try:
        request: _T = _decoders[model].decode(data)
    except msgspec.ValidationError as error:
        _raise_bad_request(str(error))
    except msgspec.DecodeError as error:
        raise BadRequestError(f"The body is not JSON: {error}") from None
    except UnicodeDecodeError:
        raise BadRequestError("The body is not UTF-8") from None
    except RecursionError:
        raise BadRequestError("The body is nested too deeply") from None
    return request


def read_query(parameters: MultiDict | None, model: type[_T]) -> _T:
    """Parse the parameters of a query as one of the query types. Raises BadRequestError."""
    fields = {}
    parameters = parameters or MultiDict({})
    for name in parameters:
        values = parameters.getlist(name)
        if len(values) > 1:
            raise BadRequestError(f"{name}: is given more than once")
        fields[name] = values[0]
    try:
        return msgspec.convert(fields, model, dec_hook=_parse_field)
    except msgspec.ValidationError as error:
        _raise_bad_request(str(error))


def to_json(response: Response) -> str:
    """Return a response as JSON."""
    return _encoder.encode(response).decode()


def _parse_field(field_type: type[Any], value: object) -> Any:
    """Parse a value of a type that msgspec does not support, by the type's own method."""
    return field_type.parse(value)


def _to_decimal(number: str) -> Decimal | None:
    """Return a JSON number with a fraction or an exponent as it is; None if Decimal cannot."""
    try:
        return Decimal(number)
    except InvalidOperation:  # the exponent is too large, and no field accepts such a number
        return None


_decoders: dict[type, msgspec.json.Decoder[Any]] = {
    model: msgspec.json.Decoder(model, dec_hook=_parse_field, float_hook=_to_decimal)
    for model in (PlaceOrderRequest, StatusUpdateRequest, PublishShopRequest, UpdateShopRequest)
}
_encoder = msgspec.json.Encoder(enc_hook=str)

_MISSING_FIELD = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def _raise_bad_request(message: str) -> NoReturn:
    """Raise BadRequestError with msgspec's message reworded, the field's path first.

    msgspec writes "Expected `str`, got `int` - at `$.order.accountid`".
    """
    reason, _, path = message.rpartition(" - at `$")
    if not reason:  # msgspec names no path for the outermost object
        reason, path = message, ""
    path = path.rstrip("`").lstrip(".")
    if missing := _MISSING_FIELD.fullmatch(reason):
        path, reason = _join(path, missing[1]), "is missing"
    elif unknown := _UNKNOWN_FIELD.fullmatch(reason):
        path, reason = _join(path, unknown[1]), "is not a known field"
    elif "matching regex" in reason:
        reason = "must have no control characters and no blank at either end"
    elif reason.startswith("Invalid enum value"):
        reason = f"must be one of {', '.join(TRANSITIONS)}"
    else:
        reason = reason.replace("Expected", "expected", 1).replace("`", "")
    raise BadRequestError(f"{path}: {reason}" if path else reason) from None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
