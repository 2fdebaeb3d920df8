"""The files that the service serves: the page in `static/`, the OpenAPI document, QR codes.

app.py imports this module with the first request for a file, so that it does not slow down orders.
index.html is a template for the addresses of its files and of Cognito, and for limits of an order.
"""

import hashlib
import json
import os
import re
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from string import Template
from urllib.parse import quote

from chalice import BadRequestError, NotFoundError, Response
from chalice.app import Request

from chalicelib import settings
from chalicelib.orders import Price, Quantity

_FOLDER = Path(__file__).with_name("static")
_LOCAL_SERVER = '"http://127.0.0.1:8000"'  # in openapi.json, which `make openapi` writes
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
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
# The page may use only its own files, its own API and, in a rule that is added, Cognito.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'self'; frame-ancestors 'none'; "
    "form-action 'none'; "  # scripts send the forms, so that no URL contains their fields
    "require-trusted-types-for 'script'"  # no string becomes HTML or script
)


def html(path: str) -> Response:
    """Return the page for the URL path of the request, which begins with the stage.

    The page's links are relative: a path without a slash at the end, as `/prod`, needs a `<base>`.
    """
    region = settings.required("USER_POOL_ARN").split(":")[3]
    cognito = settings.cognito_url(region)
    content = Template(_text("index.html")).substitute(
        base="" if path.endswith("/") else f'<base href="{escape(path)}/">',
        static=f"static/{_version()}",
        cognito=escape(cognito),
        client_id=escape(settings.required("CLIENT_ID")),
        # The key of the notifier's pushes. Without it, the page offers none.
        push_key=escape(os.environ.get("PUSH_PUBLIC_KEY", "")),
        min_quantity=Quantity.minimum,
        max_quantity=Quantity.maximum,
        price_length=len(f"{Price.maximum}.0000"),
    )
    page = _file(content, ".html", _REVALIDATE)
    page.headers["Content-Security-Policy"] = f"connect-src 'self' {cognito}; {_POLICY}"
    return page


@cache
def names() -> list[str]:
    """Return the names of the files that the page refers to."""
    files = {file.name for file in _FOLDER.iterdir()}
    return sorted(files - {"index.html", _WORKER})


def static(version: str, name: str) -> Response:
    """Return a file that the page refers to. Raises NotFoundError.

    The URL contains a version of all files, so a browser may cache a file for ever. A page from
    before a deployment gets the current file.
    """
    if name not in names():
        raise NotFoundError("The page has no such file")
    caching = _IMMUTABLE if version == _version() else _REVALIDATE
    return _file(_content(name), Path(name).suffix, caching)


def service_worker() -> Response:
    """Return the page's service worker, whose requests follow the policy of this response."""
    worker = _file(_text(_WORKER), ".js", _REVALIDATE)
    worker.headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return worker


def openapi(request: Request) -> Response:
    """Return the OpenAPI 3.1 document as JSON, with the service's URL as its server."""
    document = Path(__file__).with_name("openapi.json").read_text("utf-8")
    server = json.dumps(_base_url(request, "/openapi.json"))
    return _file(document.replace(_LOCAL_SERVER, server), ".json", "public, max-age=300")


def qr_code(request: Request, vendorid: str) -> Response:
    """Return an SVG image of a QR code with the URL of a shop's page. Raises BadRequestError."""
    import segno  # noqa: PLC0415 - nothing else needs it

    image = BytesIO()
    try:
        code = segno.make_qr(shop_url(request, vendorid), error="m")
    except segno.DataOverflowError:
        raise BadRequestError("The address of the shop's page is too long for a QR code") from None
    code.save(image, kind="svg", xmldecl=False, scale=8, border=4)
    return _file(image.getvalue().decode(), ".svg", "public, max-age=86400")


def shop_url(request: Request, vendorid: str) -> str:
    """Return the URL of a shop's page from a request for its QR code."""
    return f"{_base_url(request, '/shop/qr.svg')}/#order?shop={quote(vendorid, safe='')}"


def _base_url(request: Request, route: str) -> str:
    """Return the URL of the service from a request for this route, without a slash at the end.

    API Gateway's request context has the domain name, and the path with the stage or with the base
    path of a custom domain. `chalice local` has no domain name and no TLS.
    """
    domain = request.context.get("domainName")
    host = domain or request.headers.get("host", "127.0.0.1")
    scheme = "https" if domain else "http"
    base = request.context.get("path", route).rstrip("/").removesuffix(route)
    return f"{scheme}://{host}{base}"


@cache
def _text(name: str) -> str:
    """Return a file's text without comments and indentation, which are a quarter of the page."""
    text = (_FOLDER / name).read_text("utf-8")
    if name.endswith((".js", ".css")):
        text = _COMMENT.sub("", text)
    return _INDENTATION.sub("", text)


def _content(name: str) -> str | bytes:
    return (_FOLDER / name).read_bytes() if name.endswith(".png") else _text(name)


@cache
def _version() -> str:
    return _digest("".join(_digest(_content(name)) for name in names()))


def _digest(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()[:16]


def _file(content: str | bytes, suffix: str, caching: str) -> Response:
    headers = {"Content-Type": _CONTENT_TYPES[suffix], "ETag": f'"{_digest(content)}"'}
    return Response(content, {**headers, "Cache-Control": caching})
