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
    visitor.says(f"Ordered: 2 × Regular Flat White at {shop}.")
    visitor.sees("Flat White", "placed")

    barista = sign_in(vendorid=shop)
    barista.go_to("Queue")
    barista.says("1 to do.")
    for label, status in [("Start", "preparing"), ("Ready", "ready")]:
        barista.card("Flat White").get_by_role("button", name=label).click()
        barista.sees("Flat White", status)
        visitor.sees("Flat White", status)
    barista.card("Flat White").get_by_role("button", name="Collected").click()
    barista.says("Nothing to do.")
    visitor.sees("Flat White", "collected")

    visitor.press("Order again 2 × Regular Flat White")
    visitor.press("Order")
    visitor.sees("Flat White", "placed")
    barista.says("1 to do.", timeout=15_000)
    visitor.press("Cancel 2 × Regular Flat White")
    visitor.sees("Flat White", "cancelled")
    barista.says("Nothing to do.", timeout=15_000)


def test_a_customer_who_is_too_late_to_cancel_is_told_so(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    customer.page.route("**/orders", lambda route: route.abort())  # no poll shows the next step
    barista = sign_in(vendorid=shop)
    barista.go_to("Queue")
    barista.card("Mocha").get_by_role("button", name="Start").click()
    barista.sees("Mocha", "preparing")
    customer.press("Cancel 1 × Regular Mocha")
    customer.says("Too late to cancel: the shop has it in hand.")
    customer.page.unroute("**/orders")
    customer.sees("Mocha", "preparing")


def test_the_queue_is_for_staff_only(customer: Visitor) -> None:
    expect(customer.page.get_by_role("link", name="Queue")).to_be_hidden()
    customer.visit("#shop")
    customer.says("New order")


def test_a_barista_of_two_shops_chooses_whose_queue_to_see(
    sign_in: NewVisitor, customer: Visitor, shop: str
) -> None:
    customer.order("Mocha", f"{shop}, b")
    customer.sees("Mocha", "placed")
    barista = sign_in(vendorid=f"{shop}, b")
    barista.go_to("Queue")
    expect(barista.field("Shop")).to_have_value(f"{shop}, b")
    barista.says("1 to do.")


def test_somebody_elses_account_is_refused_where_it_was_typed(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    customer.order("Latte", shop)
    customer.sees("Latte", "placed")
    another = sign_in()
    another.order("Mocha", shop, Your_account=customer.name)
    another.complains("Your account", "Somebody else orders under this account")
    expect(another.field("Coffee")).to_have_value("Mocha")


def test_signing_out_leaves_nothing_of_the_customer(customer: Visitor, shop: str) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    customer.press("Sign out")
    expect(customer.field("Password")).to_have_value("")
    assert customer.page.evaluate("sessionStorage.getItem('coffee-orders.session')") is None
    assert "Mocha" not in customer.page.locator("#mine").inner_text()
    assert customer.page.locator("#order-coffeetype").input_value() == ""


def test_who_reloads_the_page_stays_signed_in(customer: Visitor) -> None:
    customer.page.reload()
    customer.says(f"Signed in as {customer.name}")


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
