"""The contract, answer by answer, from the packaged function."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import requests

from coffee_client import Session
from tests.e2e.conftest import NewCustomer, NewStaff
from tests.e2e.gateway.conftest import Send
from tests.e2e.packaged import Packaged
from tests.samples import order, placed_order


@pytest.mark.parametrize("scheme", ["", "Bearer "])
def test_order_is_created(
    send: Send, signed_in_customer: Session, accountid: str, scheme: str
) -> None:
    token = {"Authorization": scheme + signed_in_customer.id_token()}
    answer = send("POST", "/order", body={"order": order(accountid)}, headers=token)
    assert (answer.status_code, answer.json()) == (201, {"order": placed_order(accountid)})
    assert answer.headers["Location"] == f"?accountid={accountid}&vendorid=v0"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    stored = send("GET", "/order", accountid=accountid, vendorid="v0")
    assert (stored.status_code, stored.json()) == (200, {"order": placed_order(accountid)})


def test_statuses_of_placing_and_looking_up(
    packaged: Packaged,
    send: Send,
    signed_in_customer: Session,
    new_customer: NewCustomer,
    accountid: str,
) -> None:
    body = {"order": order(accountid)}

    def post(
        body: Any, who: Session | None = signed_in_customer, kind: str = "application/json"
    ) -> int:
        return send("POST", "/order", who, body, {"Content-Type": kind}).status_code

    def get(accountid: str) -> int:
        return send("GET", "/order", accountid=accountid, vendorid="v0").status_code

    assert post(body) == 201
    assert post(body) == 200
    assert post({"order": order(accountid, quantity=0)}) == 400
    assert post(b"[" * 16_000) == 400
    assert post(b"") == 400
    assert post(body, None) == 401
    assert post(body, new_customer()) == 403
    assert post(b" " * 20_000) == 413
    assert post(b"x", kind="text/plain") == 415
    assert get(accountid) == 200
    assert get("") == 400
    assert get("nobody") == 404
    repeated = f"{packaged.api_url}/order?accountid=a&accountid=b&vendorid=v"
    message = requests.get(repeated, timeout=30).json()["Message"]
    assert message == "accountid: is given more than once"


@pytest.mark.parametrize("name", ["v 0", "v/0", "50%", "a+b", "a&b=c", "Zoë", "☕", "x,vendor-y"])
def test_vendor_id_with_special_characters(
    new_customer: NewCustomer, new_staff: NewStaff, send: Send, accountid: str, name: str
) -> None:
    name = f"{name} {accountid}"
    customer, barista = new_customer(), new_staff(name)
    keys = [{"accountid": f"{accountid}-{number}", "vendorid": name} for number in range(3)]
    for key in keys:
        assert send("POST", "/order", customer, {"order": order(**key)}).status_code == 201
        assert send("GET", "/order", **key).json() == {"order": placed_order(**key)}

    def statuses(answer: requests.Response) -> list[tuple[str, str]]:
        listed = answer.json()["orders"]
        return [(each["accountid"][-1], each["status"]) for each in listed]

    for step in ("preparing", "ready", "collected"):
        changed = send("PATCH", "/order", barista, {"status": step}, **keys[0])
        assert changed.json() == {"order": {**placed_order(**keys[0]), "status": step}}
    cancelled = send("DELETE", "/order", customer, **keys[1])
    assert cancelled.json() == {"order": {**placed_order(**keys[1]), "status": "cancelled"}}
    assert statuses(send("GET", "/orders", barista, vendorid=name)) == [("2", "placed")]
    own = [("2", "placed"), ("1", "cancelled"), ("0", "collected")]
    assert statuses(send("GET", "/orders", customer)) == own
    first = send("GET", "/orders", customer, limit="2")
    assert statuses(first) == own[:2]
    rest = send("GET", "/orders", customer, limit="2", cursor=first.json()["cursor"])
    assert statuses(rest) == own[2:]
    assert "cursor" not in rest.json()


def test_statuses_of_changing_and_listing(
    send: Send,
    new_customer: NewCustomer,
    signed_in_customer: Session,
    barista: Session,
    accountid: str,
) -> None:
    stranger = new_customer()
    key = {"accountid": accountid, "vendorid": "v0"}
    missing = {"accountid": "nobody", "vendorid": "v0"}
    step = {"status": "preparing"}
    send("POST", "/order", signed_in_customer, {"order": order(**key)})
    assert send("DELETE", "/order", stranger, **key).status_code == 403
    assert send("DELETE", "/order", stranger, **missing).status_code == 404
    assert send("PATCH", "/order", stranger, step, **key).status_code == 403
    assert send("PATCH", "/order", barista, {"status": "x"}, **key).status_code == 400
    assert send("PATCH", "/order", barista, {"status": "ready"}, **key).status_code == 409
    assert send("PATCH", "/order", barista, step, **key).status_code == 200
    assert send("PATCH", "/order", barista, step, **missing).status_code == 404
    assert send("DELETE", "/order", signed_in_customer, **key).status_code == 409
    again = send("POST", "/order", signed_in_customer, {"order": order(**key)})
    assert again.json()["order"]["status"] == "preparing"
    changed = {"order": order(**key, quantity="2")}
    assert send("POST", "/order", signed_in_customer, changed).status_code == 409
    assert send("GET", "/orders", stranger, vendorid="v0").status_code == 403
    assert send("GET", "/orders", stranger, cursor="junk").status_code == 400
    for method, path in (("DELETE", "/order"), ("PATCH", "/order"), ("GET", "/orders")):
        assert send(method, path, **key).json() == {"message": "Unauthorized"}


def test_cancelling_races_with_preparing(
    send: Send, signed_in_customer: Session, barista: Session, accountid: str
) -> None:
    for round_ in range(5):
        key = {"accountid": f"{accountid}-{round_}", "vendorid": "v0"}
        send("POST", "/order", signed_in_customer, {"order": order(**key)})
        requests_: list[Callable[[], requests.Response]] = [
            partial(send, "DELETE", "/order", signed_in_customer, **key),
            partial(send, "PATCH", "/order", barista, {"status": "preparing"}, **key),
        ]
        with ThreadPoolExecutor(len(requests_)) as pool:
            answers = list(pool.map(lambda request: request(), requests_))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert lost.json()["Message"] == f"The order is {won.json()['order']['status']}"


def test_openapi_document_is_the_committed_one(packaged: Packaged, send: Send) -> None:
    committed = packaged.project.folder / "chalicelib/openapi.json"
    assert send("GET", "/openapi.json").json() == json.loads(committed.read_text())


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
    before = len(packaged.log_lines())
    preflight = {
        "Origin": packaged.cloud.endpoint_url,  # local/gate.py lets no other one through
        "Access-Control-Request-Method": methods[0],
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = send("OPTIONS", path, headers=preflight)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert set(methods) <= set(answer.headers["Access-Control-Allow-Methods"].split(","))
    assert headers <= set(answer.headers["Access-Control-Allow-Headers"].split(","))
    assert len(packaged.log_lines()) == before
