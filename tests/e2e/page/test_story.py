"""The story: somebody new orders, the shop brews, both see each other's steps."""

from playwright.sync_api import expect

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor


def test_from_signing_up_to_the_second_coffee(
    visitor: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    visitor.sign_up()
    visitor.confirm()
    visitor.order("Flat White", shop, Cups="2")
    visitor.says(f"Ordered: 2 × Regular Flat White for {visitor.name}.")
    visitor.sees("Flat White", "placed")

    barista = sign_in(vendorid=shop)
    for where, label, status in [("new", "Start", "preparing"), ("making", "Ready", "ready")]:
        barista.move(visitor.name, where, label)
        visitor.sees("Flat White", status)
    barista.move(visitor.name, "ready", "Collected")
    visitor.sees("Flat White", "collected")
    barista.says("Nothing to do.")

    visitor.press("Order again 2 × Regular Flat White")
    visitor.press("Order")
    visitor.sees("Flat White", "placed")
    barista.has(visitor.name, "new")
    visitor.press("Cancel 2 × Regular Flat White")
    visitor.sees("Flat White", "cancelled")
    expect(barista.page.locator("#new li")).to_have_count(0, timeout=10_000)


def test_a_customer_who_is_too_late_to_cancel_is_told_so(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    customer.page.route("**/orders", lambda route: route.abort())  # no poll shows the next step
    barista = sign_in(vendorid=shop)
    barista.move(customer.name, "new", "Start")
    customer.press("Cancel 1 × Regular Mocha")
    customer.says("Too late to cancel: the shop has started on it.")
    customer.page.unroute("**/orders")
    customer.sees("Mocha", "preparing")


def test_the_staffs_parts_are_for_staff_only(customer: Visitor, shop: str) -> None:
    for part in ("Queue", "Menu", "Board"):
        expect(customer.page.get_by_role("link", name=part)).to_be_hidden()
    customer.visit("#queue")
    customer.says("This part is for a shop’s staff.")
    customer.visit(f"#board?shop={shop}")
    customer.says(f"You are not on the staff of {shop}.")


def test_somebody_elses_account_is_refused_where_it_was_typed(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    customer.order("Latte", shop)
    customer.sees("Latte", "placed")
    another = sign_in()
    another.order("Mocha", shop, Name_on_the_cup=customer.name)
    another.complains("Name on the cup", "Another customer has an open order")
    expect(another.field("Coffee")).to_have_value("Mocha")


def test_signing_out_leaves_nothing_of_the_customer(customer: Visitor, shop: str) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    customer.press("Sign out")
    expect(customer.page.locator("#to-sign-in")).to_be_visible()
    assert customer.page.evaluate("sessionStorage.getItem('coffee-orders.session')") is None
    assert "Mocha" not in customer.page.locator("main").inner_text()
    assert customer.page.locator("#order-coffeetype").input_value() == ""


def test_who_reloads_the_page_stays_signed_in(customer: Visitor) -> None:
    customer.page.reload()
    customer.is_signed_in()


def test_no_token_is_ever_in_a_url(customer: Visitor, shop: str) -> None:
    urls: list[str] = []
    customer.page.on("request", lambda request: urls.append(request.url))
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    stored = customer.page.evaluate("JSON.parse(sessionStorage['coffee-orders.session'])")
    assert urls
    for url in [*urls, customer.page.url]:
        assert stored["idToken"] not in url
        assert stored["refreshToken"] not in url
