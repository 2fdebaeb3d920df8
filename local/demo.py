"""What `make demo` and `make run` do with a running service, through `coffee_client`.

In `run_demo`, a customer signs up, confirms, logs in, places four orders and looks one up, as in
the notebook. Two requests without a valid token are rejected. `create_shop` creates a shop with a
menu and a member of its staff.
"""

import datetime
import json
import re
from pathlib import Path
from typing import Any

import jwt
import requests
from rich.markup import escape

from coffee_client import Accounts, CoffeeClient, Details, Order, Session
from local.service import Service
from tools.command import console
from tools.staff import add_to_vendor_group

# Other names than in the notebook, so that it can run beside `make run`.
_USERNAME = "Maria"
_EMAIL = "maria@example.com"

_VENDORID = "harbour"
_SHOP = Path(__file__).with_name("shop.json")

# A member of the shop's staff, also in usage.txt. The password works on this machine only.
STAFF = ("Harriet", "Pa$$word1")


def run_demo(service: Service, *, verbose: bool) -> Session:
    """Print each step, with `verbose` also the JSON; return the session of the customer."""
    api_url, accounts = service.stack.api_url, _accounts(service)

    def show(data: Any) -> None:
        if verbose:
            console.print_json(data=data)

    _print_step("Sign up", f"{_USERNAME} creates a user, and Cognito mails a code to {_EMAIL}")
    show(vars(accounts.sign_up(_USERNAME, STAFF[1], email=_EMAIL)))
    mail = service.cloud.mails_to(_EMAIL)[-1]
    accounts.confirm(_USERNAME, re.findall(r"\d{6}", mail)[-1])
    console.print(f"  [green]confirmed[/] by the mail: {escape(mail)}")

    _print_step("Log in", "Cognito returns an IdToken")
    customer = accounts.log_in(_USERNAME, STAFF[1])
    token = customer.id_token()
    claims = jwt.decode(token, options={"verify_signature": False})
    show(claims)
    minutes = (claims["exp"] - claims["iat"]) // 60
    console.print(f"  [green]logged in[/] as {claims['cognito:username']} for {minutes} minutes")

    _print_step("Order coffee", "POST /order with the IdToken, four times")
    for i in (0, 1, 0, 1):  # each order twice, as in the notebook
        details = Details("Short Black", "Small", str(4.50 * (i + 1)), str(i + 1))
        order = Order(f"maria-{i}", f"v{i}", details, str(datetime.datetime.now()))
        show({"order": order.to_request()})
        result = CoffeeClient(api_url, customer).place(order)
        status = 201 if result.outcome == "placed" else 200
        console.print(
            f"  [green]{status} {result.outcome:8}[/] {order.accountid}:{order.vendorid}  "
            f"{details.quantity} x {details.coffeesize} {details.coffeetype}, "
            f"{details.unitprice} each"
        )

    _print_step("Look it up", "GET /order?accountid=maria-0&vendorid=v0 without a token")
    order = CoffeeClient(api_url).get("maria-0", "v0")
    show({"order": order.to_json()})
    console.print(f"  [green]200[/] {order.accountid}:{order.vendorid} is {order.status}")

    _print_step("Order without a token", "the gateway rejects it")
    _print_rejection(api_url, order, {})
    _print_step("Order with a forged token", "Maria's claims, with another signature")
    unsigned = token.rpartition(".")[0]
    _print_rejection(api_url, order, {"Authorization": f"Bearer {unsigned}.{'A' * 342}"})
    return customer


def create_shop(service: Service) -> None:
    """Create the shop's staff, and publish its menu as they do."""
    stack, cognito = service.stack, service.cloud.client("cognito-idp")
    accounts = _accounts(service)
    accounts.sign_up(*STAFF, email="harriet@example.com")
    cognito.admin_confirm_sign_up(UserPoolId=stack.user_pool_id, Username=STAFF[0])
    add_to_vendor_group(cognito, stack.user_pool_id, _VENDORID, STAFF[0])
    shop = json.loads(_SHOP.read_text())
    CoffeeClient(stack.api_url, accounts.log_in(*STAFF)).publish(_VENDORID, shop)


def _accounts(service: Service) -> Accounts:
    stack = service.stack
    return Accounts(stack.client_id, region=stack.region, endpoint_url=stack.aws_endpoint_url)


def _print_step(title: str, text: str) -> None:
    console.print(f"[bold]{title}[/]  [dim]{text}[/]")


def _print_rejection(api_url: str, order: Order, headers: dict[str, str]) -> None:
    body = {"order": order.to_request()}
    response = requests.post(f"{api_url}/order", json=body, headers=headers, timeout=10)
    is_expected = response.status_code == requests.codes.unauthorized
    colour, comment = ("green", "as expected") if is_expected else ("red", "instead of 401")
    console.print(f"  [{colour}]{response.status_code}[/] {escape(response.text)}, {comment}")
