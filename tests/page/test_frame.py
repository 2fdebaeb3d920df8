"""The frame of the page: addresses, parts for staff, keyboard, and files that do not arrive."""

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService
from tests.page.visitor import Visitor
from tests.samples import shop_response

pytestmark = pytest.mark.slow


@pytest.fixture
def customer(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    stub.shop = shop_response("v0")
    return stub_visitor()


def test_every_module_of_the_first_page_is_preloaded(customer: Visitor) -> None:
    scripts = customer.record_requests(".js")
    customer.page.reload()
    customer.expect_text("Order a coffee")
    urls = "links => links.map(({ href }) => href)"
    preloaded = customer.page.locator("link[rel=modulepreload]").evaluate_all(urls)
    assert {script.url for script in scripts if "/start.js" not in script.url} == {*preloaded}


def test_missing_module_is_reported_and_tried_again(customer: Visitor) -> None:
    customer.block("**/lookup.js")
    customer.go_to("Look up")
    customer.expect_text("This page is incomplete.")
    customer.page.unroute("**/lookup.js")
    customer.press("Try again")
    heading = customer.page.get_by_role("heading", name="Look up an order")
    expect(heading).to_be_visible()
    customer.go_to("Order")
    customer.go_to("Look up")
    expect(heading).to_be_focused()
    expect(customer.page).to_have_title("Look up an order · Coffee orders")
    customer.block("**/order.js")  # one of the first
    customer.page.reload()
    customer.expect_text("This page is incomplete.")
    customer.page.unroute("**/order.js")
    customer.poll_now()  # as when the network is back
    expect(heading).to_be_visible()


def test_every_address_shows_a_part(customer: Visitor) -> None:
    for address in ("#main", "#nonsense", "#order?shop", "#%", "#look-up?x=1"):
        customer.visit(address)
        expect(customer.page.locator("main section:visible h2").first).to_be_visible()


def test_skip_link_leaves_the_address(customer: Visitor) -> None:
    address = customer.page.url
    customer.page.get_by_role("link", name="Skip to the content").focus()
    customer.page.keyboard.press("Enter")
    expect(customer.page.locator("main")).to_be_focused()
    assert customer.page.url == address


def test_parts_for_staff_are_closed_to_customers(customer: Visitor) -> None:
    expect(customer.page.get_by_role("navigation").get_by_role("link")).to_have_text(
        ["Order", "Look up"]
    )
    customer.visit("#queue?shop=CALL%20555-0100%20to%20get%20your%20money%20back")
    customer.expect_text("This part is for the shop’s staff.")
    expect(customer.page.get_by_text("555-0100")).to_be_hidden()


def test_shop_can_be_found_and_chosen_again(customer: Visitor) -> None:
    customer.fill(Shop="v0")
    customer.field("Coffee").focus()
    customer.expect_text("Harbour Coffee")
    customer.page.get_by_role("radio", name="Mocha").check()
    customer.menu_submit.click()
    customer.expect_status("Mocha", "placed")
    customer.page.get_by_role("link", name="Another shop").click()
    customer.page.get_by_role("link", name="Harbour Coffee").click()
    expect(customer.page.get_by_role("radio", name="Mocha")).to_be_visible()
