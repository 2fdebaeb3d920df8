"""The page: the files of `static/`, as they are sent to a browser.

app.py loads this module with the first request for one of them, so that an order pays nothing
for it. Only index.html is filled in: where its files are, and where its customers sign in.
"""

import hashlib
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from string import Template
from typing import NamedTuple

from chalicelib import settings
from chalicelib.errors import NotFoundError

_FOLDER = Path(__file__).with_name("static")
_ASK_EACH_TIME = "public, no-cache"  # 304 is the answer until the next deployment
_KEEP = "public, max-age=31536000, immutable"
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
    region = settings.required("USER_POOL_ARN").split(":")[3]
    return _html(base, settings.cognito(region), settings.required("CLIENT_ID"))


@cache
def names() -> list[str]:
    """Return the names of the files that the page asks for."""
    return sorted(file.name for file in _FOLDER.iterdir() if file.name != "index.html")


def static(version: str, name: str) -> File:
    """Return a file that the page asks for. Raises NotFoundError.

    Its URL has the version of all files together, so a browser may keep it for good: after a
    deployment the page names another. A page from before then still gets what there is now.
    """
    if name not in names():
        raise NotFoundError("The page has no such file")
    return _file(_text(name), Path(name).suffix, _KEEP if version == _version() else _ASK_EACH_TIME)


@lru_cache(maxsize=8)
def _html(base: str, cognito: str, client_id: str) -> File:
    filled = Template(_text("index.html")).substitute(
        base=base,
        static=f"static/{_version()}",
        cognito=escape(cognito),
        client_id=escape(client_id),
    )
    file = _file(filled, ".html", _ASK_EACH_TIME)
    return file._replace(headers={**file.headers, "Content-Security-Policy": _policy(cognito)})


@cache
def _text(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


@cache
def _version() -> str:
    return _digest("".join(_text(name) for name in names()))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _file(content: str, suffix: str, caching: str) -> File:
    return File(
        content,
        {
            "Content-Type": _CONTENT_TYPES[suffix],
            "ETag": f'"{_digest(content)}"',
            "Cache-Control": caching,
        },
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
