"""The failures a client can meet, each with its HTTP status.

Chalice turns them into `{"Code": ..., "Message": ...}`. A message names the field or says
what to do; it never says who placed an order, nor anything about the inside.
"""

from collections.abc import Callable

from chalice import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    Response,
    TooManyRequestsError,
    UnauthorizedError,
)
from chalice.app import ChaliceViewError, Request

__all__ = [
    "BadRequestError",
    "ConflictError",
    "ForbiddenError",
    "NotFoundError",
    "PayloadTooLargeError",
    "ServiceUnavailableError",
    "TooManyRequestsError",
    "UnauthorizedError",
    "say_when_to_retry",
]

# Long enough for a burst to pass, short enough for somebody who waits for a coffee.
_RETRY_AFTER = {429: "1", 503: "2"}  # seconds


class PayloadTooLargeError(ChaliceViewError):
    """The body is larger than any order can be."""

    STATUS_CODE = 413


class ServiceUnavailableError(ChaliceViewError):
    """The table can't be reached. Nothing is known to be wrong with the request."""

    STATUS_CODE = 503


def say_when_to_retry(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice middleware: an answer worth retrying says when, in `Retry-After`."""
    response = get_response(request)
    if seconds := _RETRY_AFTER.get(response.status_code):
        response.headers["Retry-After"] = seconds
    return response
