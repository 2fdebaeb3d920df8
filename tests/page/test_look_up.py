"""Looking up an order."""

import pytest

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService, listed_order

_HTML = "<img onerror=\"document.title='broken'\" src=x>"
_ADDRESS = "#look-up?accountid=Ann&vendorid=v0"


@pytest.fixture(autouse=True)
def placed_order(stub: StubbedService) -> None:
    """Place an order whose coffee is HTML."""
    stub.orders = [listed_order("Ann", coffeetype=_HTML)]


def test_order_is_found_without_a_token(stub_visitor: NewVisitor) -> None:
    customer = stub_visitor("#look-up")
    requests = customer.record_requests("/order?")
    customer.fill(Name_on_the_cup="Ann", Shop="v0")
    customer.press("Look up")
    customer.expect_text("for Ann at v0")
    assert customer.page.url.endswith(_ADDRESS)
    assert ["authorization" in request.headers for request in requests] == [False]
    customer.fill(Name_on_the_cup="nobody")
    customer.press("Look up")
    customer.expect_text("There is no order")
    customer.block("**/order?*")
    customer.press("Look up")
    customer.expect_text("The service can’t be reached.")


def test_html_is_shown_as_text(stub_visitor: NewVisitor) -> None:
    viewer = stub_visitor(_ADDRESS.replace("look-up", "news"), None)  # as of a notification
    viewer.expect_status(_HTML, "placed")
    viewer.expect_accessible("look-up")
    for visitor in (viewer, stub_visitor("#queue", staff=True)):
        visitor.expect_text("<img onerror=")
        assert visitor.page.locator("main img[onerror]").count() == 0
        assert "broken" not in visitor.page.title()
