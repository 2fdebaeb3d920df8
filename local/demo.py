"""What `make demo` and `make run` do with a running service, through `coffee_client`.

`tell` is the story of the notebook that this project comes from: a customer signs up, confirms,
logs in, places four orders and looks one up. The service rejects two requests without a good
token. `open_harbour` creates a shop with a menu, and a member of its staff to sign in as.
"""

import datetime
import re
import secrets
from typing import NamedTuple

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from rich.console import Console
from rich.markup import escape

from coffee_client import Accounts, CoffeeClient, Details, Order, Session
from coffee_client.accounts import claims_of
from deploy.staff import add_to_vendor_group
from local.service import Service

# Not the notebook's Paul, a0:v0 and a1:v1: its cells must still run beside `make run`.
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


HARRIET = Staff("Harriet", "Pa$$word1")


def tell(service: Service, console: Console) -> Session:
    """Tell the story on the console; return the customer, who stays logged in."""
    stack, accounts = service.stack, _accounts(service)
    password = f"{secrets.token_urlsafe(12)}aA1$"  # never shown, and gone with this process

    _step(console, "Create a user", f"sign up {_USERNAME} with Cognito, {_EMAIL}")
    console.print_json(data=vars(accounts.sign_up(_USERNAME, password, email=_EMAIL)))

    _step(console, "The mail", "Cognito sent a code to that address")
    mail = service.cloud.mails_to(_EMAIL)[-1]
    console.print(f"[dim]>[/] {escape(mail)}")
    code = re.findall(r"\d{6}", mail)[-1]
    accounts.confirm(_USERNAME, code)
    console.print("[green]confirmed[/]")

    _step(console, "Log in", "Cognito answers with an IdToken; these are the claims in it")
    customer = accounts.log_in(_USERNAME, password)
    console.print_json(data=claims_of(customer.id_token()))

    _step(
        console, "Order coffee", "four times POST /order, the IdToken in the Authorization header"
    )
    _order_four(CoffeeClient(stack.api_url, customer), console)

    _step(console, "Look it up", "GET /order?accountid=maria-0&vendorid=v0, no token needed")
    order = CoffeeClient(stack.api_url).get("maria-0", "v0")
    console.print_json(data={"order": order.to_json()})

    url = f"{stack.api_url}/order"
    body = {"order": order.to_request()}
    _step(console, "Without a token", "the same POST is refused before the service sees it")
    _show(console, requests.post(url, json=body, timeout=10))

    _step(console, "With a forged token", "Maria's claims, signed with a stranger's key")
    forged = {"Authorization": _forge(customer.id_token())}
    _show(console, requests.post(url, json=body, headers=forged, timeout=10))
    return customer


def open_harbour(service: Service) -> None:
    """Create the shop's staff, and publish its menu as they do."""
    stack, cognito = service.stack, service.cloud.client("cognito-idp")
    accounts = _accounts(service)
    accounts.sign_up(*HARRIET, email="harriet@example.com")
    cognito.admin_confirm_sign_up(UserPoolId=stack.user_pool_id, Username=HARRIET.username)
    add_to_vendor_group(cognito, stack.user_pool_id, VENDORID, HARRIET.username)
    menu = [
        {
            "coffeetype": coffee,
            "sizes": [{"coffeesize": size, "unitprice": price} for size, price in sizes.items()],
        }
        for coffee, sizes in _MENU.items()
    ]
    shop = {"name": "Harbour Coffee", "currency": "EUR", "menu": menu}
    CoffeeClient(stack.api_url, accounts.log_in(*HARRIET)).publish(VENDORID, shop)


def _accounts(service: Service) -> Accounts:
    stack = service.stack
    return Accounts(stack.client_id, region=stack.region, endpoint_url=stack.aws_endpoint_url)


def _step(console: Console, title: str, text: str) -> None:
    console.print(f"\n[bold]{title}[/]  [dim]{text}[/]")


def _order_four(client: CoffeeClient, console: Console) -> None:
    """Run the notebook's own loop: two orders, each placed twice. The first is shown whole."""
    for y in range(2):
        for i in range(2):
            order = Order(
                accountid=f"maria-{i}",
                vendorid=f"v{i}",
                orderdate=str(datetime.datetime.now()),
                details=Details("Short Black", "Small", str(4.50 * (i + 1)), str(i + 1)),
            )
            if y == i == 0:
                console.print_json(data={"order": order.to_json()})
            placed = client.place(order)
            word = "[green]201[/] placed  " if placed.is_new else "[green]200[/] replaced"
            what = placed.order.details
            console.print(
                f"{word}  {order.accountid}:{order.vendorid}  "
                f"{what.quantity} x {what.coffeesize} {what.coffeetype} at {what.unitprice}"
            )


def _show(console: Console, answer: requests.Response) -> None:
    console.print(f"[red]{answer.status_code}[/] {escape(answer.text)}")


def _forge(token: str) -> str:
    """Return a token that says the same in the same words, but that the pool did not sign."""
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = jwt.get_unverified_header(token)["kid"]
    return jwt.encode(claims_of(token), stranger, algorithm="RS256", headers={"kid": kid})
