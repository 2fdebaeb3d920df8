"""The errors that a client can receive besides Chalice's own, each with its HTTP status.

Chalice responds with `{"Code": <class name>, "Message": <text>}`. A message names the invalid
field or says what to do. It reveals neither who placed an order nor how the service works inside.
"""

from chalice import ConflictError
from chalice.app import ChaliceViewError


class NotOnMenuError(ConflictError):
    """The shop does not sell this coffee, in this size, or at this price."""


class SoldOutError(ConflictError):
    """The coffee is on the menu, but sold out."""


class ShopClosedError(ConflictError):
    """The shop takes no orders now."""


class PreconditionFailedError(ChaliceViewError):
    """`If-Match` or `If-None-Match` does not hold: the order or the shop has changed."""

    STATUS_CODE = 412


class PayloadTooLargeError(ChaliceViewError):
    """The body is larger than any valid request."""

    STATUS_CODE = 413


class UnsupportedMediaType(ChaliceViewError):  # noqa: N818 - Chalice's own code for this error
    """The body is not declared as JSON."""

    STATUS_CODE = 415


class ServiceUnavailableError(ChaliceViewError):
    """DynamoDB cannot be reached. The request itself may be fine."""

    STATUS_CODE = 503
