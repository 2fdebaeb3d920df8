"""The shop that `make run` and `make notebook` come with: a menu, and staff to sign in as."""

from typing import Any, NamedTuple

from coffee_client import Accounts, CoffeeClient
from deploy.staff import add_to_vendor_group
from local.service import Service

VENDORID = "harbour"
_NAME = "Harbour Coffee"
_MENU = {
    "Flat White": {"Small": "4.50", "Large": "5.20"},
    "Cappuccino": {"Small": "4.50", "Large": "5.20"},
    "Long Black": {"Small": "4.00", "Large": "4.60"},
    "Espresso": {"Single": "3.00", "Double": "3.60"},
    "Mocha": {"Small": "5.00", "Large": "5.80"},
    "Chai Latte": {"Large": "5.50"},
}


class Staff(NamedTuple):
    """Somebody of the shop. The password is no secret: the user exists on this machine only."""

    username: str
    password: str


HARRIET = Staff("Harriet", "Pa$$word1")


def open_harbour(service: Service) -> Staff:
    """Create the shop's staff and publish its menu on a running service; return the staff."""
    stack, cognito = service.stack, service.cloud.client("cognito-idp")
    cognito.sign_up(
        ClientId=stack.client_id,
        Username=HARRIET.username,
        Password=HARRIET.password,
        UserAttributes=[{"Name": "email", "Value": "harriet@example.com"}],
    )
    cognito.admin_confirm_sign_up(UserPoolId=stack.user_pool_id, Username=HARRIET.username)
    add_to_vendor_group(cognito, stack.user_pool_id, VENDORID, HARRIET.username)
    accounts = Accounts(stack.client_id, region=stack.region, endpoint_url=stack.aws_endpoint_url)
    client = CoffeeClient(stack.api_url, accounts.log_in(*HARRIET))
    client.publish(VENDORID, _content())
    return HARRIET


def _content() -> dict[str, Any]:
    menu = [
        {
            "coffeetype": coffee,
            "sizes": [{"coffeesize": size, "unitprice": price} for size, price in sizes.items()],
        }
        for coffee, sizes in _MENU.items()
    ]
    return {"name": _NAME, "currency": "EUR", "menu": menu}
