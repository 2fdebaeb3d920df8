"""A shop with a menu, from the packaged function behind the gateway."""

from urllib.parse import urlsplit

import pytest
import requests

from coffee_client import Accounts, Session
from tests.e2e.gateway.conftest import Ask, new_staff
from tests.e2e.packaged import Packaged
from tests.samples import offered, order, shop_content


@pytest.fixture
def vendorid(accountid: str) -> str:
    return f"harbour {accountid}"


@pytest.fixture
def staff(packaged: Packaged, accounts: Accounts, vendorid: str) -> Session:
    return new_staff(packaged, accounts, vendorid)


def test_shop_from_publishing_to_closing(
    ask: Ask,
    packaged: Packaged,
    signed_in_customer: Session,
    staff: Session,
    accountid: str,
    vendorid: str,
) -> None:
    assert ask("GET", "/shop", vendorid=vendorid).status_code == 404
    body = {"shop": shop_content()}
    published = ask("PUT", "/shop", staff, body, vendorid=vendorid)
    assert (published.status_code, published.json()) == (201, {"shop": offered(vendorid)})
    assert ask("PUT", "/shop", signed_in_customer, body, vendorid=vendorid).status_code == 403
    found = ask("GET", "/shop", vendorid=vendorid)
    assert (found.json(), found.headers["ETag"]) == (published.json(), published.headers["ETag"])

    def put(etag: str) -> int:
        return requests.put(
            f"{packaged.api_url}/shop",
            params={"vendorid": vendorid},
            json={"shop": shop_content(name="New")},
            headers={"Authorization": staff.id_token(), "If-Match": etag},
            timeout=30,
        ).status_code

    assert (put('"x"'), put(found.headers["ETag"])) == (412, 200)

    def place(number: int, **details: str) -> requests.Response:
        sent = order(f"{accountid}-{number}", vendorid, coffeetype="Flat White", **details)
        if not details:
            del sent["details"]["unitprice"]
        return ask("POST", "/order", signed_in_customer, {"order": sent})

    placed = place(1)
    assert placed.status_code == 201
    assert placed.json()["order"]["details"]["unitprice"] == "4.50"
    refused = place(2, unitprice="4.40")
    assert (refused.status_code, refused.json()["Code"]) == (409, "NotOnMenuError")
    # Other instances of the function may know the open shop for 5 more seconds.
    changed = ask("PATCH", "/shop", staff, {"open": False, "note": "Back at 2"}, vendorid=vendorid)
    assert changed.json()["shop"]["note"] == "Back at 2"
    assert ask("GET", "/shop", vendorid=vendorid).json() == changed.json()


def test_page_may_publish_from_another_origin(packaged: Packaged) -> None:
    preflight = requests.options(f"{packaged.api_url}/shop", timeout=30)
    assert "If-Match" in preflight.headers["Access-Control-Allow-Headers"]
    assert {"PUT", "PATCH"} <= set(preflight.headers["Access-Control-Allow-Methods"].split(","))


def test_qr_code_is_an_image_that_may_be_cached(packaged: Packaged) -> None:
    answer = requests.get(
        f"{packaged.api_url}/shop/qr.svg", params={"vendorid": "harbour"}, timeout=30
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert answer.text.startswith("<svg")
    assert urlsplit(packaged.api_url).path  # a stage is part of the address
