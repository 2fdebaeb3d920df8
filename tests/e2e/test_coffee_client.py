"""The client library against the running service: what works, and what each error says."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest

from coffee_client import (
    AccountError,
    Accounts,
    CoffeeClient,
    Details,
    Order,
    OrderError,
    Session,
)
from coffee_client.transport import Transport
from local.service import Service
from tests.e2e.conftest import NewCustomer, NewStaff
from tests.samples import PASSWORD

_DETAILS = Details("Flat White", "Large", "4.80", "2")


def test_order_is_placed_and_replaced(client: CoffeeClient, accountid: str) -> None:
    order = Order(accountid, "v0", _DETAILS, "2026-03-01T08:30:00Z")
    first, second = client.place(order), client.place(order)
    assert (first.outcome, second.outcome) == ("placed", "unchanged")
    assert first.order == second.order == client.get(accountid, "v0")
    assert first.order.since
    assert first.order.to_request() == order.to_request()
    corrected = dataclasses.replace(order, orderdate="2026-03-01T08:31:00Z")
    assert client.place(corrected).outcome == "replaced"


def rejection_of(call: Any, *arguments: Any) -> tuple[int, str]:
    """Return the status and the message with which the service rejects a request."""
    with pytest.raises(OrderError) as error:
        call(*arguments)
    return error.value.status, error.value.message


def test_new_order_has_the_present_date_in_utc(client: CoffeeClient, accountid: str) -> None:
    placed = client.place(Order(accountid, "v0", _DETAILS)).order
    assert placed.orderdate is not None
    assert placed.orderdate.endswith("+00:00")


def test_sign_up_mails_a_code(service: Service, accounts: Accounts) -> None:
    signed_up = accounts.sign_up("newcomer", PASSWORD, email="newcomer@example.com")
    assert signed_up.sub
    assert not signed_up.confirmed
    assert signed_up.code_sent_to
    (mail,) = service.cloud.mails_to("newcomer@example.com")
    assert "Your confirmation code is" in mail


@pytest.mark.parametrize("password", ["Sh0rt$", "lower1$$$", "UPPER1$$$", "NoDigit$$", "NoSymbol1"])
def test_weak_password_is_rejected(accounts: Accounts, password: str) -> None:
    with pytest.raises(AccountError) as error:
        accounts.sign_up("weak", password, email="weak@example.com")
    assert error.value.code == "InvalidPasswordException"


def test_stale_token_is_refreshed_once_for_all_threads(new_customer: NewCustomer) -> None:
    session = new_customer()
    first = session.id_token()
    assert session.id_token() == first
    assert 3000 < session.expires_in <= 3600
    with patch.object(Accounts, "refreshed", autospec=True, side_effect=Accounts.refreshed) as spy:
        session.tokens = dataclasses.replace(session.tokens, stale_at=0)
        with ThreadPoolExecutor(8) as pool:
            tokens = list(pool.map(lambda _: session.id_token(), range(8)))
    assert spy.call_count == 1
    assert len(set(tokens)) == 1
    assert tokens[0] != first


def test_repr_of_a_session_has_no_token(signed_in_customer: Session) -> None:
    text = f"{signed_in_customer!r}{signed_in_customer.tokens!r}"
    assert signed_in_customer.id_token() not in text


def test_errors_of_the_service_have_a_status_and_a_message(
    service: Service, client: CoffeeClient, new_customer: NewCustomer, accountid: str
) -> None:
    order = Order(accountid, "v0", _DETAILS)
    client.place(order)
    stranger = CoffeeClient(service.stack.api_url, new_customer())
    nobody = CoffeeClient(service.stack.api_url)
    assert rejection_of(nobody.place, order) == (401, "Unauthorized")
    assert rejection_of(stranger.place, order) == (403, "Another customer has an order at this key")
    assert rejection_of(nobody.get, accountid, "v1") == (404, "There is no order at this key")
    status, message = rejection_of(client.place, Order("", "v0", _DETAILS))
    assert (status, message) == (400, "order.accountid: expected str of length >= 1")


def test_staff_advance_orders(
    service: Service, new_customer: NewCustomer, new_staff: NewStaff, accountid: str
) -> None:
    vendorid = f"shop of {accountid}"
    staff = CoffeeClient(service.stack.api_url, new_staff(vendorid))
    customer = CoffeeClient(service.stack.api_url, new_customer())

    for number in range(3):
        customer.place(Order(f"{accountid}-{number}", vendorid, _DETAILS))
    customer.cancel(f"{accountid}-1", vendorid)
    for order in staff.queue(vendorid):
        for step in ("preparing", "ready"):
            assert staff.advance(order.accountid, order.vendorid, step).status == step
    assert [(order.accountid[-1], order.status) for order in customer.orders()] == [
        ("2", "ready"),
        ("1", "cancelled"),
        ("0", "ready"),
    ]
    assert [order.accountid for order in customer.orders(status="cancelled")] == [f"{accountid}-1"]
    assert len(list(staff.queue(vendorid, status="ready"))) == 2
    assert rejection_of(lambda: list(customer.queue(vendorid)))[0] == 403
    assert rejection_of(customer.cancel, f"{accountid}-0", vendorid) == (409, "The order is ready")


def test_list_fetches_all_pages(
    service: Service, new_customer: NewCustomer, accountid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = CoffeeClient(service.stack.api_url, new_customer())
    for number in range(7):
        client.place(Order(accountid, f"v{number}", _DETAILS))
    monkeypatch.setattr("coffee_client.client._PAGE_SIZE", "3")
    with patch.object(Transport, "send", autospec=True, side_effect=Transport.send) as spy:
        assert [order.vendorid for order in client.orders()] == [f"v{n}" for n in range(6, -1, -1)]
    assert [call.args[2] for call in spy.call_args_list] == ["orders"] * 3


def test_exactly_one_of_two_racing_customers_wins(
    service: Service, new_customer: NewCustomer, accountid: str
) -> None:
    racers = [CoffeeClient(service.stack.api_url, new_customer()) for _ in range(2)]
    for round_ in range(20):
        vendorid = f"v{round_}"
        start = threading.Barrier(len(racers))

        def race(number: int, vendorid: str = vendorid, start: threading.Barrier = start) -> int:
            order = Order(accountid, vendorid, Details(f"Racer {number}", "Small", "4.5", "1"))
            start.wait()
            try:
                return 201 if racers[number].place(order).is_new else 200
            except OrderError as error:
                return error.status

        with ThreadPoolExecutor(len(racers)) as pool:
            statuses = list(pool.map(race, range(len(racers))))
        assert sorted(statuses) == [201, 403]
        winner = racers[0].get(accountid, vendorid).details.coffeetype
        assert winner == f"Racer {statuses.index(201)}"
