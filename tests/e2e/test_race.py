"""What only the real thing can show: tokens, races and restarts on the local cloud."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from coffee_client import Accounts, CoffeeClient, Details, Order, OrderError, Session
from local.service import Service
from tests.bad_tokens import FROM_ANY_GOOD_TOKEN, signed_with_the_public_key
from tests.e2e.conftest import NewCustomer
from tests.e2e.people import sign_up
from tests.samples import PASSWORD

_DETAILS = Details("Flat White", "Large", "4.80", "2")


def post(service: Service, authorization: str | None) -> requests.Response:
    body = {"order": Order("a", "v", _DETAILS, "2026-03-01T08:30:00Z").to_json()}
    headers = {"Authorization": authorization.encode()} if authorization is not None else {}
    return requests.post(f"{service.stack.api_url}/order", json=body, headers=headers, timeout=10)


def assert_turned_away(answer: requests.Response) -> None:
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


def test_no_token_is_turned_away(service: Service) -> None:
    assert_turned_away(post(service, None))


@pytest.mark.parametrize("kind", FROM_ANY_GOOD_TOKEN)
def test_a_token_of_no_worth_is_turned_away(
    service: Service, signed_in_customer: Session, kind: str
) -> None:
    assert_turned_away(post(service, FROM_ANY_GOOD_TOKEN[kind](signed_in_customer.id_token())))


def test_a_token_signed_with_the_public_key_as_secret_is_turned_away(
    service: Service, signed_in_customer: Session
) -> None:
    made = service.stack
    url = f"{made.aws_endpoint_url}/{made.user_pool_id}/.well-known/jwks.json"
    token = signed_with_the_public_key(
        signed_in_customer.id_token(), requests.get(url, timeout=5).json()
    )
    assert_turned_away(post(service, token))


def test_an_access_token_is_turned_away(service: Service, accounts: Accounts) -> None:
    made = service.stack
    sign_up(accounts, service.cloud, "access")
    cognito = service.cloud.client("cognito-idp")
    tokens = cognito.initiate_auth(
        ClientId=made.client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "access", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    assert_turned_away(post(service, tokens["AccessToken"]))


def test_a_body_nested_too_deeply_does_not_end_the_service(
    service: Service, signed_in_customer: Session
) -> None:
    headers = {
        "Authorization": signed_in_customer.id_token(),
        "Content-Type": "application/json",
    }
    url = f"{service.stack.api_url}/order"
    answer = requests.post(url, data=b"[" * 16_000, headers=headers, timeout=10)
    assert answer.status_code == 400
    assert requests.get(url, timeout=10).json()["Message"] == "accountid: is missing"


def test_of_two_customers_racing_for_one_key_exactly_one_wins(
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
