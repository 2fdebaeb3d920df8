"""What a customer sees at a menu: where size and button open, what a tap shows, how it loads."""

import re

import pytest
from playwright.sync_api import ViewportSize, expect

from chalicelib import page
from tests.page.conftest import NewVisitor
from tests.page.shops import coffee, shop_as_listed
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow

PHONE: ViewportSize = {"width": 390, "height": 844}
LONG_MENU = [coffee(f"Coffee {number:02}", Small="3.50", Large="4.50") for number in range(30)]


@pytest.fixture
def long_menu(stub: StubbedService) -> None:
    stub.shop = shop_as_listed(menu=[{**each, "soldout": False} for each in LONG_MENU])


@pytest.fixture
def customer(long_menu: None, stub_visitor: NewVisitor) -> Visitor:  # noqa: ARG001 - publishes it
    return stub_visitor("#order?shop=v0", viewport=PHONE)


def test_size_and_button_open_at_the_coffee(customer: Visitor) -> None:
    for name in ("Coffee 00", "Coffee 15", "Coffee 29"):
        customer.page.get_by_role("radio", name=name, exact=True).check()
        expect(customer.page.get_by_role("radio", name="Large")).to_be_in_viewport()
        expect(customer.menu_submit).to_be_in_viewport()
    customer.expect_accessible("open-coffee-phone")


def test_order_again_brings_the_button_into_view(customer: Visitor, stub: StubbedService) -> None:
    stub.orders = [listed_order("Ann", "collected", coffeetype="Coffee 20", coffeesize="Large")]
    customer.page.reload()
    customer.press("Order again 1 × Large Coffee 20")
    customer.expect_text("One more tap: nothing is ordered yet.")
    expect(customer.menu_submit).to_be_in_viewport()
    expect(customer.menu_submit).to_be_focused()


@pytest.mark.usefixtures("long_menu")
def test_sign_in_says_why_it_opened(stub_visitor: NewVisitor) -> None:
    guest = stub_visitor("#order?shop=v0", None, viewport=PHONE)
    guest.choose("Coffee 07", "Small")
    guest.menu_submit.click()
    guest.expect_text("Sign in to order 1 × Small Coffee 07. Nothing is ordered yet.")


def test_offline_notice_is_in_view(customer: Visitor) -> None:
    customer.page.get_by_role("radio", name="Coffee 29").check()
    customer.page.context.set_offline(True)
    expect(customer.page.locator("#network")).to_be_in_viewport()


def test_closed_shop_reopens_without_a_reload(customer: Visitor, stub: StubbedService) -> None:
    assert stub.shop
    customer.choose("Coffee 01", "Small")
    stub.shop["open"] = False
    customer.page.reload()
    expect(customer.menu_submit).to_have_text("Closed")
    customer.field("Note").focus()
    stub.shop["open"] = True
    expect(customer.menu_submit).to_be_enabled()
    expect(customer.field("Note")).to_be_focused()


@pytest.mark.parametrize(
    ("waiting", "text"),
    [
        (0, "Orders waiting: 0"),
        (7, "Orders waiting: 7"),
        (101, "Orders waiting: 100+"),
    ],
)
def test_waiting_orders_are_shown(
    stub: StubbedService, stub_visitor: NewVisitor, waiting: int, text: str
) -> None:
    stub.shop = shop_as_listed(waiting=waiting)
    stub_visitor("#order?shop=v0", None).expect_text(text)


SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifts += value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("username", [None, "Ann"])
@pytest.mark.parametrize("viewport", [PHONE, {"width": 1024, "height": 768}])
@pytest.mark.usefixtures("long_menu")
def test_first_load_moves_nothing(
    stub: StubbedService,
    stub_visitor: NewVisitor,
    username: str,
    viewport: ViewportSize,
) -> None:
    stub.orders = [listed_order("Ann"), listed_order("Ann 2", "collected")]
    visitor = stub_visitor("", username, viewport=viewport)
    visitor.page.add_init_script(SHIFTS)
    visitor.page.goto("about:blank")
    visitor.visit("#order?shop=v0")
    expect(visitor.page.get_by_role("radio", name="Coffee 03", exact=True)).to_be_visible()
    assert visitor.page.evaluate("shifts") < 0.1


@pytest.mark.usefixtures("stub")
def test_every_module_of_the_first_page_is_preloaded() -> None:
    html = page.html("/").body
    preloaded = set(re.findall(r'modulepreload" href="[^"]*/([\w-]+\.js)"', html))
    needed, queue = set(), ["start.js", "main.js"]
    while queue:
        needed.add(name := queue.pop())
        script = page.static("", name).body
        imports = re.findall(r'^import\b[^(\n]*"\./([\w-]+\.js)"', script, re.MULTILINE)
        queue += [each for each in imports if each not in needed]
    assert preloaded == needed - {"start.js"}


def test_missing_module_is_reported_and_tried_again(customer: Visitor) -> None:
    customer.block("**/lookup.js")
    customer.page.get_by_role("link", name="Look up").click()
    customer.expect_text("This page is incomplete.")
    customer.page.unroute("**/lookup.js")
    customer.press("Try again")
    expect(customer.page.get_by_role("heading", name="Look up an order")).to_be_visible()


def test_page_without_its_first_modules_says_so(customer: Visitor) -> None:
    customer.block("**/order.js")
    customer.page.reload()
    customer.expect_text("This page is incomplete.")
    customer.page.unroute("**/order.js")
    customer.poll_now()  # as when the network is back
    customer.expect_text("Cafe v0")


@pytest.mark.parametrize("address", ["#main", "#nonsense", "#order?shop", "#%", "#look-up?x=1"])
def test_every_address_shows_a_part(stub_visitor: NewVisitor, address: str) -> None:
    visitor = stub_visitor(address, None)
    expect(visitor.page.locator("main section:visible h2").first).to_be_visible()


def test_skip_link_leaves_the_address(customer: Visitor) -> None:
    address = customer.page.url
    customer.page.get_by_role("link", name="Skip to the content").focus()
    customer.page.keyboard.press("Enter")
    expect(customer.page.locator("main")).to_be_focused()
    assert customer.page.url == address
    customer.press("Sign out")
    customer.expect_signed_out()


def test_text_in_an_address_is_shown_as_an_id(customer: Visitor) -> None:
    customer.visit("#queue?shop=this%20shop.%20CALL%20555-0100%20to%20get%20your%20money%20back")
    expect(customer.page.locator("#notice code")).to_have_text(re.compile("^this shop. CALL"))
    customer.expect_text("You are not on the staff of the shop with the id")
