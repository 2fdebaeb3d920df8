"""Checks of a service's address and region. Their errors begin with a verb, as in "must be ..."."""

import re
from urllib.parse import urlsplit

from coffee_client.text import printable

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")  # as in us-gov-east-1


def normalize_http_url(text: str) -> str:
    """Return an address such as `https://x.example/prod`, without blanks or `/` at its ends.

    Raises ValueError.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is not a valid address: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that starts with http:// or https://")
    if parts.username is not None or re.search(r"[?#\s\\]", url) or printable(url) != url:
        raise ValueError("must have no user name, query, fragment, blank or control character")
    return url.rstrip("/")


def check_region(text: str) -> str:
    """Return the name of an AWS region, without blanks at its ends. Raises ValueError."""
    region = text.strip()
    if not _REGION.fullmatch(region):
        raise ValueError("must be an AWS region such as eu-west-1")
    return region
