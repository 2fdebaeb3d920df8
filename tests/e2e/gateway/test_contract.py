"""The contract, on the packaged function. tests/hardening tests its errors there."""

import json

import pytest
import requests

from tests.e2e.gateway.conftest import Send
from tests.e2e.packaged import Packaged
from tests.hardening.target import Target, User
from tests.samples import order, placed_order


@pytest.mark.parametrize("scheme", ["", "Bearer "])  # the story of `make test`
def test_order_is_created(send: Send, customer: User, accountid: str, scheme: str) -> None:
    token = {"Authorization": scheme + customer.id_token}
    response = send("POST", "/order", body={"order": order(accountid)}, headers=token)
    assert (response.status_code, response.json()) == (201, {"order": placed_order(accountid)})
    assert response.headers["Location"] == f"?accountid={accountid}&vendorid=v0"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    stored = send("GET", "/order", accountid=accountid, vendorid="v0")
    assert (stored.status_code, stored.json()) == (200, {"order": placed_order(accountid)})


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["v/0", "50%", "a+b&c=d", "Zoë ☕", "\u202e咖啡", "'; --<b>", "x,vendor-y"]
)
def test_vendor_id_with_special_characters_is_accepted(
    target: Target, send: Send, customer: User, accountid: str, name: str
) -> None:
    vendorid = f"{name} {accountid}"
    barista = target.sign_in(vendorid)
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
    assert statuses(send("GET", "/orders", customer)) == expected
    first_page = send("GET", "/orders", customer, limit="2")
    assert statuses(first_page) == expected[:2]
    last_page = send("GET", "/orders", customer, limit="2", cursor=first_page.json()["cursor"])
    assert statuses(last_page) == expected[2:]
    assert "cursor" not in last_page.json()


@pytest.mark.slow
def test_openapi_document_is_the_committed_one(packaged: Packaged, send: Send) -> None:
    committed = packaged.project.folder / "chalicelib/openapi.json"
    document = send("GET", "/openapi.json").json()
    assert document.pop("servers")[0]["url"].startswith(("http://", "https://"))
    assert document.items() <= json.loads(committed.read_text()).items()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "methods", "headers"),
    [
        ("/order", ["POST"], {"Authorization", "Content-Type"}),
        ("/shop", ["PUT", "PATCH"], {"Authorization", "Content-Type", "If-Match"}),
    ],
)
def test_preflight_does_not_reach_the_function(
    packaged: Packaged, send: Send, path: str, methods: list[str], headers: set[str]
) -> None:
    log_lines = len(packaged.log_lines())
    preflight = {
        "Origin": packaged.cloud.endpoint_url,  # local/gate.py rejects all others
        "Access-Control-Request-Method": methods[0],
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    response = send("OPTIONS", path, headers=preflight)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert set(methods) <= set(response.headers["Access-Control-Allow-Methods"].split(","))
    assert headers <= set(response.headers["Access-Control-Allow-Headers"].split(","))
    assert len(packaged.log_lines()) == log_lines
