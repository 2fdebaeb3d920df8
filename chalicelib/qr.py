"""The QR code of a shop. app.py imports this module, and segno, with the first request for one."""

from io import BytesIO
from urllib.parse import quote

import segno
from chalice import BadRequestError
from chalice.app import Request

from chalicelib import page

_ROUTE = "/shop/qr.svg"


def svg(request: Request, vendorid: str) -> str:
    """Return an SVG image of a QR code with the URL of the shop's page. Raises BadRequestError."""
    image = BytesIO()
    try:
        code = segno.make_qr(page_url(request, vendorid), error="m")
    except segno.DataOverflowError:
        raise BadRequestError("The address of the shop's page is too long for a QR code") from None
    code.save(image, kind="svg", xmldecl=False, scale=8, border=4)
    return image.getvalue().decode()


def page_url(request: Request, vendorid: str) -> str:
    """Return the URL of the shop's page, at the address of the request."""
    return f"{page.base_url(request, _ROUTE)}/#order?shop={quote(vendorid, safe='')}"
