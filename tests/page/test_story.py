"""Stories on the local cloud. One is of a page that must not use it."""

import re

import pytest
import requests
from playwright.sync_api import expect

from local.service import Service
from tests.e2e.packaged import Packaged
from tests.fixtures import code_mailed_to
from tests.page.conftest import NewVisitor
from tests.page.visitor import Visitor
from tests.samples import PASSWORD


def test_from_sign_up_to_second_coffee(
    open_page: NewVisitor, service: Service, barista: Visitor, shop: str
) -> None:
    visitor = open_page(service.stack.api_url, "", f"Ann-of-{shop}")
    visitor.sign_up("alllowercase1$")
    visitor.expect_error("Password", "Choose a stronger password.")
    description = re.compile("uppercase", re.IGNORECASE)
    expect(visitor.field("Password")).to_have_accessible_description(description)
    visitor.fill(Password=PASSWORD)
    visitor.press("Sign up")
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
