"""The board: a screen in the shop, at 1080p, that shows whose order is ready."""

import re

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.shops import shop_as_listed
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor

WAKE_LOCK = """
window.locks = 0;
const lock = { release: async () => {} };
const wakeLock = { request: async () => { window.locks += 1; return lock; } };
Object.defineProperty(navigator, "wakeLock", { value: wakeLock });
"""


@pytest.fixture
def board(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    stub.shop = shop_as_listed()
    stub.orders = [
        listed_order("Nora"),
        listed_order("Max", "preparing"),
        listed_order("Old", "ready", minutes=3),
        listed_order("Latest", "ready", minutes=1),
        listed_order("Gone", "ready", minutes=10.5),
    ]
    size = {"width": 1920, "height": 1080}
    board = stub_visitor("#look-up", staff=True, viewport=size)
    board.page.add_init_script(WAKE_LOCK)
    board.go_to("Board")
    board.page.reload()
    expect(board.page.locator("#board-making li")).to_have_text(["Max"])
    return board


def test_board_shows_recent_names_latest_first(board: Visitor) -> None:
    ready = board.page.locator("#board-ready li")
    expect(ready).to_have_text(["Latest", "Old"])
    assert ready.first.evaluate("name => getComputedStyle(name).fontSize") == "64px"
    expect(board.page.locator("#board-qr")).to_be_visible()
    expect(board.page.get_by_role("button").locator("visible=true")).to_have_count(0)
    board.wait_until(lambda: board.page.evaluate("window.locks"))
    scrolls = "document.documentElement.scrollHeight > innerHeight"
    assert board.page.evaluate(scrolls) is False


def test_board_shows_closed_shop(board: Visitor, stub: StubbedService) -> None:
    stub.shop = shop_as_listed(open=False, note="Back at 2")
    board.poll_now()
    board.expect_text("Closed: Back at 2")
    expect(board.page.locator("#board-qr")).to_be_hidden()


def test_board_shows_when_it_is_not_up_to_date(board: Visitor) -> None:
    board.block("**/orders?*")
    board.poll_now()
    note = board.page.locator("#board-note")
    expect(note).to_have_text(re.compile(r"Not up to date since \d\d:\d\d"))
    expect(board.page.locator("#board-ready li")).to_have_count(2)


def test_axe_finds_no_violations_on_the_board(board: Visitor) -> None:
    board.expect_accessible("board")
