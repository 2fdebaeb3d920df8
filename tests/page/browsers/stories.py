"""The stories of a customer, a barista, a menu and a board, in Firefox and WebKit."""

from tests.page.browsers.conftest import NewUser


def test_customer_orders_from_a_menu(user: NewUser, menu: str) -> None:
    customer = user(f"#order?shop={menu}")
    customer.choose("Flat White")
    customer.choose("Large")
    print(repr(customer.visible_text()))
    customer.press("Order · €5.60")
    customer.sign_in()
    customer.sees("You are signed in")
    customer.press("Order · €5.60")
    customer.sees("Ordered: 1 × Large Flat White")
