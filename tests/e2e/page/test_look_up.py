"""Looking up an order: its card, the JSON response as a tree, and the route of the request."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.page.conftest import NewVisitor
from tests.e2e.page.visitor import Visitor

_HTML = "<img onerror=\"document.title='broken'\" src=x>"


@pytest.fixture
def order_key(customer: Visitor, shop: str) -> tuple[str, str]:
    """Return the accountid and vendorid of an order whose coffee is HTML."""
    customer.place_order(_HTML, shop, Cups="3")
    return customer.name, shop


@pytest.fixture
def viewer(visitor: Visitor, order_key: tuple[str, str]) -> Visitor:
    """Return a visitor who has looked the order up and is not signed in."""
    visitor.look_up(*order_key)
    visitor.expect_text("GET /order answered 200 in")
    return visitor


def stations(visitor: Visitor, state: str) -> Locator:
    """Return the stations of the request's route that are in a state."""
    return visitor.page.locator(f"#route .{state} strong")


def test_order_and_route_are_shown(viewer: Visitor, order_key: tuple[str, str]) -> None:
    viewer.expect_status(_HTML, "placed")
    text = "for {} at {}".format(*order_key)
    expect(viewer.page.locator("#look-up-order")).to_contain_text(text)
    expect(viewer.page.locator("#tree")).to_be_hidden()
    names = ["Your browser", "API Gateway", "Lambda"]
    expect(stations(viewer, "passed")).to_have_text(names)
    expect(stations(viewer, "answered")).to_have_text(["DynamoDB"])


def test_json_tree_folds(viewer: Visitor) -> None:
    viewer.page.get_by_text("The answer as JSON").press("Enter")
    tree = viewer.page.get_by_role("group", name="The answer")
    expect(tree.get_by_text('"placed"')).to_be_visible()
    expect(tree.get_by_text('"Regular"')).to_be_hidden()  # two levels are open
    tree.get_by_text("details").click()
    expect(tree.get_by_text('"Regular"')).to_be_visible()
    viewer.page.locator("#tree summary").first.press("Enter")
    expect(tree.get_by_text('"placed"')).to_be_hidden()
    viewer.press("Unfold all")
    expect(tree.get_by_text('"Regular"')).to_be_visible()
    viewer.press("Fold all")
    expect(tree.get_by_text('"placed"')).to_be_hidden()


def test_html_is_shown_as_text(viewer: Visitor, shop: str, sign_in: NewVisitor) -> None:
    viewer.page.get_by_text("The answer as JSON").click()
    viewer.press("Unfold all")
    for visitor in (viewer, sign_in(vendorid=shop)):
        visitor.expect_text("<img onerror=")
        assert visitor.page.locator("main img[onerror]").count() == 0
        assert "broken" not in visitor.page.title()


def test_missing_order_is_reported(visitor: Visitor) -> None:
    visitor.look_up("nobody", "nowhere")
    visitor.expect_text("There is no order under these two ids.")
    expect(stations(visitor, "answered")).to_have_text(["DynamoDB"])


def test_invalid_id_fails_at_the_service(visitor: Visitor) -> None:
    visitor.look_up("a\u007fb", "v0")
    visitor.expect_text("accountid: must have no control characters")
    expect(stations(visitor, "failed")).to_have_text(["Lambda"])
    expect(stations(visitor, "unreached")).to_have_text(["DynamoDB"])


@pytest.mark.parametrize(
    ("response", "station"),
    [
        ({"status": 429, "json": {"message": "Too Many Requests"}}, "API Gateway"),
        ({"status": 429, "json": {"Code": "TooManyRequestsError", "Message": "x"}}, "DynamoDB"),
        ({"status": 503, "json": {"Code": "ServiceUnavailableError", "Message": "x"}}, "DynamoDB"),
    ],
)
def test_route_shows_the_failure(visitor: Visitor, response: dict[str, Any], station: str) -> None:
    visitor.respond("**/order?*", **response)
    visitor.look_up("a0", "v0")
    expect(stations(visitor, "failed")).to_have_text([station])


def test_network_failure_is_reported(visitor: Visitor) -> None:
    visitor.block("**/order?*")
    visitor.look_up("a0", "v0")
    visitor.expect_text("The service can’t be reached.")
    expect(stations(visitor, "failed")).to_have_text(["Your browser"])
    expect(visitor.field("Name on the cup")).to_have_value("a0")


def test_look_up_sends_no_token(customer: Visitor, order_key: tuple[str, str]) -> None:
    requests = customer.record_requests("/order?")
    customer.look_up(*order_key)
    customer.expect_text("answered 200")
    assert len(requests) == 1
    assert "authorization" not in requests[0].all_headers()


def test_look_up_can_be_shared_as_a_link(viewer: Visitor, new_visitor: NewVisitor) -> None:
    _, _, fragment = viewer.page.url.partition("#")
    new_visitor(f"#{fragment}").expect_text("GET /order answered 200 in")
