"""Checks of a service's address."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from coffee_client.text import printable

_HOST_NAME = re.compile(r"[\w.-]+", re.ASCII)


def normalize_http_url(text: str) -> str:
    """Return an address such as `https://x.example/prod`, without blanks or `/` at its ends.

    Raises ValueError, whose message begins with a verb, as in "has no valid host name".
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is not a valid address: {error}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that starts with http:// or https://")
    if not _is_host(parts.hostname):
        raise ValueError(f"has no valid host name: {parts.hostname}")
    if parts.username is not None or re.search(r"[?#\s]", url) or printable(url) != url:
        raise ValueError("must have no user name, query, fragment, blank or control character")
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Return whether a valid address is on this machine, which no proxy can reach."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, 6.3
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host(host: str) -> bool:
    if ":" in host:  # IPv6, which urlsplit has checked
        return True
    try:
        return bool(_HOST_NAME.fullmatch(host.encode("idna").decode()))
    except UnicodeError:  # an empty label, or one that is too long
        return False
