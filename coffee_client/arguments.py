"""Checks addresses, and arguments before they are sent."""

import json
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from coffee_client.errors import ArgumentError

# An entity tag in ASCII (RFC 9110, 8.8.3). The service has no weak ones.
_ETAG = re.compile(r'"[!#-~]*"|\*')
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")  # as in us-gov-east-1


def normalize_http_url(text: str) -> str:
    """Return an address such as `https://x.example/prod`, without blanks or `/` at its ends.

    Raises ValueError, which begins with a verb, as in "must be ...".
    """
    url = str(text).strip()  # it may be None, as from an unset variable
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is not a valid address: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that starts with http:// or https://")
    has_control = any(unicodedata.category(char).startswith("C") for char in url)
    if parts.username is not None or has_control or re.search(r"[?#\s\\]", url):
        raise ValueError("must have no user name, query, fragment, blank or control character")
    return url.rstrip("/")


def check_region(text: str) -> str:
    """Return the name of an AWS region, without blanks at its ends. Raises ValueError."""
    region = str(text).strip()
    if not _REGION.fullmatch(region):
        raise ValueError("must be an AWS region such as eu-west-1")
    return region


def check_etag(name: str, value: str) -> str:
    """Return the value of a precondition: an ETag, or `*`. Raises ArgumentError."""
    if not _ETAG.fullmatch(str(value)):
        rule = 'must be an ETag in straight double quotes, such as "1a2b"'
        raise ArgumentError(f"{name}: {rule}, not {value}")
    return value


def encode_json(content: Mapping[str, Any]) -> bytes:
    """Return the body of a request. A Decimal becomes a string. Raises ArgumentError."""
    return json.dumps({name: to_plain(name, value) for name, value in content.items()}).encode()


def to_plain(path: str, value: Any) -> Any:
    """Return a value in JSON's types. `path` names it, as in `shop.menu[0].coffeetype`.

    Raises ArgumentError for a float and for other types that JSON does not have.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        if any("\ud800" <= char <= "\udfff" for char in value):  # half of a surrogate pair
            raise ArgumentError(f"{path}: is not valid text")
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return {
            to_plain(path, name): to_plain(f"{path}.{name}", item) for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [to_plain(f"{path}[{index}]", item) for index, item in enumerate(value)]
    reason = ", because a float is not exact" if isinstance(value, float) else ""
    raise ArgumentError(f"{path}: must be a str, an int or a Decimal, not {value!r}{reason}")
