"""Customers and staff: signed up, confirmed by the code in the mail, logged in."""

import itertools
import re

from coffee_client import Accounts, Session
from local.emulator import LocalCloud
from tests.samples import PASSWORD
from tools import staff

_numbers = itertools.count()


def sign_up(accounts: Accounts, cloud: LocalCloud, username: str) -> None:
    """Sign a user up, and confirm them with the code in the mail."""
    email = f"{username}@example.com"
    accounts.sign_up(username, PASSWORD, email=email)
    accounts.confirm(username, code_mailed_to(cloud, email))


def sign_in_new_customer(accounts: Accounts, cloud: LocalCloud) -> Session:
    username = f"customer{next(_numbers)}"
    sign_up(accounts, cloud, username)
    return accounts.log_in(username, PASSWORD)


def sign_in_new_staff(
    accounts: Accounts, cloud: LocalCloud, pool_id: str, vendorid: str
) -> Session:
    username = f"barista{next(_numbers)}"
    sign_up(accounts, cloud, username)
    add_staff(cloud, pool_id, vendorid, username)
    return accounts.log_in(username, PASSWORD)


def add_staff(cloud: LocalCloud, pool_id: str, vendorid: str, username: str) -> None:
    """Add a user to a shop's staff; it takes effect with the next login."""
    staff.add_to_vendor_group(cloud.client("cognito-idp"), pool_id, vendorid, username)


def code_mailed_to(cloud: LocalCloud, email: str) -> str:
    (code,) = re.findall(r"\b\d{6}\b", cloud.mails_to(email)[-1])
    return str(code)
