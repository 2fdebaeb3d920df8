"""The contract behind API Gateway, on the packaged function. tests/hardening tests its errors."""

import pytest

from tests.e2e.packaged import Packaged
from tests.samples import order, placed_order, shop_content


@pytest.mark.parametrize("scheme", ["", "Bearer "])  # the story of `make test`
def test_order_is_created(packaged: Packaged, accountid: str, scheme: str) -> None:
    send, customer = packaged.request, packaged.sign_in()
    token = {"Authorization": scheme + customer.id_token}
    response = send("POST", "/order", body={"order": order(accountid)}, headers=token)
    assert (response.status_code, response.json()) == (201, {"order": placed_order(accountid)})
    assert response.headers["Location"] == f"?accountid={accountid}&vendorid=v0"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    stored = send("GET", "/order", accountid=accountid, vendorid="v0")
    assert (stored.status_code, stored.json()) == (200, {"order": placed_order(accountid)})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["v/0", "50%", "a+b&c=d", "Zoë ☕", "'; --<b>", "x,vendor-y"])
def test_vendor_id_with_special_characters_is_accepted(
    packaged: Packaged, accountid: str, name: str
) -> None:
    send, customer = packaged.request, packaged.sign_in()
    vendorid = f"{name} {accountid}"
    barista = packaged.sign_in(vendorid)
    key = {"accountid": accountid, "vendorid": vendorid}
    assert send("POST", "/order", customer, {"order": order(**key)}).status_code == 201
    response = send("PATCH", "/order", barista, {"status": "preparing"}, **key)
    expected = {**placed_order(**key), "status": "preparing"}
    assert response.json() == send("GET", "/order", **key).json() == {"order": expected}
    queue = send("GET", "/orders", barista, vendorid=vendorid).json()["orders"]
    assert queue == [expected]
    content = {"shop": shop_content()}
    assert send("PUT", "/shop", barista, content, vendorid=vendorid).status_code == 201
    image = send("GET", "/shop/qr.svg", vendorid=vendorid)
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/svg+xml")
    assert image.text.startswith("<svg")
