"""The stories of a customer, a barista, a menu and a board, in Firefox and WebKit."""

import pytest

from tests.page.browsers.conftest import NewUser

# Selenium's own driver of WebKit does this.
pytestmark = pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")


def test_customer_orders_from_a_menu(user: NewUser, menu: str) -> None:
    customer = user(f"#order?shop={menu}")
    customer.choose("Flat White")
    customer.choose("Large")
    customer.submit()
    customer.sign_in()
    customer.sees("You are signed in")
    customer.submit()
    customer.sees("Ordered: 1 × Large Flat White")
