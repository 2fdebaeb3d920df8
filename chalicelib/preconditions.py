"""Preconditions of a request: the headers `If-Match` and `If-None-Match` (RFC 9110, section 13).

app.py reads them once for each request. Files and shops compare them with the present ETag.
conditions.py makes them clauses of a write.
"""

import re
from typing import NamedTuple

from chalice import BadRequestError
from chalice.app import Request

from chalicelib.errors import PreconditionFailedError

# A list may have empty elements: https://www.rfc-editor.org/rfc/rfc9110.html#section-5.6.1.2
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\U0010ffff]*"'
# A client knows one or two versions. DynamoDB accepts 100 values in a list.
_LIST = rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG}){{0,19}}[ \t,]*"

ANY = ("*",)


class Preconditions(NamedTuple):
    """The tags of both headers, with their quotes; ANY for `*`, None without the header."""

    if_match: tuple[str, ...] | None = None
    if_none_match: tuple[str, ...] | None = None

    def match(self, etag: str | None) -> bool:
        """Return whether `If-Match` holds; always without it. `etag` is None if nothing exists.

        The comparison is strong (13.1.1), so a weak tag never matches.
        """
        if self.if_match is None or etag is None:
            return self.if_match is None
        return self.if_match == ANY or etag in self.if_match

    def none_match(self, etag: str | None) -> bool:
        """Return whether `If-None-Match` holds; always without it.

        The comparison is weak (13.1.2), as a gateway that compresses may prefix an ETag with `W/`.
        """
        if self.if_none_match is None or etag is None:
            return True
        tags = [tag.removeprefix("W/") for tag in self.if_none_match]
        return self.if_none_match != ANY and etag not in tags

    def require(self, etag: str | None, message: str) -> None:
        """Raise PreconditionFailedError with the message unless both hold."""
        if not (self.match(etag) and self.none_match(etag)):
            raise PreconditionFailedError(message)


def read(request: Request) -> Preconditions:
    """Return the preconditions of a request. Raises BadRequestError for a malformed header."""
    return Preconditions(_tags(request, "If-Match"), _tags(request, "If-None-Match"))


def _tags(request: Request, name: str) -> tuple[str, ...] | None:
    if name not in request.headers:
        return None
    # A repeated header is one list (RFC 9110, 5.3). Chalice knows the last value only; API
    # Gateway's event has all of them.
    repeated = request.to_original_event().get("multiValueHeaders") or {}
    values = {key.lower(): values for key, values in repeated.items()}
    text = ", ".join(values.get(name.lower(), [request.headers[name]])).strip(" \t")
    if text == "*":
        return ANY
    if not re.fullmatch(_LIST, text):  # compiled with the first header, not in a cold start
        raise BadRequestError(f'{name}: must be * or a list of up to 20 ETags, such as "3f2a"')
    return tuple(re.findall(_TAG, text))
