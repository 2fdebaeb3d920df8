"""The stories of a customer, a barista, a menu, a board and a look-up, in Firefox and WebKit.

`make test-browsers` runs them; plain pytest does not, because it finds files by their names.
"""

import pytest

from coffee_client import CoffeeClient, Details, Order
from tests.page.browsers import engines
from tests.page.browsers.conftest import OpenPage
from tests.page.browsers.user import User

# Selenium's own driver of WebKit causes it.
pytestmark = pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")

_FLAT_WHITE = Details("Flat White", "Large", "5.60", "1")


@pytest.fixture
def customer(user: OpenPage, menu: str) -> User:
    """Return a customer who has signed in and ordered a flat white."""
    customer = user(f"#order?shop={menu}")
    customer.choose("Flat White")
    customer.choose("Large")
    customer.submit()
    customer.sign_in()
    customer.submit()
    customer.sees("Placed")
    return customer


def test_customer_signs_in_and_orders(customer: User, colleague: CoffeeClient, menu: str) -> None:
    for status, text in {"preparing": "Being made", "ready": "Ready"}.items():
        colleague.advance(customer.name, menu, status)
        customer.reload()  # the page asks for the status at once, and not in 30 seconds
        customer.sees(text)


@pytest.mark.parametrize("driver", [engines.firefox], indirect=True)  # WebKitGTK has no Web Push
def test_customer_who_left_the_page_is_told(
    customer: User, colleague: CoffeeClient, menu: str
) -> None:
    customer.press("Tell me when it is ready")
    customer.sees("You are told when your coffee is ready.")
    customer.leave()
    for status in ("preparing", "ready"):
        colleague.advance(customer.name, menu, status)
    customer.press_notification("Your Flat White is ready at Harbour Coffee")
    customer.sees("Ready")


def test_barista_makes_a_coffee(user: OpenPage, colleague: CoffeeClient, shop: str) -> None:
    barista = user(f"#queue?shop={shop}", shop)
    barista.sign_in()
    colleague.place(Order("Nell", shop, _FLAT_WHITE))
    for label in ("Start", "Ready", "Collected"):
        barista.press(f"{label}: 1 × Large Flat White for Nell")
    barista.wait_until(lambda: colleague.get("Nell", shop).status == "collected")


def test_no_tap_is_lost_when_the_page_is_left(
    user: OpenPage, colleague: CoffeeClient, shop: str
) -> None:
    # Firefox lost a third of the requests that a page sent when it was left.
    names = [f"Guest {number}" for number in range(8)]
    for name in names:
        colleague.place(Order(name, shop, _FLAT_WHITE))
    barista = user(f"#queue?shop={shop}", shop)
    barista.sign_in()
    for name in names:
        barista.press(f"Start: 1 × Large Flat White for {name}")
        barista.reload()
    barista.wait_until(lambda: not list(colleague.queue(shop, status="placed")), "a tap is lost")


def test_menu_is_published(user: OpenPage, colleague: CoffeeClient, menu: str) -> None:
    owner = user(f"#menu?shop={menu}", menu)
    owner.sign_in()
    owner.press("Sold out: Flat White")
    owner.fill("Name of the shop", "Harbour")
    colleague.update_shop(menu, soldout={"Mocha": True})  # no reason to reject the name
    owner.press("Publish")
    owner.sees("Published.")
    shop = colleague.shop(menu)
    assert shop.name == "Harbour"
    assert [coffee.soldout for coffee in shop.menu] == [True, True]


def test_board_and_look_up_show_who_can_come(
    user: OpenPage, colleague: CoffeeClient, shop: str
) -> None:
    colleague.place(Order("Nell", shop, _FLAT_WHITE))
    board = user(f"#board?shop={shop}", shop)
    board.sign_in()
    for status in ("preparing", "ready"):
        colleague.advance("Nell", shop, status)
        board.sees("Nell")
    board.visit(f"#look-up?accountid=Nell&vendorid={shop}")
    board.sees(f"for Nell at {shop}")
