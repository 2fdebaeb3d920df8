"""Shops with a menu, and users of the local cloud."""

from typing import Any

import requests

from coffee_client import Accounts, CoffeeClient
from local.service import Service
from tests.samples import PASSWORD
from tools.staff import add_to_vendor_group


def coffee(coffeetype: str, **prices: str) -> dict[str, Any]:
    """Return a coffee of a menu, with its price for each size."""
    sizes = [{"coffeesize": size, "unitprice": price} for size, price in prices.items()]
    return {"coffeetype": coffeetype, "sizes": sizes}


MENU = [
    coffee("Flat White", Small="4.50", Large="5.60"),
    coffee("Short Black", Small="3.50"),
    coffee("Mocha", Large="6.20"),
]


def shop_as_listed(**changes: Any) -> dict[str, Any]:
    """Return the shop v0 with the menu above, as the service returns it."""
    menu = [{**each, "soldout": each["coffeetype"] == "Mocha"} for each in MENU]
    shop = {"vendorid": "v0", "name": "Cafe v0", "currency": "EUR", "menu": menu}
    return {**shop, "open": True, "note": "", "waiting": 0, **changes}


def new_user(service: Service, name: str, vendorid: str | None = None) -> None:
    """Create a user with a confirmed address, as staff of a shop if one is given."""
    cognito, pool_id = service.cloud.client("cognito-idp"), service.stack.user_pool_id
    email = {"Name": "email", "Value": f"{name}@example.com"}
    cognito.sign_up(
        ClientId=service.stack.client_id,
        Username=name,
        Password=PASSWORD,
        UserAttributes=[email],
    )
    cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username=name)
    verified = {"Name": "email_verified", "Value": "true"}
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id, Username=name, UserAttributes=[verified]
    )
    if vendorid is not None:
        add_to_vendor_group(cognito, pool_id, vendorid, name)


class Shops:
    """Shops whose owner publishes and changes them through the service's API."""

    def __init__(self, service: Service, accounts: Accounts, owner: str) -> None:
        self._service = service
        self._accounts = accounts
        self._owner = owner
        new_user(service, owner)

    def publish(self, vendorid: str, **changes: Any) -> None:
        """Publish a shop with the menu above, on which the mocha is sold out, or with changes."""
        client = self._client(vendorid)
        content = {"name": f"Cafe {vendorid}", "currency": "EUR", "menu": MENU}
        client.publish(vendorid, {**content, **changes})
        client.update_shop(
            vendorid, open=True, soldout={} if "menu" in changes else {"Mocha": True}
        )

    def update(self, vendorid: str, **changes: Any) -> None:
        self._client(vendorid).update_shop(vendorid, **changes)

    def get(self, vendorid: str) -> Any:
        """Return a shop as the service returns it."""
        url = f"{self._service.stack.api_url}/shop"
        response = requests.get(url, params={"vendorid": vendorid}, timeout=10)
        response.raise_for_status()
        return response.json()["shop"]

    def _client(self, vendorid: str) -> CoffeeClient:
        stack = self._service.stack
        cognito = self._service.cloud.client("cognito-idp")
        add_to_vendor_group(cognito, stack.user_pool_id, vendorid, self._owner)
        return CoffeeClient(stack.api_url, self._accounts.log_in(self._owner, PASSWORD))
