"""Orders from sign-up to collection, on `make run` and on the packaged service."""

import requests
from playwright.sync_api import Browser, expect

from tests.e2e.packaged import Packaged
from tests.e2e.page.conftest import NewVisitor
from tests.e2e.page.visitor import Visitor


def test_from_sign_up_to_second_coffee(visitor: Visitor, barista: Visitor, shop: str) -> None:
    visitor.sign_up()
    visitor.confirm()
    visitor.order("Flat White", shop, Cups="2")
    visitor.expect_text(f"Ordered: 2 × Regular Flat White for {visitor.name}.")
    visitor.expect_status("Flat White", "placed")

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


def test_late_cancellation_is_rejected(buyer: Visitor, barista: Visitor) -> None:
    buyer.block("**/orders")  # so that polling does not show the next step
    barista.move(buyer.name, "new", "Start")
    buyer.press("Cancel 1 × Regular Mocha")
    buyer.expect_text("Too late to cancel: the shop has started on it.")
    buyer.page.unroute("**/orders")
    buyer.expect_status("Mocha", "preparing")


def test_parts_for_staff_are_closed_to_customers(customer: Visitor, shop: str) -> None:
    for part in ("Queue", "Menu", "Board"):
        expect(customer.page.get_by_role("link", name=part)).to_be_hidden()
    customer.visit("#queue")
    customer.expect_text("This part is for a shop’s staff.")
    customer.visit(f"#board?shop={shop}")
    customer.expect_text(f"You are not on the staff of {shop}.")


def test_staff_start_on_their_queue(barista: Visitor, new_visitor: NewVisitor, shop: str) -> None:
    assert barista.page.url.endswith(f"#queue?shop={shop}")
    same_user = new_visitor(f"#queue?shop={shop}", name=barista.name)
    same_user.sign_in()
    same_user.expect_text("Nothing to do.")
    assert same_user.page.url.endswith(f"#queue?shop={shop}")


def test_name_of_anothers_order_is_rejected(buyer: Visitor, sign_in: NewVisitor, shop: str) -> None:
    stranger = sign_in()
    stranger.order("Latte", shop, Name_on_the_cup=buyer.name)
    stranger.expect_error("Name on the cup", "Another customer has an open order")
    expect(stranger.field("Coffee")).to_have_value("Latte")


def test_page_works_below_a_stage(packaged: Packaged, browser: Browser) -> None:
    visitor = Visitor(browser.new_page(), packaged.api_url, packaged.cloud, "Grace")
    visitor.visit()
    visitor.sign_up()
    visitor.confirm()
    visitor.place_order("Flat White", "v0")
    visitor.cancel_order("Flat White")
    visitor.page.close()
    assert visitor.errors == []


def test_packaged_service_answers_304_to_a_known_etag(packaged: Packaged) -> None:
    url = f"{packaged.api_url}/static/any/main.js"
    etag = requests.get(url, timeout=30).headers["ETag"]
    response = requests.get(url, headers={"If-None-Match": etag}, timeout=30)
    assert (response.status_code, response.content) == (304, b"")
