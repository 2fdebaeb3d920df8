"""Cursors: opaque text with the position in a list at which the next page begins.

A cursor is not secret. It contains a position only; the request that sends it back decides which
list is read, so a cursor grants no access. Its checksum covers the caller and the list. A changed
cursor, or one of another list, is rejected.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Annotated, NamedTuple

import msgspec
from chalice import BadRequestError
from msgspec import Meta

from chalicelib.orders import Id

_LIFETIME = 24 * 3600  # seconds; by then the list has changed too much to continue
_CLOCK_SKEW = 60  # seconds that two servers' clocks may differ by
_CHECKSUM_SIZE = 12  # bytes

# When the cursor was created, and the position, within the limits of a key in DynamoDB.
_Content = tuple[
    Annotated[int, Meta(ge=0, le=1 << 40)],
    Annotated[str, Meta(min_length=1, max_length=40)],
    Id,
    Id,
]


class Position(NamedTuple):
    """The last order of a page: its `placed_at` and its key."""

    placed_at: str
    accountid: str
    vendorid: str


def encode(position: Position, *list_id: str | None) -> str:
    """Return the cursor of a position in the list that `list_id` identifies."""
    content = msgspec.json.encode((int(time.time()), *position))
    return _to_text(_checksum(content, list_id) + content)


def decode(cursor: str, *list_id: str | None) -> Position:
    """Return the position in the same list. Raises BadRequestError for any other cursor."""
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    checksum, content = raw[:_CHECKSUM_SIZE], raw[_CHECKSUM_SIZE:]
    # The base64 decoder skips unknown characters, so compare the text as well.
    if checksum != _checksum(content, list_id) or _to_text(raw) != cursor:
        raise BadRequestError("cursor: does not belong to this list")
    try:
        created_at, *position = msgspec.json.decode(content, type=_Content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The checksum is not secret, so anybody can compute one for other content.
        raise BadRequestError("cursor: does not belong to this list") from None
    if not -_CLOCK_SKEW <= time.time() - created_at <= _LIFETIME:
        raise BadRequestError("cursor: has expired; start again without one")
    return Position(*position)


def _checksum(content: bytes, list_id: tuple[str | None, ...]) -> bytes:
    data = msgspec.json.encode(list_id) + content
    return blake2b(data, digest_size=_CHECKSUM_SIZE).digest()


def _to_text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
