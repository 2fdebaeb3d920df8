"""The client library against the running service: what works, and what each error says."""

import dataclasses
import threading
from typing import Any

import pytest

from coffee_client import (
    AccountError,
    Accounts,
    CoffeeClient,
    Details,
    Order,
    OrderError,
    Session,
    Tokens,
    UnreachableError,
)
from coffee_client.transport import Transport
from local.service import Service
from tests.e2e.conftest import NewCustomer
from tests.e2e.people import add_staff, code_mailed_to, sign_up
from tests.samples import PASSWORD

_DETAILS = Details("Flat White", "Large", "4.80", "2")


def test_an_order_is_placed_replaced_and_found(client: CoffeeClient, accountid: str) -> None:
    order = Order(accountid, "v0", _DETAILS, "2026-03-01T08:30:00Z")
    first, second = client.place(order), client.place(order)
    assert (first.outcome, second.outcome) == ("placed", "unchanged")
    assert first.order == second.order == client.get(accountid, "v0")
    assert first.order.since
    assert first.order.to_request() == order.to_request()
    corrected = dataclasses.replace(order, orderdate="2026-03-01T08:31:00Z")
    assert client.place(corrected).outcome == "replaced"


def test_a_new_order_has_the_present_date_in_utc(client: CoffeeClient, accountid: str) -> None:
    placed = client.place(Order(accountid, "v0", _DETAILS)).order
    assert placed.orderdate is not None
    assert placed.orderdate.endswith("+00:00")


def test_sign_up_returns_where_the_code_was_mailed(service: Service, accounts: Accounts) -> None:
    signed_up = accounts.sign_up("newcomer", PASSWORD, email="newcomer@example.com")
    assert signed_up.sub
    assert not signed_up.confirmed
    assert signed_up.code_sent_to
    (mail,) = service.cloud.mails_to("newcomer@example.com")
    assert "Your confirmation code is" in mail


def test_a_reset_password_replaces_the_old_one(
    service: Service, accounts: Accounts, accountid: str
) -> None:
    sign_up(accounts, service.cloud, accountid)
    accounts.forgot_password(accountid)
    code = code_mailed_to(service.cloud, f"{accountid}@example.com")
    accounts.reset_password(accountid, code, "N3w$word")
    assert accounts.log_in(accountid, "N3w$word")
    with pytest.raises(AccountError) as refusal:
        accounts.log_in(accountid, PASSWORD)
    assert refusal.value.code == "NotAuthorizedException"


@pytest.mark.parametrize("password", ["Sh0rt$", "lower1$$$", "UPPER1$$$", "NoDigit$$", "NoSymbol1"])
def test_a_weak_password_is_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(AccountError) as refusal:
        accounts.sign_up("weak", password, email="weak@example.com")
    assert refusal.value.code == "InvalidPasswordException"


def test_cognitos_errors_have_a_code_and_a_message(service: Service, accounts: Accounts) -> None:
    def refused(call: Any, *arguments: str, **named: str) -> str:
        with pytest.raises(AccountError) as refusal:
            call(*arguments, **named)
        assert str(refusal.value)
        assert PASSWORD not in str(refusal.value)
        return refusal.value.code

    accounts.sign_up("Mia", PASSWORD, email="mia@example.com")
    assert refused(accounts.log_in, "Mia", PASSWORD) == "UserNotConfirmedException"
    assert refused(accounts.confirm, "Mia", "000000") == "CodeMismatchException"
    accounts.confirm("Mia", code_mailed_to(service.cloud, "mia@example.com"))
    assert refused(accounts.log_in, "Mia", "Wr0ng$$$$") == "NotAuthorizedException"
    # Logging in does not reveal whether a user exists: both errors are the same.
    assert refused(accounts.log_in, "nobody", PASSWORD) == "NotAuthorizedException"
    taken = refused(accounts.sign_up, "Mia", PASSWORD, email="mia2@example.com")
    assert taken == "UsernameExistsException"


def test_a_stale_token_is_refreshed_once_for_all_threads(
    new_customer: NewCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = new_customer()
    first = session.id_token()
    assert session.id_token() == first
    assert 3000 < session.expires_in <= 3600
    refresh = Accounts.refreshed
    refreshed: list[Tokens] = []

    def counted(self: Accounts, tokens: Tokens) -> Tokens:
        refreshed.append(tokens)
        return refresh(self, tokens)

    monkeypatch.setattr(Accounts, "refreshed", counted)
    session.tokens = dataclasses.replace(session.tokens, stale_at=0)
    seen: list[str] = []
    threads = [threading.Thread(target=lambda: seen.append(session.id_token())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refreshed) == 1
    assert len(set(seen)) == 1
    assert seen[0] != first


def test_a_refreshed_token_places_orders(
    service: Service, new_customer: NewCustomer, accountid: str
) -> None:
    session = new_customer()
    session.tokens = dataclasses.replace(session.tokens, id_token="stale", stale_at=0)
    assert (
        CoffeeClient(service.stack.api_url, session).place(Order(accountid, "v0", _DETAILS)).is_new
    )


def test_the_repr_of_a_session_shows_no_token(signed_in_customer: Session) -> None:
    shown = f"{signed_in_customer!r}{signed_in_customer.tokens!r}"
    assert signed_in_customer.id_token() not in shown


def rejection_of(call: Any, *arguments: Any) -> tuple[int, str]:
    with pytest.raises(OrderError) as refusal:
        call(*arguments)
    return refusal.value.status, refusal.value.message


def test_the_services_errors_have_a_status_and_a_message(
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


def test_an_unreachable_service_is_an_error(signed_in_customer: Session) -> None:
    nowhere = "http://127.0.0.1:1"
    with pytest.raises(UnreachableError, match=f"{nowhere}/order can't be reached"):
        CoffeeClient(nowhere, signed_in_customer).get("a0", "v0")
    accounts = Accounts("client", region="eu-west-1", endpoint_url=nowhere)
    with pytest.raises(UnreachableError, match="Cognito can't be reached"):
        accounts.log_in("Paul", PASSWORD)


def test_staff_advance_orders_and_the_customer_sees_it(
    service: Service, new_customer: NewCustomer, accounts: Accounts, accountid: str
) -> None:
    vendorid = f"shop of {accountid}"
    stack, name = service.stack, f"barista-of-{accountid}"
    sign_up(accounts, service.cloud, name)
    add_staff(service.cloud, stack.user_pool_id, vendorid, name)
    counter = CoffeeClient(stack.api_url, accounts.log_in(name, PASSWORD))
    train = CoffeeClient(stack.api_url, new_customer())

    for number in range(3):
        train.place(Order(f"{accountid}-{number}", vendorid, _DETAILS))
    train.cancel(f"{accountid}-1", vendorid)
    for order in counter.queue(vendorid):
        for step in ("preparing", "ready"):
            assert counter.advance(order.accountid, order.vendorid, step).status == step
    assert [(order.accountid[-1], order.status) for order in train.orders()] == [
        ("2", "ready"),
        ("1", "cancelled"),
        ("0", "ready"),
    ]
    assert [order.accountid for order in train.orders(status="cancelled")] == [f"{accountid}-1"]
    assert len(list(counter.queue(vendorid, status="ready"))) == 2
    assert rejection_of(lambda: list(train.queue(vendorid)))[0] == 403
    assert rejection_of(train.cancel, f"{accountid}-0", vendorid) == (409, "The order is ready")


def test_a_list_fetches_all_its_pages(
    service: Service, new_customer: NewCustomer, accountid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = CoffeeClient(service.stack.api_url, new_customer())
    for number in range(7):
        client.place(Order(accountid, f"v{number}", _DETAILS))
    requests: list[str] = []
    send = Transport.send

    def counted(self: Transport, method: str, path: str, **arguments: Any) -> Any:
        requests.append(path)
        return send(self, method, path, **arguments)

    monkeypatch.setattr(Transport, "send", counted)
    monkeypatch.setattr("coffee_client.client._PAGE_SIZE", "3")
    assert [order.vendorid for order in client.orders()] == [f"v{n}" for n in range(6, -1, -1)]
    assert requests == ["orders"] * 3
