"""From an HTTP request to typed values, or to the failure to answer with."""

from typing import TypeVar

from chalice.app import Request

from chalicelib import messages
from chalicelib.errors import BadRequestError, PayloadTooLargeError

# An order with every field at its longest, all of it written as JSON escapes, has 6 KB.
_MAX_BODY = 16 * 1024  # bytes


_T = TypeVar("_T")


def body(request: Request, kind: type[_T]) -> _T:
    """Read a Placing or a Step. Raises BadRequestError or PayloadTooLargeError."""
    raw = request.raw_body
    if len(raw) > _MAX_BODY:
        raise PayloadTooLargeError(f"The body is larger than {_MAX_BODY} bytes")
    try:
        return messages.parse(raw if isinstance(raw, bytes) else raw.encode(), kind)
    except messages.InvalidMessageError as error:
        raise BadRequestError(str(error)) from None


def query(request: Request, kind: type[_T]) -> _T:
    """Read a Key or a Listing from the query. Raises BadRequestError."""
    try:
        return messages.check(_once_each(request), kind)
    except messages.InvalidMessageError as error:
        raise BadRequestError(str(error)) from None


def _once_each(request: Request) -> dict[str, str]:
    """Return the query's parameters; each may be given once."""
    parameters = request.query_params
    if parameters is None:
        return {}
    fields = {}
    for name in parameters:
        value, *more = parameters.getlist(name)
        if more:
            raise BadRequestError(f"{name}: is given more than once")
        fields[name] = value
    return fields
