"""A client for Coffee orders: sign up, confirm, log in, order a coffee, look it up.

It talks to Amazon Cognito and to the service's HTTP API, and imports nothing of the service.
docs/client.md has examples.
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
