"""Stories on the local cloud, most of two people at two browsers.

What a screen shows is stale while its polls are blocked: a tap on it undoes nobody's work.
"""

import pytest
import requests
from playwright.sync_api import expect

from coffee_client import CoffeeClient
from local.service import Service
from tests.e2e.packaged import Packaged
from tests.fixtures import code_mailed_to
from tests.page.conftest import NewVisitor
from tests.page.visitor import Visitor


def test_from_sign_up_to_second_coffee(
    open_page: NewVisitor, service: Service, barista: Visitor, shop: str
) -> None:
    visitor = open_page(service.stack.api_url, "", f"Ann-of-{shop}")
    visitor.sign_up()
    visitor.expect_text("We sent a code to")
    visitor.submit_code("000000")
    visitor.expect_error("The code from the mail", "This is not the code from the mail.")
    visitor.press("Send a new code")
    visitor.expect_text("We sent a new code to")
    visitor.submit_code(code_mailed_to(service.cloud, visitor.email))
    visitor.expect_signed_in()

    visitor.order("Flat White", shop, Cups="٢", Price_of_a_cup="4,50")
    visitor.expect_text(f"Ordered: 2 × Regular Flat White for {visitor.name}.")
    barista.expect_row(visitor.name, "new")
    for queue, label, status in [
        ("new", "Start", "preparing"),
        ("making", "Ready", "ready"),
        ("ready", "Collected", "collected"),
    ]:
        barista.move(visitor.name, queue, label)
        visitor.expect_status("Flat White", status)
    barista.expect_text("Nothing to do.")

    visitor.press("Order again 2 × Regular Flat White")
    visitor.press("Order")
    visitor.expect_status("Flat White", "placed")
    barista.expect_row(visitor.name, "new")
    visitor.press("Cancel 2 × Regular Flat White")
    visitor.expect_status("Flat White", "cancelled")
    expect(barista.page.locator("#new li")).to_have_count(0)


@pytest.fixture
def buyer(customer: Visitor, barista: Visitor, shop: str) -> Visitor:
    """Return a customer whose latte is in the barista's queue."""
    customer.place_order("Latte", shop)
    barista.expect_row(customer.name, "new")
    return customer


@pytest.mark.slow
def test_nobody_cancels_what_replaced_the_order(
    buyer: Visitor, barista: Visitor, open_page: NewVisitor, service: Service, shop: str
) -> None:
    state = buyer.page.context.storage_state()
    tablet = open_page(service.stack.api_url, "", buyer.name, storage_state=state)
    tablet.expect_status("Latte", "placed")
    for screen in (barista, tablet):
        screen.block("**/orders**")
    buyer.order("Espresso", shop)
    buyer.press("Change it to 1 × Regular Espresso")
    buyer.expect_status("Espresso", "placed")
    barista.tap(buyer.name, "new", "Can’t make it")
    barista.move(buyer.name, "new", "Yes, cancel")
    barista.expect_text(f"{buyer.name}: The order is now 1 × Regular Espresso.")
    tablet.press("Cancel 1 × Regular Latte")
    tablet.expect_text("Nothing was cancelled: this order is now 1 × Regular Espresso.")
    buyer.expect_status("Espresso", "placed")
    tablet.press("Cancel 1 × Regular Espresso")
    tablet.expect_status("Espresso", "cancelled")
    buyer.expect_status("Espresso", "cancelled")
    buyer.expect_text("Cancelled by the shop, or by you elsewhere")


@pytest.mark.slow
def test_two_baristas_start_an_order_once(
    buyer: Visitor, barista: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    colleague = sign_in(shop)
    colleague.expect_row(buyer.name, "new")
    colleague.block("**/orders**")
    barista.move(buyer.name, "new", "Start")
    colleague.tap(buyer.name, "new", "Start")
    colleague.expect_text(f"{buyer.name}: It is being made by now.")
    expect(colleague.row(buyer.name, "making")).to_be_visible()


@pytest.mark.slow
def test_two_editors_change_one_menu(
    barista: Visitor, sign_in: NewVisitor, colleague: CoffeeClient, menu: str
) -> None:
    other = sign_in(menu)
    for editor in (barista, other):
        editor.go_to("Menu")
        editor.expect_text("Order here, pick it up when it is ready.")
    for editor, coffee in ((barista, "Flat White"), (other, "Mocha")):
        editor.press(f"Sold out: {coffee}")
        for each in (barista, other):
            button = each.page.get_by_role("button", name=f"Sold out: {coffee}", pressed=True)
            expect(button).to_be_visible()
    assert [each.soldout for each in colleague.shop(menu).menu] == [True, True]
    barista.fill(Name_of_the_shop="Quay Coffee")
    barista.press("Publish")
    barista.expect_text("Published.")
    other.press("Sold out: Mocha")  # its answer has the new menu's tag
    other.fill(Name_of_the_shop="Pier Coffee")
    other.press("Publish")
    other.expect_text("A colleague has published another menu meanwhile.")
    expect(other.field("Name of the shop")).to_have_value("Pier Coffee")
    assert colleague.shop(menu).name == "Quay Coffee"


def test_forgotten_password_is_reset_and_sessions_end(customer: Visitor, service: Service) -> None:
    customer.press("Sign out")
    customer.go_to("Sign in")
    customer.press("I forgot my password")
    customer.fill(Name=customer.name)
    customer.press("Send me a code")
    customer.expect_text("If there is an account of this name, we sent a code to")
    code = code_mailed_to(service.cloud, customer.email)
    customer.fill(The_code_from_the_mail=f"{code[:3]} {code[3:]}", New_password="N3w$word")
    customer.press("Set password")
    customer.expect_signed_in()

    expire = "sessionStorage['coffee-orders.session'] = JSON.stringify({ ...stored, staleAt: 0 })"
    stored = "const stored = JSON.parse(sessionStorage['coffee-orders.session'])"
    with customer.page.expect_response(f"{service.cloud.endpoint_url}/"):
        customer.page.evaluate(f"{stored}; {expire}; location.reload()")
    customer.expect_signed_in()


@pytest.mark.slow
def test_page_works_behind_api_gateway(open_page: NewVisitor, packaged: Packaged) -> None:
    visitor = open_page(packaged.api_url, "", "Grace")
    visitor.sign_up()
    visitor.expect_text("We sent a code to")
    visitor.submit_code(code_mailed_to(packaged.cloud, visitor.email))
    visitor.expect_signed_in()
    visitor.place_order("Flat White", "v0")
    visitor.press("Cancel 1 × Regular Flat White")
    visitor.expect_status("Flat White", "cancelled")


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}])
def test_page_of_another_origin_gets_403(service: Service, headers: dict[str, str]) -> None:
    mails = f"{service.cloud.endpoint_url}/_ministack/ses/messages"
    assert requests.get(mails, headers=headers, timeout=10).status_code == 403
