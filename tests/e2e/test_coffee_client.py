"""The client library against the running service."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import pytest

from coffee_client import AccountError, Accounts, CoffeeClient, Details, Order, OrderError
from coffee_client.transport import Transport
from local.service import Service
from tests.e2e.conftest import NewCustomer

_DETAILS = Details("Flat White", "Large", "4.80", "2")


@pytest.mark.parametrize("password", ["Sh0rt$", "lower1$$$", "UPPER1$$$", "NoDigit$$", "NoSymbol1"])
def test_weak_password_is_rejected(accounts: Accounts, password: str) -> None:
    with pytest.raises(AccountError) as error:
        accounts.sign_up("weak", password, email="weak@example.com")
    assert error.value.code == "InvalidPasswordException"


def test_stale_token_is_refreshed_once_for_all_threads(new_customer: NewCustomer) -> None:
    session = new_customer()
    stale_token = session.id_token()
    assert session.id_token() == stale_token
    assert 3000 < session.expires_in <= 3600
    with patch.object(Accounts, "refresh", autospec=True, side_effect=Accounts.refresh) as refresh:
        session.tokens = dataclasses.replace(session.tokens, stale_at=0)
        with ThreadPoolExecutor(8) as pool:
            tokens = set(pool.map(lambda _: session.id_token(), range(8)))
    assert refresh.call_count == 1
    assert len(tokens) == 1
    assert stale_token not in tokens


def test_repr_of_a_session_has_no_token(new_customer: NewCustomer) -> None:
    session = new_customer()
    assert session.id_token() not in f"{session!r}{session.tokens!r}"


def test_list_fetches_all_pages(
    service: Service, new_customer: NewCustomer, accountid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = CoffeeClient(service.stack.api_url, new_customer())
    for number in range(7):
        client.place(Order(accountid, f"v{number}", _DETAILS))
    monkeypatch.setattr("coffee_client.client._PAGE_SIZE", "3")
    with patch.object(Transport, "send", autospec=True, side_effect=Transport.send) as send:
        assert [order.vendorid for order in client.orders()] == [f"v{n}" for n in range(6, -1, -1)]
    assert [call.args[2] for call in send.call_args_list] == ["orders"] * 3


def test_exactly_one_of_two_concurrent_orders_is_stored(
    service: Service, new_customer: NewCustomer, accountid: str
) -> None:
    clients = [CoffeeClient(service.stack.api_url, new_customer()) for _ in range(2)]
    barrier = threading.Barrier(2)

    def place(client: CoffeeClient, vendorid: str, coffeetype: str) -> int:
        order = Order(accountid, vendorid, Details(coffeetype, "Small", "4.5", "1"))
        barrier.wait()
        try:
            return 201 if client.place(order).is_new else 200
        except OrderError as error:
            return error.status

    with ThreadPoolExecutor(2) as pool:
        for number in range(20):
            vendorid, coffeetypes = f"v{number}", ["Piccolo", "Mocha"]
            statuses = list(pool.map(place, clients, [vendorid] * 2, coffeetypes))
            assert sorted(statuses) == [201, 403]
            stored = clients[0].get(accountid, vendorid)
            assert stored.details.coffeetype == coffeetypes[statuses.index(201)]
