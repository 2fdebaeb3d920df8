"""A shop, from the packaged function behind API Gateway: preconditions, and an image."""

import pytest

from tests.e2e.gateway.conftest import Send
from tests.hardening.target import Target
from tests.samples import shop_content

pytestmark = pytest.mark.slow


def test_shop_has_preconditions_and_a_qr_code(target: Target, send: Send, accountid: str) -> None:
    vendorid = f"harbour {accountid}"
    barista = target.sign_in(vendorid)
    published = send("PUT", "/shop", barista, {"shop": shop_content()}, vendorid=vendorid)
    assert published.status_code == 201

    def put(etag: str) -> int:
        body, headers = {"shop": shop_content(name="New")}, {"If-Match": etag}
        return send("PUT", "/shop", barista, body, headers, vendorid=vendorid).status_code

    assert (put('"x"'), put(published.headers["ETag"])) == (412, 200)
    image = send("GET", "/shop/qr.svg", vendorid=vendorid)
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/svg+xml")
    assert image.headers["Cache-Control"].startswith("public, max-age=")
    assert image.text.startswith("<svg")
