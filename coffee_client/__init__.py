"""A client for Coffee orders: sign up, confirm, log in, order a coffee, look it up.

    accounts = Accounts(client_id, region="ap-southeast-2")
    accounts.sign_up("Paul", password, email="paul@example.com")
    accounts.confirm("Paul", code_from_the_mail)
    client = CoffeeClient(api_url, accounts.log_in("Paul", password))
    client.place(Order("a0", "v0", Details("Short Black", "Small", "4.50", "1")))
    client.get("a0", "v0")

It talks to Amazon Cognito and to the service's HTTP API. It imports nothing of the service.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coffee_client.accounts import Accounts, Session, SignUp, Tokens
    from coffee_client.client import CoffeeClient
    from coffee_client.errors import (
        AccountError,
        ArgumentError,
        CoffeeError,
        OrderError,
        SettingsError,
        UnreachableError,
    )
    from coffee_client.models import Coffee, Details, Order, PlaceOrderResult, Shop, Size
    from coffee_client.settings import Settings

__all__ = [
    "AccountError",
    "Accounts",
    "ArgumentError",
    "Coffee",
    "CoffeeClient",
    "CoffeeError",
    "Details",
    "Order",
    "OrderError",
    "PlaceOrderResult",
    "Session",
    "Settings",
    "SettingsError",
    "Shop",
    "SignUp",
    "Size",
    "Tokens",
    "UnreachableError",
]

_MODULES = ("accounts", "client", "errors", "models", "settings")


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562).

    This lets the `coffee` command start at once and handle Ctrl-C while the rest loads.
    """
    for module_name in _MODULES if name in __all__ else ():
        module = import_module(f"{__name__}.{module_name}")
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
