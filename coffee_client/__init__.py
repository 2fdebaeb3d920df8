"""A client for Coffee orders: sign up, confirm, log in, order a coffee, look it up.

    accounts = Accounts(client_id, region="ap-southeast-2")
    accounts.sign_up("Paul", password, email="paul@example.com")
    accounts.confirm("Paul", code_from_the_mail)
    client = CoffeeClient(api_url, accounts.log_in("Paul", password))
    client.place(Order("a0", "v0", Details("Short Black", "Small", "4.50", "1")))
    client.get("a0", "v0")

It speaks to Amazon Cognito and to the service's HTTP API, and imports nothing of the service.
"""

from coffee_client.accounts import Accounts, Session, SignUp, Tokens
from coffee_client.client import CoffeeClient, Details, Order, Placed
from coffee_client.errors import AccountError, CoffeeError, OrderError, UnreachableError

__all__ = [
    "AccountError",
    "Accounts",
    "CoffeeClient",
    "CoffeeError",
    "Details",
    "Order",
    "OrderError",
    "Placed",
    "Session",
    "SignUp",
    "Tokens",
    "UnreachableError",
]
