"""The files that the service serves: the page in `static/`, and the OpenAPI document.

app.py imports this module with the first request for a file, so that it does not slow down orders.
index.html is a template for the addresses of its files and of Cognito, and for limits of an order.
"""

import hashlib
import json
import os
import re
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from string import Template
from typing import NamedTuple

from chalice import NotFoundError
from chalice.app import Request

from chalicelib import settings
from chalicelib.orders import Price, Quantity

_FOLDER = Path(__file__).with_name("static")
_LOCAL_SERVER = '"http://127.0.0.1:8000"'  # in openapi.json
_WORKER = "sw.js"
_REVALIDATE = "public, no-cache"  # the response is 304 until the next deployment
_IMMUTABLE = "public, max-age=31536000, immutable"
# The scripts' comments: in lines of their own, and at the end of a line after two spaces or one.
_COMMENT = re.compile(r"^ *(//.*|/\*(.|\n)*?\*/)$| +// .*$", re.MULTILINE)
_INDENTATION = re.compile(r"^\s+", re.MULTILINE)
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


class File(NamedTuple):
    """A file and its headers."""

    content: str
    headers: dict[str, str]


def html(path: str) -> File:
    """Return the page for the URL path of the request, which begins with the stage.

    The page refers to its files relative to its own URL. If the path has no slash at the end, as
    in `/prod`, a browser needs a `<base>` for that.
    """
    base = "" if path.endswith("/") else f'<base href="{escape(path)}/">'
    region = settings.required("USER_POOL_ARN").split(":")[3]
    push_key = os.environ.get("PUSH_PUBLIC_KEY", "")
    return _html(base, settings.cognito_url(region), settings.required("CLIENT_ID"), push_key)


@cache
def names() -> list[str]:
    """Return the names of the files that the page refers to."""
    return sorted(
        file.name for file in _FOLDER.iterdir() if file.name not in {"index.html", _WORKER}
    )


def static(version: str, name: str) -> File:
    """Return a file that the page refers to. Raises NotFoundError.

    The URL contains a version of all files, so a browser may cache a file for ever: after a
    deployment the page refers to another version. A page from before the deployment gets the
    current file.
    """
    if name not in names():
        raise NotFoundError("The page has no such file")
    caching = _IMMUTABLE if version == _version() else _REVALIDATE
    return _file(_text(name), Path(name).suffix, caching)


def service_worker() -> File:
    """Return the page's service worker, whose requests follow the policy of this response."""
    file = _file(_text(_WORKER), ".js", _REVALIDATE)
    policy = "default-src 'none'; connect-src 'self'"
    return file._replace(headers={**file.headers, "Content-Security-Policy": policy})


def openapi(request: Request) -> str:
    """Return the OpenAPI 3.1 document as JSON, with the service's URL as its server.

    `make openapi` writes the file, whose server is that of `make run`.
    """
    document = Path(__file__).with_name("openapi.json").read_text("utf-8")
    return document.replace(_LOCAL_SERVER, json.dumps(base_url(request, "/openapi.json")))


def base_url(request: Request, route: str) -> str:
    """Return the URL of the service from a request for this route, without a slash at the end.

    API Gateway's request context has the domain name, and the path with the stage or with the base
    path of a custom domain. `chalice local` has no domain name and no TLS.
    """
    domain = request.context.get("domainName")
    host = domain or request.headers.get("host", "127.0.0.1")
    scheme = "https" if domain else "http"
    base = request.context.get("path", route).rstrip("/").removesuffix(route)
    return f"{scheme}://{host}{base}"


@lru_cache(maxsize=8)
def _html(base: str, cognito: str, client_id: str, push_key: str) -> File:
    content = Template(_text("index.html")).substitute(
        base=base,
        static=f"static/{_version()}",
        cognito=escape(cognito),
        client_id=escape(client_id),
        push_key=escape(push_key),
        min_quantity=Quantity.minimum,
        max_quantity=Quantity.maximum,
        price_length=len(f"{Price.maximum}.0000"),
    )
    file = _file(content, ".html", _REVALIDATE)
    return file._replace(headers={**file.headers, "Content-Security-Policy": _policy(cognito)})


@cache
def _text(name: str) -> str:
    """Return a file's text without comments and indentation, which are a quarter of the page."""
    text = (_FOLDER / name).read_text("utf-8")
    if name.endswith((".js", ".css")):
        text = _COMMENT.sub("", text)
    return _INDENTATION.sub("", text)


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
    """Return the page's policy, which allows only its own files, its own API and Cognito."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src 'self' {cognito}",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'self'",
            "form-action 'none'",  # scripts send the forms, so that no URL contains their fields
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",  # no string becomes HTML or script
        ]
    )
