"""The screen on the wall, at 1080p."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor
from tests.e2e.page.shops import Shops
from tests.e2e.page.test_access import take_picture
from tests.e2e.page.test_queue import order

WAKE_LOCK = """
window.locks = 0;
const lock = { release: async () => {} };
const wakeLock = { request: async () => { window.locks += 1; return lock; } };
Object.defineProperty(navigator, "wakeLock", { value: wakeLock });
"""


@pytest.fixture
def board(sign_in: NewVisitor, shops: Shops, shop: str) -> Visitor:
    shops.publish(shop)
    barista = sign_in(vendorid=shop, width=1920, height=1080)
    orders = [
        order("Nora"),
        order("Max", "preparing"),
        order("Old", "ready", minutes=3),
        order("Latest", "ready", minutes=1),
        order("Gone", "ready", minutes=10.5),
    ]
    barista.page.route("**/orders?*", lambda route: route.fulfill(json={"orders": orders}))
    barista.page.add_init_script(WAKE_LOCK)
    barista.go_to("Board")
    barista.page.reload()
    expect(barista.page.locator("#board-making li")).to_have_text(["Max"])
    return barista


def test_the_board_shows_names_the_latest_first(board: Visitor) -> None:
    ready = board.page.locator("#board-ready li")
    expect(ready).to_have_text(["Latest", "Old"])
    assert ready.first.evaluate("name => getComputedStyle(name).fontSize") == "64px"
    expect(board.page.locator("#board-qr")).to_be_visible()
    expect(board.page.get_by_role("button").locator("visible=true")).to_have_count(0)
    assert board.page.evaluate("window.locks") >= 1
    scrolls = "document.documentElement.scrollHeight > innerHeight"
    assert board.page.evaluate(scrolls) is False


def test_a_closed_shop_says_so_on_the_board(board: Visitor, shops: Shops, shop: str) -> None:
    shops.close(shop, "Back at 2")
    board.page.reload()
    board.says("Closed: Back at 2")
    expect(board.page.locator("#board-qr")).to_be_hidden()


def test_the_board_says_when_it_is_not_up_to_date(board: Visitor) -> None:
    board.page.route("**/orders?*", lambda route: route.abort())
    board.ask_now()
    note = board.page.locator("#board-note")
    expect(note).to_have_text(re.compile(r"Not up to date since \d\d:\d\d"), timeout=10_000)
    expect(board.page.locator("#board-ready li")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault_on_the_board(board: Visitor, scheme: str) -> None:
    board.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found = Axe().run(board.page)
    assert found.violations_count == 0, found.generate_report()
    assert take_picture(board.page, f"board-{scheme}").exists()
