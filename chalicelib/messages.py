"""The types of requests and responses, and their conversion from and to JSON.

An error names the invalid field by its path (`order.details.quantity`).
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, NoReturn, TypeVar, get_args

import msgspec
from chalice import BadRequestError
from chalice.app import MultiDict, Request
from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib import settings, text
from chalicelib.errors import PayloadTooLargeError, UnsupportedMediaType
from chalicelib.orders import Id, PlacedOrder, RequestedOrder, Status
from chalicelib.shops import CURRENCY, Shop, ShopChanges, ShopContent, repetition

_LIMIT = r"^([1-9][0-9]?|100)(?!\n)$"  # the most orders on one page
_MAX_BODY = 16  # KiB; with every character as a JSON escape, the longest order has 6 KB


class PlaceOrderRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /order: `{"order": {...}}`."""

    order: RequestedOrder


class StatusUpdateRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of PATCH /order: the order's next status."""

    status: Status


class PushEndpoint(str):
    """The address of a browser's push subscription (RFC 8030), at a known push service.

    The notifier sends requests to it, so a customer must not be able to name any other host.
    """

    rule = re.compile(
        r"https://(fcm\.googleapis\.com|([a-z0-9-]+\.)+(push\.services\.mozilla\.com"
        r"|push\.apple\.com|notify\.windows\.com))/[\x21-\x7e]{1,1000}"
    )
    local_rule = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}/[\x21-\x7e]{1,1000}")

    @classmethod
    def parse(cls, value: object) -> "PushEndpoint":
        """Parse a URL. Raises ValueError. On the local cloud, this machine is a push service."""
        is_local = settings.required("STAGE") == "local"
        rules = [cls.rule, cls.local_rule] if is_local else [cls.rule]
        if isinstance(value, str) and any(rule.fullmatch(value) for rule in rules):
            return cls(value)
        raise ValueError("must be an https URL of a browser's push service")


class PushRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of PUT /order/push: where to send a Web Push about the order."""

    endpoint: PushEndpoint


class PublishShopRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of PUT /shop: `{"shop": {...}}`."""

    shop: ShopContent

    def __post_init__(self) -> None:
        """Reject a menu that has a coffee twice."""
        names = [coffee.coffeetype for coffee in self.shop.menu]
        if (index := repetition(names)) is not None:
            raise ValueError(f"shop.menu[{index}].coffeetype: {names[index]} is on the menu twice")


class ShopQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of /shop: the vendor."""

    vendorid: Id


class ListQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The query of GET /orders: the caller's own orders or, with a `vendorid`, a shop's queue."""

    vendorid: Id | None = None
    status: Status | None = None
    limit: Annotated[str, Meta(pattern=_LIMIT)] = "20"
    cursor: Annotated[str, Meta(max_length=4096)] | None = None


class OrderResponse(Struct, frozen=True):
    """One order: `{"order": {...}}`."""

    order: PlacedOrder


class ShopResponse(Struct, frozen=True):
    """One shop: `{"shop": {...}}`."""

    shop: Shop


class OrderListResponse(Struct):
    """A page of orders. The `cursor` leads to the next page; the last page has none."""

    orders: list[PlacedOrder]
    cursor: str | UnsetType = UNSET


_T = TypeVar("_T")


def read_body(request: Request, model: type[_T]) -> _T:
    """Parse a request's JSON body in UTF-8 as one of the request types.

    Raises BadRequestError, PayloadTooLargeError or UnsupportedMediaType.
    """
    # Chalice's own check accepts `*/*`, and any list that contains JSON.
    content_type = request.headers.get("content-type", "application/json")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(f"Unsupported media type: {content_type}")
    limit = _LIMITS.get(model, _MAX_BODY)
    if len(request.raw_body) > limit * 1024:
        raise PayloadTooLargeError(f"The body is larger than {limit} KiB")
    try:
        content: _T = _decoders[model].decode(request.raw_body)
    except msgspec.ValidationError as error:
        _raise_bad_request(str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequestError(f"The body is not JSON: {error}") from None
    except RecursionError:
        raise BadRequestError("The body is nested too deeply") from None
    if not request.raw_body.isascii() or b"\\u" in request.raw_body:  # other text has no fault
        for path, value in _texts_in(content):
            if fault := text.fault(value):
                raise BadRequestError(f"{path}: {fault}")
    return content


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


def _texts_in(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each field of a request."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from _texts_in(getattr(value, name), _join(path, name))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _texts_in(entry, f"{path}[{index}]")


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
    for model in (
        *(PlaceOrderRequest, StatusUpdateRequest, PushRequest),
        *(PublishShopRequest, ShopChanges),
    )
}
# In KiB. The longest menu has 250 KB, and the longest change of a shop 40 KB.
_LIMITS: dict[type, int] = {PublishShopRequest: 256, ShopChanges: 64}

_TYPES_IN_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a number",
    "object": "an object",
    "str": "text",
}


def _raise_bad_request(message: str) -> NoReturn:
    """Raise BadRequestError with msgspec's message in plain words, the field's path first.

    msgspec writes "Expected `str`, got `int` - at `$.order.accountid`", and no path for the
    outermost object.
    """
    at_path = re.fullmatch(r"(.*) - at (`key` in )?`\$\.?(.*)`", message, re.DOTALL)
    reason, is_key, path = at_path.groups() if at_path else (message, None, "")
    if missing := re.fullmatch(r"Object missing required field `(.+)`", reason):
        path, reason = _join(path, missing[1]), "is missing"
    elif unknown := re.fullmatch(r"Object contains unknown field `(.*)`", reason, re.DOTALL):
        path, reason = _join(path, unknown[1]), "is not a known field"
    elif reason.startswith("Invalid enum value"):
        reason = f"must be one of {', '.join(get_args(Status))}"  # the only one
    else:
        reason = f"{'a key ' if is_key else ''}{_in_words(reason)}"
    subject = f"{path}: " if path else "The body " if reason.startswith("must") else ""
    raise BadRequestError(subject + reason) from None


def _in_words(reason: str) -> str:
    if repr(CURRENCY) in reason:
        return "must be three capital letters, such as EUR"
    if repr(_LIMIT) in reason:
        return "must be a whole number from 1 to 100"
    if "matching regex" in reason:
        return "must have no control characters and no blank at either end"
    if wrong := re.fullmatch(r"Expected `(\w+).*`, got `(\w+)`", reason):
        expected, given = (_TYPES_IN_WORDS.get(name, name) for name in wrong.groups())
        return f"must be {expected}, not {given}"
    if long := re.fullmatch(r"Expected `(\w+)` of length <= (\d+)", reason):
        return f"must have at most {long[2]} {'characters' if long[1] == 'str' else 'entries'}"
    return "must not be empty" if "of length >= 1" in reason else reason


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
