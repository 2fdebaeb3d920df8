"""Looking an order up: by anybody, as a tree, beside the way that the request took."""

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor

_NASTY = "<img onerror=\"document.title='broken'\" src=x>"


@pytest.fixture
def ordered(customer: Visitor, shop: str) -> tuple[str, str]:
    """Return the ids of an order."""
    customer.order(_NASTY, shop, Cups="3")
    customer.sees(_NASTY, "placed")
    return customer.name, shop


def look_up(visitor: Visitor, accountid: str, vendorid: str) -> None:
    visitor.go_to("Look up")
    visitor.fill(Name_on_the_cup=accountid, Shop=vendorid)
    visitor.press("Look up")


def test_the_answer_is_the_orders_card(visitor: Visitor, ordered: tuple[str, str]) -> None:
    look_up(visitor, *ordered)
    visitor.sees(_NASTY, "placed")
    expect(visitor.page.locator("#found-order")).to_contain_text(
        f"for {ordered[0]} at {ordered[1]}"
    )
    expect(visitor.page.locator("#tree")).to_be_hidden()


def stations(visitor: Visitor, kind: str) -> Locator:
    return visitor.page.locator(f"#route .{kind} strong")


def test_anybody_sees_an_order_as_a_tree_that_folds(
    visitor: Visitor, ordered: tuple[str, str]
) -> None:
    look_up(visitor, *ordered)
    visitor.page.get_by_text("The answer as JSON").click()
    tree = visitor.page.get_by_role("group", name="The answer")
    expect(tree.get_by_text('"Regular"')).to_be_hidden()  # open to two levels
    tree.get_by_text("details").click()
    expect(tree.get_by_text('"Regular"')).to_be_visible()
    visitor.press("Fold all")
    expect(tree.get_by_text('"placed"')).to_be_hidden()
    visitor.press("Unfold all")
    expect(tree.get_by_text('"Regular"')).to_be_visible()


def test_the_tree_folds_by_keyboard(visitor: Visitor, ordered: tuple[str, str]) -> None:
    look_up(visitor, *ordered)
    visitor.says("answered 200")
    visitor.page.get_by_text("The answer as JSON").press("Enter")
    tree = visitor.page.get_by_role("group", name="The answer")
    expect(tree.get_by_text('"placed"')).to_be_visible()
    visitor.page.locator("#tree summary").first.press("Enter")
    expect(tree.get_by_text('"placed"')).to_be_hidden()


def test_a_coffee_that_looks_like_html_is_text_everywhere(
    visitor: Visitor, ordered: tuple[str, str], sign_in: NewVisitor
) -> None:
    look_up(visitor, *ordered)
    visitor.page.get_by_text("The answer as JSON").click()
    visitor.press("Unfold all")
    visitor.says("<img onerror=")
    barista = sign_in(vendorid=ordered[1])
    barista.says("<img onerror=")
    for somebody in (visitor, barista):
        assert somebody.page.locator("main img[onerror]").count() == 0
        assert "broken" not in somebody.page.title()


def test_the_picture_shows_the_whole_way_to_the_table(
    visitor: Visitor, ordered: tuple[str, str]
) -> None:
    look_up(visitor, *ordered)
    visitor.says("GET /order answered 200 in")
    expect(stations(visitor, "passed")).to_have_text(["Your browser", "API Gateway", "Lambda"])
    expect(stations(visitor, "answered")).to_have_text(["DynamoDB"])


def test_an_order_that_is_not_there_is_said_in_words(visitor: Visitor) -> None:
    look_up(visitor, "nobody", "nowhere")
    visitor.says("There is no order under these two ids.")
    expect(stations(visitor, "answered")).to_have_text(["DynamoDB"])


def test_what_the_service_refuses_turns_back_at_the_service(visitor: Visitor) -> None:
    look_up(visitor, "a\u007fb", "v0")
    visitor.says("accountid: must have no control characters")
    expect(stations(visitor, "failed")).to_have_text(["Lambda"])
    expect(stations(visitor, "unreached")).to_have_text(["DynamoDB"])


@pytest.mark.parametrize(
    ("answer", "turned_back_at"),
    [
        ({"status": 429, "json": {"message": "Too Many Requests"}}, "API Gateway"),
        ({"status": 429, "json": {"Code": "TooManyRequestsError", "Message": "x"}}, "DynamoDB"),
        ({"status": 503, "json": {"Code": "ServiceUnavailableError", "Message": "x"}}, "DynamoDB"),
    ],
)
def test_the_picture_tells_who_turned_a_request_back(
    visitor: Visitor, answer: dict[str, object], turned_back_at: str
) -> None:
    visitor.page.route("**/order?*", lambda route: route.fulfill(**answer))
    look_up(visitor, "a0", "v0")
    expect(stations(visitor, "failed")).to_have_text([turned_back_at])


def test_a_network_that_fails_shows_in_the_picture(visitor: Visitor) -> None:
    visitor.page.route("**/order?*", lambda route: route.abort())
    look_up(visitor, "a0", "v0")
    visitor.says("The service can’t be reached.")
    expect(stations(visitor, "failed")).to_have_text(["Your browser"])
    expect(visitor.field("Name on the cup")).to_have_value("a0")


def test_no_token_goes_along(customer: Visitor, ordered: tuple[str, str]) -> None:
    headers: list[dict[str, str]] = []

    def note(route: Route) -> None:
        headers.append(route.request.all_headers())
        route.continue_()

    customer.page.route("**/order?*", note)
    look_up(customer, *ordered)
    customer.says("answered 200")
    assert len(headers) == 1
    assert "authorization" not in headers[0]


def test_a_look_up_can_be_sent_to_somebody_as_a_link(
    visitor: Visitor, ordered: tuple[str, str], new_visitor: NewVisitor
) -> None:
    look_up(visitor, *ordered)
    visitor.says("answered 200")
    another = new_visitor(visitor.page.url.partition("/#")[2].join(["#", ""]))
    another.says("GET /order answered 200 in")
