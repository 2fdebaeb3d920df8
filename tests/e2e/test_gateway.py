"""The contract behind API Gateway, on the packaged function. tests/hardening tests its errors."""

import pytest
import requests

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
    keys = [{"accountid": f"{accountid}-{number}", "vendorid": vendorid} for number in range(3)]
    for key in keys:
        assert send("POST", "/order", customer, {"order": order(**key)}).status_code == 201
        assert send("GET", "/order", **key).json() == {"order": placed_order(**key)}

    def statuses(response: requests.Response) -> list[tuple[str, str]]:
        orders = response.json()["orders"]
        return [(order["accountid"][-1], order["status"]) for order in orders]

    for status in ("preparing", "ready", "collected"):
        response = send("PATCH", "/order", barista, {"status": status}, **keys[0])
        assert response.json() == {"order": {**placed_order(**keys[0]), "status": status}}
    response = send("DELETE", "/order", customer, **keys[1])
    assert response.json() == {"order": {**placed_order(**keys[1]), "status": "cancelled"}}
    assert statuses(send("GET", "/orders", barista, vendorid=vendorid)) == [("2", "placed")]
    expected = [("2", "placed"), ("1", "cancelled"), ("0", "collected")]
    first_page = send("GET", "/orders", customer, limit="2")
    assert statuses(first_page) == expected[:2]
    last_page = send("GET", "/orders", customer, limit="2", cursor=first_page.json()["cursor"])
    assert statuses(last_page) == expected[2:]
    content = {"shop": shop_content()}
    assert send("PUT", "/shop", barista, content, vendorid=vendorid).status_code == 201
    image = send("GET", "/shop/qr.svg", vendorid=vendorid)
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/svg+xml")
    assert image.text.startswith("<svg")
