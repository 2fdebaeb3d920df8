"""The contract, answer by answer, from the packaged function."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import requests

from coffee_client import Accounts, Session
from tests.e2e.gateway.conftest import Ask, PostOrder, get, new_staff
from tests.e2e.packaged import Packaged
from tests.e2e.people import sign_in_somebody_new
from tests.samples import order, placed


@pytest.mark.parametrize("scheme", ["", "Bearer "])
def test_an_order_is_created_and_found(
    packaged: Packaged,
    post_order: PostOrder,
    signed_in_customer: Session,
    accountid: str,
    scheme: str,
) -> None:
    answer = post_order(order(accountid), scheme + signed_in_customer.id_token())
    assert (answer.status_code, answer.json()) == (201, {"order": placed(accountid)})
    assert answer.headers["Location"] == f"?accountid={accountid}&vendorid=v0"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    found = get(packaged, accountid)
    assert (found.status_code, found.json()) == (200, {"order": placed(accountid)})


def test_every_answer_of_the_contract(
    packaged: Packaged, post_order: PostOrder, accounts: Accounts, accountid: str
) -> None:
    stranger = sign_in_somebody_new(accounts, packaged.cloud).id_token()
    assert post_order(order(accountid)).status_code == 201
    assert post_order(order(accountid)).status_code == 200
    assert post_order(order(accountid, quantity=0)).status_code == 400
    assert post_order(b"[" * 16_000).status_code == 400
    assert post_order(b"").status_code == 400
    assert post_order(order(accountid), None).status_code == 401
    assert post_order(order(accountid), stranger).status_code == 403
    assert post_order(b" " * 20_000).status_code == 413
    assert post_order(b"x", **{"Content-Type": "text/plain"}).status_code == 415
    assert get(packaged, accountid).status_code == 200
    assert get(packaged, "").status_code == 400
    assert get(packaged, "nobody").status_code == 404
    repeated = f"{packaged.api_url}/order?accountid=a&accountid=b&vendorid=v"
    assert requests.get(repeated, timeout=30).json()["Message"] == (
        "accountid: is given more than once"
    )


@pytest.mark.parametrize("name", ["v 0", "v/0", "50%", "a+b", "a&b=c", "Zoë", "☕", "x,vendor-y"])
def test_awkward_vendor_ids(
    packaged: Packaged, accounts: Accounts, ask: Ask, accountid: str, name: str
) -> None:
    name = f"{name} {accountid}"
    customer = sign_in_somebody_new(accounts, packaged.cloud)
    barista = new_staff(packaged, accounts, name)
    keys = [{"accountid": f"{accountid}-{number}", "vendorid": name} for number in range(3)]
    for key in keys:
        assert ask("POST", "/order", customer, {"order": order(**key)}).status_code == 201
        assert ask("GET", "/order", **key).json() == {"order": placed(**key)}

    def statuses(answer: requests.Response) -> list[tuple[str, str]]:
        listed = answer.json()["orders"]
        return [(each["accountid"][-1], each["status"]) for each in listed]

    for step in ("preparing", "ready", "collected"):
        moved = ask("PATCH", "/order", barista, {"status": step}, **keys[0])
        assert moved.json() == {"order": {**placed(**keys[0]), "status": step}}
    cancelled = ask("DELETE", "/order", customer, **keys[1])
    assert cancelled.json() == {"order": {**placed(**keys[1]), "status": "cancelled"}}
    assert statuses(ask("GET", "/orders", barista, vendorid=name)) == [("2", "placed")]
    mine = [("2", "placed"), ("1", "cancelled"), ("0", "collected")]
    assert statuses(ask("GET", "/orders", customer)) == mine
    first = ask("GET", "/orders", customer, limit="2")
    assert statuses(first) == mine[:2]
    rest = ask("GET", "/orders", customer, limit="2", cursor=first.json()["cursor"])
    assert statuses(rest) == mine[2:]
    assert "cursor" not in rest.json()


def test_every_further_answer_of_the_contract(
    packaged: Packaged,
    accounts: Accounts,
    ask: Ask,
    signed_in_customer: Session,
    barista: Session,
    accountid: str,
) -> None:
    stranger = sign_in_somebody_new(accounts, packaged.cloud)
    key = {"accountid": accountid, "vendorid": "v0"}
    nothing = {"accountid": "nobody", "vendorid": "v0"}
    step = {"status": "preparing"}
    ask("POST", "/order", signed_in_customer, {"order": order(**key)})
    assert ask("DELETE", "/order", stranger, **key).status_code == 403
    assert ask("DELETE", "/order", stranger, **nothing).status_code == 404
    assert ask("PATCH", "/order", stranger, step, **key).status_code == 403
    assert ask("PATCH", "/order", barista, {"status": "x"}, **key).status_code == 400
    assert ask("PATCH", "/order", barista, {"status": "ready"}, **key).status_code == 409
    assert ask("PATCH", "/order", barista, step, **key).status_code == 200
    assert ask("PATCH", "/order", barista, step, **nothing).status_code == 404
    assert ask("DELETE", "/order", signed_in_customer, **key).status_code == 409
    again = {"order": order(**key)}
    assert ask("POST", "/order", signed_in_customer, again).json()["order"]["status"] == "preparing"
    another = {"order": order(**key, quantity="2")}
    assert ask("POST", "/order", signed_in_customer, another).status_code == 409
    assert ask("GET", "/orders", stranger, vendorid="v0").status_code == 403
    assert ask("GET", "/orders", stranger, cursor="junk").status_code == 400
    for method, path in (("DELETE", "/order"), ("PATCH", "/order"), ("GET", "/orders")):
        assert ask(method, path, **key).json() == {"message": "Unauthorized"}


def test_a_customer_who_cancels_while_the_shop_starts(
    packaged: Packaged,
    ask: Ask,
    signed_in_customer: Session,
    barista: Session,
    accountid: str,
) -> None:
    assert packaged
    for round_ in range(5):
        key = {"accountid": f"{accountid}-{round_}", "vendorid": "v0"}
        ask("POST", "/order", signed_in_customer, {"order": order(**key)})
        presses: list[Callable[[], requests.Response]] = [
            partial(ask, "DELETE", "/order", signed_in_customer, **key),
            partial(ask, "PATCH", "/order", barista, {"status": "preparing"}, **key),
        ]
        with ThreadPoolExecutor(len(presses)) as pool:
            answers = list(pool.map(lambda press: press(), presses))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert lost.json()["Message"] == f"The order is {won.json()['order']['status']}"


def test_the_description_of_the_api_is_served_from_the_package(packaged: Packaged) -> None:
    answer = requests.get(f"{packaged.api_url}/openapi.json", timeout=10)
    written = packaged.project.folder / "chalicelib/openapi.json"
    assert answer.json() == json.loads(written.read_text())


def test_preflight_is_answered_before_the_function(packaged: Packaged) -> None:
    before = len(packaged.log_lines())
    asks = {
        "Origin": packaged.cloud.endpoint_url,  # local/gate.py lets no other one through
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = requests.options(f"{packaged.api_url}/order", headers=asks, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"].split(",")
    assert {"Authorization", "Content-Type"} <= set(
        answer.headers["Access-Control-Allow-Headers"].split(",")
    )
    assert len(packaged.log_lines()) == before
