"""The page: the files of `static/`, as they are sent to a browser.

app.py loads this module with the first request for one of them, so that an order pays nothing
for it. Only index.html is filled in: where the page lives, and where its customers sign in.
"""

import hashlib
import os
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from string import Template
from typing import NamedTuple

from chalicelib import settings
from chalicelib.errors import NotFoundError

_FOLDER = Path(__file__).with_name("static")
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class File(NamedTuple):
    """A file, and the headers that go with it."""

    content: str
    headers: dict[str, str]

    def is_known_as(self, if_none_match: str | None) -> bool:
        """Tell whether a browser that sends this `If-None-Match` has the file already.

        A gateway that compresses may weaken a tag, so `W/` makes no difference (RFC 9110, 13.1.2).
        """
        known = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
        return "*" in known or self.headers["ETag"] in known


def html(path: str) -> File:
    """Return the page for the URL path that it is asked at, which begins with the stage.

    The page finds its files beside itself; where its path is `/prod`, with no slash at the end,
    a browser has to be told.
    """
    base = "" if path.endswith("/") else f'<base href="{escape(path)}/">'
    return _html(base, _cognito(), settings.required("CLIENT_ID"))


@cache
def names() -> list[str]:
    """Return the names of the files that the page asks for."""
    return sorted(file.name for file in _FOLDER.iterdir() if file.name != "index.html")


@cache
def static(name: str) -> File:
    """Return a file that the page asks for. Raises NotFoundError."""
    if name not in names():
        raise NotFoundError("The page has no such file")
    return _file((_FOLDER / name).read_text("utf-8"), Path(name).suffix)


@lru_cache(maxsize=8)
def _html(base: str, cognito: str, client_id: str) -> File:
    filled = Template((_FOLDER / "index.html").read_text("utf-8")).substitute(
        base=base, cognito=escape(cognito), client_id=escape(client_id)
    )
    file = _file(filled, ".html")
    file.headers["Content-Security-Policy"] = _policy(cognito)
    return file


def _file(content: str, suffix: str) -> File:
    tag = hashlib.sha256(content.encode()).hexdigest()[:16]
    return File(
        content,
        {
            "Content-Type": _CONTENT_TYPES[suffix],
            "ETag": f'"{tag}"',
            # Kept, and asked about each time: the answer is 304 until the next deployment.
            "Cache-Control": "public, no-cache",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        },
    )


def _cognito() -> str:
    """Return where the browser finds Cognito: AWS's own, unless boto3 is sent elsewhere, too."""
    region = settings.required("USER_POOL_ARN").split(":")[3]
    return (
        os.environ.get("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER")
        or os.environ.get("AWS_ENDPOINT_URL")
        or f"https://cognito-idp.{region}.amazonaws.com"
    )


def _policy(cognito: str) -> str:
    """Return what the page may do: its own files, its own API, Cognito, and nothing else."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src 'self' {cognito}",
            "base-uri 'self'",
            "form-action 'none'",  # a form is sent by script or not at all: never into a URL
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",  # no text becomes HTML or script
        ]
    )
