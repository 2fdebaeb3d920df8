"""What people type and paste is understood, and what is restored is what it was."""

import pytest
from playwright.sync_api import expect

from local.service import Service
from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor
from tests.e2e.people import code_mailed_to


@pytest.mark.parametrize(
    ("typed", "price"), [("4,50", "4.50"), ("4,5", "4.50"), (",50", "0.50"), ("٤٫٥٠", "4.50")]
)
def test_a_price_may_have_a_comma(customer: Visitor, shop: str, typed: str, price: str) -> None:
    customer.order("Mocha", shop, Price_of_a_cup=typed)
    customer.sees("Mocha", "placed")
    expect(customer.card("Mocha").locator(".cost")).to_have_text(price)


def test_a_comma_that_may_separate_thousands_is_refused(customer: Visitor, shop: str) -> None:
    customer.order("Mocha", shop, Price_of_a_cup="1,000")
    customer.complains("Price of a cup", "must be a decimal number")


def test_cups_may_be_typed_in_arabic_digits(customer: Visitor, shop: str) -> None:
    customer.order("Mocha", shop, Cups="٢")
    customer.says("Ordered: 2 × Regular Mocha")


@pytest.mark.parametrize("pattern", ["{} {}", " {}-{} ", "\u200b{}\u00a0{}", "Code: {}{}."])
def test_a_code_is_read_as_it_is_pasted(visitor: Visitor, service: Service, pattern: str) -> None:
    visitor.sign_up()
    visitor.says("We sent a code to")
    code = code_mailed_to(service.cloud, visitor.email)
    visitor.fill(The_code_from_the_mail=pattern.format(code[:3], code[3:]))
    visitor.press("Confirm")
    visitor.is_signed_in()


def test_a_code_for_a_new_password_is_read_as_it_is_pasted(
    sign_in: NewVisitor, service: Service
) -> None:
    customer = sign_in()
    customer.press("Sign out")
    customer.go_to("Sign in")
    customer.fill(Name=customer.name)
    customer.press("I forgot my password")
    customer.press("Send me a code")
    customer.says("If there is an account of this name, we sent a code to")
    code = code_mailed_to(service.cloud, customer.email)
    spaced = f"{code[:3]} {code[3:]}"
    customer.fill(The_code_from_the_mail=spaced, New_password="N3w$word")
    customer.press("Set password")
    customer.is_signed_in()


def test_the_queue_of_a_shop_with_two_blanks_in_its_id(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    vendorid = f"{shop}  b"
    customer.order("Mocha", vendorid)
    customer.sees("Mocha", "placed")
    barista = sign_in(vendorid=vendorid)
    barista.has(customer.name, "new")


def ordered_again(customer: Visitor, shop: str, size: str) -> None:
    """Order in a size that the form does not offer, as another client may, and again."""
    customer.page.evaluate(
        "size => document.getElementById('order-coffeesize')"
        "  .add(new Option(size, size, true, true))",
        size,
    )
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    customer.page.reload()
    customer.page.locator("button", has_text="Cancel").click()
    customer.page.locator("button", has_text="Order again").click()


@pytest.mark.parametrize("size", ["Bucket", "Very  large"])
def test_a_size_of_ones_own_is_kept_over_a_reload(customer: Visitor, shop: str, size: str) -> None:
    ordered_again(customer, shop, size)
    customer.page.reload()
    expect(customer.field("Size")).to_have_value(size)
    customer.press("Order")
    customer.sees("Mocha", "placed")


@pytest.mark.parametrize(
    "draft",
    [
        "{not JSON",
        "null",
        "7",
        '["Mocha"]',
        '{"coffeetype": "Mocha", "milk": "oat", "length": "1", "quantity": 3, "coffeesize": null}',
        '{"coffeetype": "Mocha", "coffeesize": {"a": 1}, "vendorid": ["v0"]}',
    ],
)
def test_a_draft_of_another_version_does_not_stop_the_page(customer: Visitor, draft: str) -> None:
    customer.page.evaluate("draft => sessionStorage['coffee-orders.draft'] = draft", draft)
    customer.page.reload()
    customer.is_signed_in()
    expect(customer.field("Coffee")).to_have_value("Mocha" if "coffeetype" in draft else "")
    expect(customer.field("Size")).to_have_value("Regular")
    expect(customer.field("Cups")).to_have_value("1")


@pytest.mark.parametrize(
    "kept", ["{not JSON", "[]", '{"idToken": "a.b.c"}', '{"idToken": 7, "refreshToken": "x"}']
)
def test_a_login_of_another_version_does_not_stop_the_page(visitor: Visitor, kept: str) -> None:
    visitor.page.evaluate("kept => sessionStorage['coffee-orders.session'] = kept", kept)
    visitor.page.reload()
    expect(visitor.page.locator("#to-sign-in")).to_be_visible()
