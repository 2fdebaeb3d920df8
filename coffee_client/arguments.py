"""Checks arguments before they are sent. A bad one is an ArgumentError, which names it."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from coffee_client.errors import ArgumentError

# An entity tag in ASCII (RFC 9110, 8.8.3). The service has no weak ones.
_ETAG = re.compile(r'"[!#-~]*"|\*')


def check_text(name: str, value: str) -> str:
    """Return the text. Raises ArgumentError if it has half of a surrogate pair."""
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise ArgumentError(f"{name}: is not valid text")
    return value


def check_etag(name: str, value: str) -> str:
    """Return the value of a precondition: an ETag, or `*`. Raises ArgumentError."""
    if not _ETAG.fullmatch(value):
        rule = 'must be an ETag in straight double quotes, such as "1a2b"'
        raise ArgumentError(f"{name}: {rule}, not {value}")
    return value


def encode_json(content: Mapping[str, Any]) -> bytes:
    """Return the body of a request. A Decimal becomes a string.

    Raises ArgumentError for a float and for other types that JSON does not have.
    """
    return json.dumps(_plain("", content)).encode()


def _plain(path: str, value: Any) -> Any:
    """Return a value in JSON's types. `path` names it, as in `shop.menu[0].coffeetype`."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return check_text(path, value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {name: _plain(f"{path}.{name}".lstrip("."), item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(f"{path}[{index}]", item) for index, item in enumerate(value)]
    reason = ", because a float is not exact" if isinstance(value, float) else ""
    raise ArgumentError(f"{path}: must be a str, an int or a Decimal, not {value!r}{reason}")
