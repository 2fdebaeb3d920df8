"""Cursors: opaque text that says where a page of a list ends and the next one begins.

A cursor is not secret. It holds a position in a list, and the request that brings it back
decides which list that is, so a cursor opens nothing that its owner may not read. A checksum
covers the caller and the list that it was made for. A changed cursor, or one of another list,
is refused instead of silently showing the wrong page.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from chalicelib.errors import BadRequestError
from chalicelib.orders import Id

_LIFETIME = 24 * 3600  # seconds; by then the list has changed too much to continue
_CLOCK_SKEW = 60  # seconds that two servers' clocks may differ by
_CHECKSUM_SIZE = 12  # bytes

# When the cursor was made, and the position; never more than DynamoDB accepts as a key.
_Content = tuple[
    Annotated[int, Meta(ge=0, le=1 << 40)],
    Annotated[str, Meta(min_length=1, max_length=40)],
    Id,
    Id,
]


class Position(NamedTuple):
    """The last order of a page: its time of arrival and its key."""

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
    # The base64 decoder skips characters that it does not know, so compare the text as well.
    if checksum != _checksum(content, list_id) or _to_text(raw) != cursor:
        raise BadRequestError("cursor: does not belong to this list")
    try:
        made_at, *position = msgspec.json.decode(content, type=_Content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The checksum is no secret: somebody may have computed one for content of their own.
        raise BadRequestError("cursor: does not belong to this list") from None
    if not -_CLOCK_SKEW <= time.time() - made_at <= _LIFETIME:
        raise BadRequestError("cursor: has expired; start again without one")
    return Position(*position)


def _checksum(content: bytes, list_id: tuple[str | None, ...]) -> bytes:
    covered = msgspec.json.encode(list_id) + content
    return blake2b(covered, digest_size=_CHECKSUM_SIZE).digest()


def _to_text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
