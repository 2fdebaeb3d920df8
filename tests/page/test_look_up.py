"""Looking up an order: its card, and the response as JSON."""

import re

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor

_HTML = "<img onerror=\"document.title='broken'\" src=x>"
_ADDRESS = "#look-up?accountid=Ann&vendorid=v0"


@pytest.fixture(autouse=True)
def placed_order(stub: StubbedService) -> None:
    """Place an order whose coffee is HTML."""
    stub.orders = [listed_order("Ann", coffeetype=_HTML, quantity="3")]


@pytest.fixture
def guest(stub_visitor: NewVisitor) -> Visitor:
    return stub_visitor("#look-up", username=None)


@pytest.fixture
def viewer(stub_visitor: NewVisitor) -> Visitor:
    """Return a visitor who has opened a link to the order and is not signed in."""
    viewer = stub_visitor(_ADDRESS, username=None)
    viewer.expect_status(_HTML, "placed")
    return viewer


def test_order_is_found_by_its_two_ids(guest: Visitor) -> None:
    guest.look_up("Ann", "v0")
    guest.expect_status(_HTML, "placed")
    expect(guest.page.locator("#look-up-order")).to_contain_text("for Ann at v0")
    expect(guest.page.locator("#json")).to_be_hidden()
    assert guest.page.url.endswith(_ADDRESS)


def test_answer_is_shown_as_json(viewer: Visitor) -> None:
    viewer.page.get_by_text("The answer as JSON").press("Enter")
    viewer.expect_text('"coffeesize": "Small"')


def test_html_is_shown_as_text(viewer: Visitor, stub_visitor: NewVisitor) -> None:
    viewer.page.get_by_text("The answer as JSON").click()
    barista = stub_visitor("#queue", staff=True)
    for visitor in (viewer, barista):
        visitor.expect_text("<img onerror=")
        assert visitor.page.locator("main img[onerror]").count() == 0
        assert "broken" not in visitor.page.title()


def test_missing_order_is_reported(guest: Visitor) -> None:
    guest.look_up("nobody", "nowhere")
    guest.expect_text("There is no order under these two ids.")


def test_rejection_is_shown(guest: Visitor) -> None:
    message = "accountid: must have no control characters"
    guest.respond("**/order?*", status=400, json={"Code": "BadRequestError", "Message": message})
    guest.look_up("Ann", "v0")
    guest.expect_text(message)


def test_network_failure_is_reported(guest: Visitor) -> None:
    guest.block("**/order?*")
    guest.look_up("Ann", "v0")
    guest.expect_text("The service can’t be reached.")
    expect(guest.field("Name on the cup")).to_have_value("Ann")


def test_look_up_sends_no_token(stub_visitor: NewVisitor) -> None:
    customer = stub_visitor()
    requests = customer.record_requests("/order?")
    customer.look_up("Ann", "v0")
    expect(customer.page.locator("#look-up-order")).to_contain_text(re.compile("for Ann"))
    assert len(requests) == 1
    assert "authorization" not in requests[0].all_headers()
