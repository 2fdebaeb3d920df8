"""Shops with a menu, and orders as the service lists them."""

import datetime
from typing import Any

import requests

from coffee_client import Accounts, CoffeeClient
from local.service import Service
from tests.e2e.people import add_staff, sign_up
from tests.samples import PASSWORD, order


def coffee(coffeetype: str, **prices: str) -> dict[str, Any]:
    """Return a coffee of a menu, with its price for each size."""
    sizes = [{"coffeesize": size, "unitprice": price} for size, price in prices.items()]
    return {"coffeetype": coffeetype, "sizes": sizes}


MENU = [
    coffee("Flat White", Small="4.50", Large="5.60"),
    coffee("Short Black", Small="3.50"),
    coffee("Mocha", Large="6.20"),
]


class Shops:
    """Shops whose owner publishes and changes them through the service's API."""

    def __init__(self, service: Service, accounts: Accounts, owner: str) -> None:
        self._service = service
        self._accounts = accounts
        self._owner = owner
        sign_up(accounts, service.cloud, owner)

    def publish(self, vendorid: str, **changes: Any) -> None:
        """Publish a shop with the menu above, on which the mocha is sold out, or with changes."""
        client = self._client(vendorid)
        content = {"name": f"Cafe {vendorid}", "currency": "EUR", "menu": MENU}
        client.publish(vendorid, {**content, **changes})
        client.update_shop(vendorid, open=True, soldout=["Mocha"] if "menu" not in changes else [])

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
        add_staff(self._service.cloud, stack.user_pool_id, vendorid, self._owner)
        return CoffeeClient(stack.api_url, self._accounts.log_in(self._owner, PASSWORD))


def listed_order(
    name: str, status: str = "placed", minutes: float = 0, **details: str
) -> dict[str, Any]:
    """Return an order that has had its status for this many minutes."""
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes)
    return {**order(name, "", **details), "status": status, "since": since.isoformat()}
