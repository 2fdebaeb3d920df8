"""Customers and staff: signed up, confirmed by the code in the mail, logged in."""

import itertools
import re

from coffee_client import Accounts, Session
from deploy import staff
from local.emulator import LocalCloud
from tests.samples import PASSWORD

_numbers = itertools.count()


def sign_up(accounts: Accounts, cloud: LocalCloud, username: str) -> None:
    """Sign somebody up, and confirm them by the mail that they get."""
    email = f"{username}@example.com"
    accounts.sign_up(username, PASSWORD, email=email)
    accounts.confirm(username, code_mailed_to(cloud, email))


def sign_in_somebody_new(accounts: Accounts, cloud: LocalCloud) -> Session:
    """Sign somebody up and in."""
    username = f"customer{next(_numbers)}"
    sign_up(accounts, cloud, username)
    return accounts.log_in(username, PASSWORD)


def sign_in_new_staff(
    accounts: Accounts, cloud: LocalCloud, pool_id: str, vendorid: str
) -> Session:
    """Sign somebody up, make them staff of a shop, and sign them in."""
    username = f"barista{next(_numbers)}"
    sign_up(accounts, cloud, username)
    add_staff(cloud, pool_id, vendorid, username)
    return accounts.log_in(username, PASSWORD)


def add_staff(cloud: LocalCloud, pool_id: str, vendorid: str, username: str) -> None:
    """Make somebody staff of a shop; it counts from their next login."""
    staff.add_to_vendor_group(cloud.client("cognito-idp"), pool_id, vendorid, username)


def code_mailed_to(cloud: LocalCloud, email: str) -> str:
    """Return the code in Cognito's latest mail to somebody."""
    (code,) = re.findall(r"\b\d{6}\b", cloud.mails_to(email)[-1])
    return str(code)
