"""The board: a screen in the shop, at 1080p, that shows whose order is ready."""

import re

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor
from tests.samples import shop_response

pytestmark = pytest.mark.slow


@pytest.fixture
def board(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    stub.shop = shop_response("v0", waiting=7)
    stub.orders = [
        listed_order("Nora"),
        listed_order("Max", "preparing", note="with oat milk"),
        listed_order("Hugo", "ready", minutes=3),
        listed_order("Ines", "ready", minutes=1),
        listed_order("Gone", "ready", minutes=10.5),
    ]
    board = stub_visitor("#board", staff=True, viewport={"width": 1920, "height": 1080})
    expect(board.page.locator("#board-making bdi")).to_have_text(["Max"])
    return board


def places(board: Visitor, status: str = "ready") -> dict[str, int]:
    """Return the place of each name in a list of the board."""
    items = board.page.locator(f"#board-{status} li").all_inner_texts()
    return {name: place for place, name in enumerate(items) if name}


def test_board_shows_names_without_controls(board: Visitor) -> None:
    expect(board.page.locator("#board-ready bdi")).to_have_text(["Ines", "Hugo"])
    expect(board.page.get_by_role("button").locator("visible=true")).to_have_count(0)
    board.expect_text("7 waiting")
    assert "oat milk" not in board.page.locator("#board").inner_text()
    scrolls = "document.documentElement.scrollHeight > innerHeight"
    assert board.page.evaluate(scrolls) is False
    board.expect_accessible("board")
    code = board.page.locator("#board-qr").bounding_box()
    millimetres = 43 * 25.4 / (1920**2 + 1080**2) ** 0.5  # of a pixel, on 43 inches
    assert code
    assert code["width"] * millimetres >= 300, "it scans from 3 m"


def test_new_name_moves_no_other(board: Visitor, stub: StubbedService) -> None:
    before = places(board)
    stub.orders.insert(0, listed_order("New", "ready"))
    board.poll_now()
    expect(board.page.locator("#board-ready bdi")).to_have_count(3)
    assert places(board) == {**before, "New": 2}


@pytest.mark.parametrize(("status", "list_name"), [("ready", "ready"), ("preparing", "making")])
def test_long_list_shows_the_latest_names(
    board: Visitor, stub: StubbedService, status: str, list_name: str
) -> None:
    names = [f"{'W' * 60} {number}" for number in range(60)]
    stub.orders = [listed_order(name, status, minutes=9 - i / 10) for i, name in enumerate(names)]
    board.poll_now()
    more = board.page.locator(f"#board-{list_name}-more")
    expect(more).to_have_text(re.compile(r"^\+\d+$"))
    hidden = int(more.inner_text())
    assert places(board, list_name).keys() == set(names[hidden:])
    assert board.page.locator(f"#board-{list_name}").evaluate(
        "list => list.lastElementChild.getBoundingClientRect().bottom"
        " <= list.getBoundingClientRect().bottom && list.getBoundingClientRect().bottom <= 1080"
    )


def test_failed_requests_are_shown_and_repeated(board: Visitor) -> None:
    board.block("**/shop/qr.svg?*")
    board.page.reload()
    expect(board.page.locator("#board-ready bdi")).to_have_count(2)
    board.page.unroute_all(behavior="wait")  # no request is being answered any more
    with board.page.expect_response("**/shop/qr.svg?*"):
        board.poll_now()
    board.block("**/orders?*")
    board.poll_now()
    board.expect_text("Not up to date since")
    expect(board.page.locator("#board-ready bdi")).to_have_count(2)
