"""From an HTTP request to typed values, or to the failure to answer with."""

from chalice.app import Request

from chalicelib import orders
from chalicelib.errors import BadRequestError, PayloadTooLargeError

# An order with every field at its longest, all of it written as JSON escapes, has 6 KB.
_MAX_BODY = 16 * 1024  # bytes


def order(request: Request) -> orders.Order:
    """Read the order in the body. Raises BadRequestError or PayloadTooLargeError."""
    body = request.raw_body
    if len(body) > _MAX_BODY:
        raise PayloadTooLargeError(f"The body is larger than {_MAX_BODY} bytes")
    try:
        return orders.parse(body if isinstance(body, bytes) else body.encode())
    except orders.InvalidOrderError as error:
        raise BadRequestError(str(error)) from None


def key(request: Request) -> orders.Key:
    """Read `?accountid=...&vendorid=...`. Raises BadRequestError."""
    try:
        return orders.parse_key(_query(request))
    except orders.InvalidOrderError as error:
        raise BadRequestError(str(error)) from None


def _query(request: Request) -> dict[str, str]:
    """Return the query parameters; each may be given once."""
    parameters = request.query_params
    if parameters is None:
        return {}
    query = {}
    for name in parameters:
        value, *more = parameters.getlist(name)
        if more:
            raise BadRequestError(f"{name}: is given more than once")
        query[name] = value
    return query
