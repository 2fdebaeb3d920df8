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
    from coffee_client.accounts import Accounts as Accounts
    from coffee_client.accounts import Session as Session
    from coffee_client.accounts import SignUp as SignUp
    from coffee_client.accounts import Tokens as Tokens
    from coffee_client.client import CoffeeClient as CoffeeClient
    from coffee_client.errors import AccountError as AccountError
    from coffee_client.errors import ArgumentError as ArgumentError
    from coffee_client.errors import CoffeeError as CoffeeError
    from coffee_client.errors import OrderError as OrderError
    from coffee_client.errors import PreconditionFailedError as PreconditionFailedError
    from coffee_client.errors import SettingsError as SettingsError
    from coffee_client.errors import UnreachableError as UnreachableError
    from coffee_client.models import Coffee as Coffee
    from coffee_client.models import Details as Details
    from coffee_client.models import Order as Order
    from coffee_client.models import PlaceOrderResult as PlaceOrderResult
    from coffee_client.models import Shop as Shop
    from coffee_client.models import Size as Size
    from coffee_client.settings import Settings as Settings


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562), so that `coffee` starts at once."""
    for module in ("accounts", "client", "errors", "models", "settings") if name[0] != "_" else ():
        content = vars(import_module(f"{__name__}.{module}"))
        if name in content:
            return content[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
