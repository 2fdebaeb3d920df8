"""The barista's queue: many orders in view, and steps that can be undone and never get lost."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor

UNDO = 4_000  # ms
LIST = "**/orders?*"
NAMES = ["Ann", "Ben", "Carla", "Dev", "Elif", "Finn", "Grace", "Hugo", "Ines", "Jon"]
NAMES += [f"{name} {initial}." for initial in "KM" for name in NAMES]

ShowQueue = Callable[..., Visitor]


@pytest.fixture
def show_queue(stub: StubbedService, stub_visitor: NewVisitor) -> ShowQueue:
    """Return a function that shows these orders to a barista."""

    def show(*orders: dict[str, Any], width: int = 1024) -> Visitor:
        stub.orders = list(orders)
        barista = stub_visitor("#queue", "Bo", staff=True, viewport={"width": width, "height": 768})
        expect(barista.page.locator("#queue .row")).to_have_count(len(orders))
        return barista

    return show


@pytest.fixture
def queue(show_queue: ShowQueue) -> Visitor:
    """Return the page of a barista whose queue has two new orders, Ann's and Ben's."""
    return show_queue(listed_order("Ann"), listed_order("Ben"))


@pytest.mark.parametrize("split", [(10, 10, 10), (30, 0, 0), (20, 10, 0), (28, 1, 1), (14, 8, 8)])
def test_tablet_shows_17_of_30_orders(show_queue: ShowQueue, split: tuple[int, int, int]) -> None:
    new, making, ready = split
    statuses = ["placed"] * new + ["preparing"] * making + ["ready"] * ready
    minutes = [number % 10 for number in range(30)]
    barista = show_queue(*map(listed_order, NAMES, statuses, minutes))
    visible_rows = barista.page.evaluate(
        """[...document.querySelectorAll("#queue .row")].filter((row) => {
          const { top, bottom, right } = row.getBoundingClientRect();
          return top >= 0 && bottom <= innerHeight && right <= innerWidth;
        }).length"""
    )
    assert visible_rows >= 17
    barista.take_picture("queue-tablet")
    assert barista.page.evaluate("document.documentElement.scrollWidth") == 1024


def test_age_turns_amber_at_5_minutes_and_red_at_8(show_queue: ShowQueue) -> None:
    minutes = (4.5, 5.1, 7.9, 8.1)
    barista = show_queue(*(listed_order(f"n{number}", minutes=number) for number in minutes))
    ages = barista.page.locator("#new .age")
    expect(ages).to_have_text(["4 min", "5 min", "7 min", "8 min"])
    assert [age.get_attribute("data-late") for age in ages.all()] == ["", "yes", "yes", "very"]


def test_quick_taps_are_one_step(queue: Visitor, stub: StubbedService) -> None:
    box = queue.row("Ann", "new").get_by_role("button", name="Start").bounding_box()
    assert box
    for _ in range(3):
        queue.page.mouse.click(box["x"] + 5, box["y"] + 5)
    queue.expect_row("Ann", "making")
    queue.expect_row("Ben", "new")  # though Ben's button has moved below the pointer
    queue.wait_until(lambda: stub.changes)
    assert stub.changes == [("Ann", "preparing")]


def test_undone_step_is_not_sent(queue: Visitor, stub: StubbedService) -> None:
    queue.tap("Ann", "new", "Start")
    queue.expect_row("Ann", "making")
    queue.press("Undo: Ann, Being made")
    queue.expect_row("Ann", "new")
    queue.page.wait_for_timeout(UNDO + 500)
    assert stub.changes == []


def test_keyboard_undoes_a_step(queue: Visitor) -> None:
    queue.row("Ann", "new").get_by_role("button", name="Start").press("Enter")
    queue.expect_row("Ann", "making")
    next_button = queue.row("Ben", "new").get_by_role("button").first
    expect(next_button).to_be_focused()
    queue.page.keyboard.press("Control+z")
    queue.expect_row("Ann", "new")


def test_steps_of_one_order_are_sent_in_turn(queue: Visitor, stub: StubbedService) -> None:
    queue.tap("Ann", "new", "Start")
    queue.tap("Ann", "making", "Ready")
    queue.expect_row("Ann", "ready")
    queue.wait_until(lambda: len(stub.changes) == 2)
    assert stub.changes == [("Ann", "preparing"), ("Ann", "ready")]
    queue.expect_row("Ann", "ready")  # in the list its status is still placed


def test_barista_cancels_an_order(queue: Visitor, stub: StubbedService) -> None:
    queue.tap("Ann", "new", "Can’t make it")
    expect(queue.page.locator("#queue .row")).to_have_count(1)
    queue.wait_until(lambda: stub.changes)
    assert stub.changes == [("Ann", "cancelled")]


@pytest.mark.parametrize(
    "leave",
    [
        lambda barista: barista.set_hidden(True),
        lambda barista: barista.go_to("Look up"),
        lambda barista: barista.press("Sign out"),
    ],
    ids=["hide", "navigate", "sign out"],
)
def test_leaving_the_queue_sends_the_step(
    queue: Visitor, stub: StubbedService, leave: Callable[[Visitor], None]
) -> None:
    queue.tap("Ann", "new", "Start")
    leave(queue)
    queue.wait_until(lambda: stub.changes, timeout=UNDO - 1_000)
    assert stub.changes == [("Ann", "preparing")]


def test_finishing_an_order_keeps_the_scroll_position(show_queue: ShowQueue) -> None:
    orders = [listed_order(f"n{number}x", "ready") for number in range(30)]
    barista = show_queue(*orders, width=390)
    barista.page.evaluate("window.scrollTo(0, 700)")
    position = barista.page.evaluate("window.scrollY")
    barista.row("n12x", "ready").get_by_role("button").click()
    expect(barista.page.locator("#queue .row")).to_have_count(29)
    assert barista.page.evaluate("window.scrollY") == position > 0


def test_lost_connection_is_reported_and_step_retried(queue: Visitor, stub: StubbedService) -> None:
    queue.block("**/order?*")
    queue.block(LIST)
    attempts = queue.record_requests("/order?")
    queue.tap("Ann", "new", "Start")
    queue.expect_text("Not up to date since")
    queue.wait_until(lambda: attempts)
    expect(queue.row("Ann", "making")).to_have_count(1)
    queue.page.unroute("**/order?*")
    queue.page.unroute(LIST)
    queue.poll_now()
    queue.wait_until(lambda: stub.changes)
    assert stub.changes == [("Ann", "preparing")]
    expect(queue.page.get_by_text("Not up to date since")).to_be_hidden()
