"""A shop with a menu, from the packaged function behind the gateway."""

from urllib.parse import urlsplit

import pytest
import requests

from coffee_client import Session
from tests.e2e.conftest import NewStaff
from tests.e2e.gateway.conftest import Send
from tests.e2e.packaged import Packaged
from tests.samples import order, shop_content, shop_response


@pytest.fixture
def vendorid(accountid: str) -> str:
    return f"harbour {accountid}"


@pytest.fixture
def staff(new_staff: NewStaff, vendorid: str) -> Session:
    return new_staff(vendorid)


def test_shop_from_publishing_to_closing(
    send: Send,
    signed_in_customer: Session,
    staff: Session,
    accountid: str,
    vendorid: str,
) -> None:
    assert send("GET", "/shop", vendorid=vendorid).status_code == 404
    body = {"shop": shop_content()}
    published = send("PUT", "/shop", staff, body, vendorid=vendorid)
    assert (published.status_code, published.json()) == (201, {"shop": shop_response(vendorid)})
    assert send("PUT", "/shop", signed_in_customer, body, vendorid=vendorid).status_code == 403
    shop = send("GET", "/shop", vendorid=vendorid)
    assert (shop.json(), shop.headers["ETag"]) == (published.json(), published.headers["ETag"])

    def put(etag: str) -> int:
        body, headers = {"shop": shop_content(name="New")}, {"If-Match": etag}
        return send("PUT", "/shop", staff, body, headers, vendorid=vendorid).status_code

    assert (put('"x"'), put(shop.headers["ETag"])) == (412, 200)

    def place(number: int, **details: str) -> requests.Response:
        sent = order(f"{accountid}-{number}", vendorid, coffeetype="Flat White", **details)
        if not details:
            del sent["details"]["unitprice"]
        return send("POST", "/order", signed_in_customer, {"order": sent})

    placed = place(1)
    assert placed.status_code == 201
    assert placed.json()["order"]["details"]["unitprice"] == "4.50"
    refused = place(2, unitprice="4.40")
    assert (refused.status_code, refused.json()["Code"]) == (409, "NotOnMenuError")
    # Other instances of the function may know the open shop for 5 more seconds.
    changed = send("PATCH", "/shop", staff, {"open": False, "note": "Back at 2"}, vendorid=vendorid)
    assert changed.json()["shop"]["note"] == "Back at 2"
    assert send("GET", "/shop", vendorid=vendorid).json() == changed.json()


def test_qr_code_is_an_image_that_may_be_cached(packaged: Packaged, send: Send) -> None:
    answer = send("GET", "/shop/qr.svg", vendorid="harbour")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert answer.text.startswith("<svg")
    assert urlsplit(packaged.api_url).path  # a stage is part of the address
