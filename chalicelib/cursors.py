"""Cursors: where a page of a list ends, to be handed back for the next page.

A cursor holds nothing that its owner may not know, and leads nowhere else: it is a place in
a list, and which list is decided by the request that brings it back. So it needs no secret.
Its checksum covers the caller and the list it was made for, so that one that was changed or
that belongs elsewhere is refused instead of silently showing the wrong page.
"""

import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from chalicelib.errors import BadRequestError
from chalicelib.orders import Id

_LIFETIME = 24 * 3600  # seconds; a list has moved on by then
_SKEW = 60  # seconds that clocks may differ by
_CHECKSUM = 12  # bytes

# When it was made, and the position; no more than DynamoDB takes as a key.
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


def seal(position: Position, *bound_to: str | None) -> str:
    """Make a cursor for a position in the list that `bound_to` names."""
    content = msgspec.json.encode((int(time.time()), *position))
    return _to_text(_checksum(content, bound_to) + content)


def unseal(cursor: str, *bound_to: str | None) -> Position:
    """Return the position in the same list. Raises BadRequestError for any other cursor."""
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raw = b""
    checksum, content = raw[:_CHECKSUM], raw[_CHECKSUM:]
    # base64 overlooks characters that are not its own, so the text is compared as well.
    if checksum != _checksum(content, bound_to) or _to_text(raw) != cursor:
        raise BadRequestError("cursor: is not one of this list")
    try:
        made_at, *position = msgspec.json.decode(content, type=_Content)
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        RecursionError,
    ):  # somebody has worked out how a cursor is made
        raise BadRequestError("cursor: is not one of this list") from None
    if not -_SKEW <= time.time() - made_at <= _LIFETIME:
        raise BadRequestError("cursor: is too old; start again without one")
    return Position(*position)


def _checksum(content: bytes, bound_to: tuple[str | None, ...]) -> bytes:
    list_and_place = msgspec.json.encode(bound_to) + content
    return blake2b(list_and_place, digest_size=_CHECKSUM).digest()


def _to_text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
