"""Shops that publish a menu, through the service's own API."""

from typing import Any

import requests

from coffee_client import Accounts, CoffeeClient
from local.service import Service
from tests.e2e.people import add_staff, sign_up
from tests.samples import PASSWORD

MENU: list[dict[str, Any]] = [
    {
        "coffeetype": "Flat White",
        "sizes": [
            {"coffeesize": "Small", "unitprice": "4.50"},
            {"coffeesize": "Large", "unitprice": "5.60"},
        ],
    },
    {"coffeetype": "Short Black", "sizes": [{"coffeesize": "Small", "unitprice": "3.50"}]},
    {"coffeetype": "Mocha", "sizes": [{"coffeesize": "Large", "unitprice": "6.20"}]},
]


class Shops:
    """The owner of shops, who publishes and closes them from a computer of their own."""

    def __init__(self, service: Service, accounts: Accounts, owner: str) -> None:
        self._service = service
        self._accounts = accounts
        self._owner = owner
        sign_up(accounts, service.cloud, owner)

    def publish(self, vendorid: str, **changes: Any) -> None:
        """Publish a menu of which the mocha is sold out, with other content as named."""
        client = self._client(vendorid)
        content = {"name": f"Cafe {vendorid}", "currency": "EUR", "menu": MENU}
        client.publish(vendorid, {**content, **changes})
        client.update_shop(vendorid, open=True, soldout=["Mocha"] if "menu" not in changes else [])

    def close(self, vendorid: str, note: str) -> None:
        self._client(vendorid).update_shop(vendorid, open=False, note=note)

    def sell_out(self, vendorid: str, *coffees: str) -> None:
        self._client(vendorid).update_shop(vendorid, soldout=coffees)

    def get(self, vendorid: str) -> Any:
        """Return what the service says of a shop."""
        url = f"{self._service.stack.api_url}/shop"
        answer = requests.get(url, params={"vendorid": vendorid}, timeout=10)
        answer.raise_for_status()
        return answer.json()["shop"]

    def _client(self, vendorid: str) -> CoffeeClient:
        stack = self._service.stack
        add_staff(self._service.cloud, stack.user_pool_id, vendorid, self._owner)
        return CoffeeClient(stack.api_url, self._accounts.log_in(self._owner, PASSWORD))
