"""What `make demo` and `make run` do with a running service, through `coffee_client`.

In `run_demo`, a customer signs up, confirms, logs in, places four orders and looks one up, as in
the notebook. Two requests without a valid token are rejected. `create_shop` creates a shop with a
menu and a member of its staff.
"""

import datetime
import re
import secrets
from typing import Any, NamedTuple

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from rich.console import Console
from rich.markup import escape

from coffee_client import Accounts, CoffeeClient, Details, Order, Session
from local.service import Service
from tools.staff import add_to_vendor_group

# Other names than in the notebook, so that it can run beside `make run`.
_USERNAME = "Maria"
_EMAIL = "maria@example.com"

VENDORID = "harbour"
_MENU = {
    "Flat White": {"Small": "4.50", "Large": "5.20"},
    "Cappuccino": {"Small": "4.50", "Large": "5.20"},
    "Long Black": {"Small": "4.00", "Large": "4.60"},
    "Espresso": {"Single": "3.00", "Double": "3.60"},
    "Mocha": {"Small": "5.00", "Large": "5.80"},
    "Chai Latte": {"Large": "5.50"},
}


class Staff(NamedTuple):
    """A member of the shop's staff. The password is no secret: it works on this machine only."""

    username: str
    password: str


STAFF = Staff("Harriet", "Pa$$word1")


def run_demo(service: Service, console: Console) -> Session:
    """Print each step to the console; return the session of the customer."""
    stack, accounts = service.stack, _accounts(service)
    password = f"{secrets.token_urlsafe(12)}aA1$"  # it is never printed

    _print_step(console, "Create a user", f"sign up {_USERNAME} with Cognito, {_EMAIL}")
    console.print_json(data=vars(accounts.sign_up(_USERNAME, password, email=_EMAIL)))

    _print_step(console, "The mail", "Cognito sent a code to that address")
    mail = service.cloud.mails_to(_EMAIL)[-1]
    console.print(f"[dim]>[/] {escape(mail)}")
    code = re.findall(r"\d{6}", mail)[-1]
    accounts.confirm(_USERNAME, code)
    console.print("[green]confirmed[/]")

    _print_step(console, "Log in", "Cognito returns an IdToken; these are its claims")
    customer = accounts.log_in(_USERNAME, password)
    console.print_json(data=_claims_of(customer.id_token()))

    _print_step(
        console, "Order coffee", "four times POST /order, the IdToken in the Authorization header"
    )
    _place_orders(CoffeeClient(stack.api_url, customer), console)

    _print_step(console, "Look it up", "GET /order?accountid=maria-0&vendorid=v0, no token needed")
    order = CoffeeClient(stack.api_url).get("maria-0", "v0")
    console.print_json(data={"order": order.to_json()})

    url = f"{stack.api_url}/order"
    body = {"order": order.to_request()}
    _print_step(console, "Without a token", "the gateway rejects the same POST")
    _print_response(console, requests.post(url, json=body, timeout=10))

    _print_step(console, "With a forged token", "Maria's claims, signed with another key")
    headers = {"Authorization": _forge_token(customer.id_token())}
    _print_response(console, requests.post(url, json=body, headers=headers, timeout=10))
    return customer


def create_shop(service: Service) -> None:
    """Create the shop's staff, and publish its menu as they do."""
    stack, cognito = service.stack, service.cloud.client("cognito-idp")
    accounts = _accounts(service)
    accounts.sign_up(*STAFF, email="harriet@example.com")
    cognito.admin_confirm_sign_up(UserPoolId=stack.user_pool_id, Username=STAFF.username)
    add_to_vendor_group(cognito, stack.user_pool_id, VENDORID, STAFF.username)
    menu = [
        {
            "coffeetype": coffee,
            "sizes": [{"coffeesize": size, "unitprice": price} for size, price in sizes.items()],
        }
        for coffee, sizes in _MENU.items()
    ]
    shop = {"name": "Harbour Coffee", "currency": "EUR", "menu": menu}
    CoffeeClient(stack.api_url, accounts.log_in(*STAFF)).publish(VENDORID, shop)


def _accounts(service: Service) -> Accounts:
    stack = service.stack
    return Accounts(stack.client_id, region=stack.region, endpoint_url=stack.aws_endpoint_url)


def _print_step(console: Console, title: str, text: str) -> None:
    console.print(f"\n[bold]{title}[/]  [dim]{text}[/]")


def _place_orders(client: CoffeeClient, console: Console) -> None:
    """Place two orders, each twice, as the notebook does; print the first one in full."""
    for count, i in enumerate([0, 1, 0, 1]):
        order = Order(
            accountid=f"maria-{i}",
            vendorid=f"v{i}",
            orderdate=str(datetime.datetime.now()),
            details=Details("Short Black", "Small", str(4.50 * (i + 1)), str(i + 1)),
        )
        if count == 0:
            console.print_json(data={"order": order.to_json()})
        placed = client.place(order)
        result = (
            "[green]201[/] placed  " if placed.outcome == "placed" else "[green]200[/] replaced"
        )
        details = placed.order.details
        console.print(
            f"{result}  {order.accountid}:{order.vendorid}  "
            f"{details.quantity} x {details.coffeesize} {details.coffeetype} at {details.unitprice}"
        )


def _print_response(console: Console, response: requests.Response) -> None:
    console.print(f"[red]{response.status_code}[/] {escape(response.text)}")


def _claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def _forge_token(token: str) -> str:
    """Return a token with the same claims that is not signed by the pool."""
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = jwt.get_unverified_header(token)["kid"]
    return jwt.encode(_claims_of(token), other_key, algorithm="RS256", headers={"kid": kid})
