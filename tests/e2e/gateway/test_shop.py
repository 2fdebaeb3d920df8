"""A shop with a menu, from the packaged function behind API Gateway."""

from urllib.parse import urlsplit

import requests

from tests.e2e.gateway.conftest import Send
from tests.e2e.packaged import Packaged
from tests.hardening.target import Target, User
from tests.samples import order, shop_content, shop_response


def test_order_must_have_the_price_of_the_menu(
    target: Target, send: Send, customer: User, accountid: str
) -> None:
    vendorid = f"harbour {accountid}"
    barista = target.sign_in(vendorid)
    published = send("PUT", "/shop", barista, {"shop": shop_content()}, vendorid=vendorid)
    assert (published.status_code, published.json()) == (201, {"shop": shop_response(vendorid)})
    shop = send("GET", "/shop", vendorid=vendorid)
    assert (shop.json(), shop.headers["ETag"]) == (published.json(), published.headers["ETag"])

    def put(etag: str) -> int:
        body, headers = {"shop": shop_content(name="New")}, {"If-Match": etag}
        return send("PUT", "/shop", barista, body, headers, vendorid=vendorid).status_code

    assert (put('"x"'), put(shop.headers["ETag"])) == (412, 200)

    def place(number: int, **details: str) -> requests.Response:
        body = order(f"{accountid}-{number}", vendorid, coffeetype="Flat White", **details)
        if not details:
            del body["details"]["unitprice"]
        return send("POST", "/order", customer, {"order": body})

    response = place(1)
    assert response.status_code == 201
    assert response.json()["order"]["details"]["unitprice"] == "4.50"
    response = place(2, unitprice="4.40")
    assert (response.status_code, response.json()["Code"]) == (409, "NotOnMenuError")


def test_qr_code_is_a_cacheable_image(packaged: Packaged, send: Send) -> None:
    response = send("GET", "/shop/qr.svg", vendorid="harbour")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Cache-Control"].startswith("public, max-age=")
    assert response.text.startswith("<svg")
    assert urlsplit(packaged.api_url).path  # the URL includes a stage
