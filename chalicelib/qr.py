"""The QR code of a shop. app.py imports this module, and segno, with the first request for one."""

from io import BytesIO
from urllib.parse import quote

import segno
from chalice.app import Request

_ROUTE = "/shop/qr.svg"


def svg(request: Request, vendorid: str) -> str:
    """Return an SVG image of a QR code with the URL of the shop's page."""
    image = BytesIO()
    code = segno.make_qr(page_url(request, vendorid), error="m")
    code.save(image, kind="svg", xmldecl=False, scale=8, border=4)
    return image.getvalue().decode()


def page_url(request: Request, vendorid: str) -> str:
    """Return the URL of the shop's page, at the address of the request.

    API Gateway's request context has the domain name, and the path with the stage or with the base
    path of a custom domain. `chalice local` has no domain name and no TLS.
    """
    domain = request.context.get("domainName")
    host = domain or request.headers.get("host", "127.0.0.1")
    scheme = "https" if domain else "http"
    base = request.context.get("path", _ROUTE).rstrip("/").removesuffix(_ROUTE)
    return f"{scheme}://{host}{base}/#order?shop={quote(vendorid, safe='')}"
