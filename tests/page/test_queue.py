"""The barista's queue: many orders in view, and taps that act on one order and never get lost."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.page.conftest import NewVisitor
from tests.page.shops import shop_as_listed
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow

LIST = "**/orders?*"
CHANGE = "**/order?*"
NAMES = ["Ann", "Ben", "Carla", "Dev", "Elif", "Finn", "Grace", "Hugo", "Ines", "Jon"]
NAMES += [f"{name} {initial}." for initial in "KM" for name in NAMES]
TABLET = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 768}
AUDIO = """
window.tones = 0;
OscillatorNode.prototype.start = () => { window.tones += 1; };
OscillatorNode.prototype.stop = () => {};
"""
WAKE_LOCK = """
window.locks = 0;
const lock = { release: async () => {} };
const wakeLock = { request: async () => { window.locks += 1; return lock; } };
Object.defineProperty(navigator, "wakeLock", { value: wakeLock });
"""

ShowQueue = Callable[..., Visitor]


@pytest.fixture
def show_queue(stub: StubbedService, stub_visitor: NewVisitor) -> ShowQueue:
    """Return a function that shows these orders to a barista.

    The page's clock stands still: it moves on by `run_for`, which also lets the page poll.
    """

    def show(*orders: dict[str, Any], size: dict[str, int] = TABLET) -> Visitor:
        stub.orders = list(orders)
        stub.shop = shop_as_listed()
        barista = stub_visitor("#look-up", "Bo", staff=True, viewport=size)
        barista.page.add_init_script(AUDIO + WAKE_LOCK)
        barista.page.clock.install()
        barista.visit("#queue")
        barista.page.reload()
        expect(barista.page.locator("#queue .row")).to_have_count(min(len(orders), 500))
        return barista

    return show


@pytest.fixture
def queue(show_queue: ShowQueue) -> Visitor:
    """Return the page of a barista whose queue has two new orders, Ann's and Ben's."""
    return show_queue(listed_order("Ann"), listed_order("Ben"))


def start_button(visitor: Visitor, name: str) -> Locator:
    return visitor.row(name, "new").get_by_role("button", name="Start")


def pass_time(visitor: Visitor, seconds: float = 1) -> None:
    """Let the page's clock move on, by default until moved rows accept taps."""
    visitor.page.clock.run_for(int(seconds * 1000))


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
    barista.take_picture(f"queue-{new}-{making}-{ready}")
    assert visible_rows >= 17
    assert barista.page.evaluate("document.documentElement.scrollWidth") == 1024


@pytest.mark.parametrize("split", [(12, 0, 0), (4, 4, 4), (1, 1, 0), (2, 9, 1)])
def test_text_is_large_for_up_to_12_orders(
    show_queue: ShowQueue, split: tuple[int, int, int]
) -> None:
    new, making, ready = split
    statuses = ["placed"] * new + ["preparing"] * making + ["ready"] * ready
    barista = show_queue(*map(listed_order, NAMES, statuses))
    sizes = """selector => Math.min(...[...document.querySelectorAll(selector)]
      .map((text) => parseFloat(getComputedStyle(text).fontSize)))"""
    assert barista.page.evaluate(sizes, "#queue .what strong") >= 26
    assert barista.page.evaluate(sizes, "#queue .what p, #queue .step") >= 20
    assert barista.page.evaluate("document.documentElement.scrollWidth") == 1024
    barista.take_picture(f"queue-{'-'.join(map(str, split))}")


def test_age_turns_amber_at_5_minutes_and_red_at_8(show_queue: ShowQueue) -> None:
    minutes = (4.5, 5.1, 7.9, 8.1)
    barista = show_queue(*(listed_order(f"n{number}", minutes=number) for number in minutes))
    ages = barista.page.locator("#new .age")
    expect(ages).to_have_text(["4 min", "5 min", "7 min", "8 min"])
    assert [age.get_attribute("data-late") for age in ages.all()] == ["", "yes", "yes", "very"]


def test_note_of_an_order_is_shown(show_queue: ShowQueue) -> None:
    barista = show_queue(listed_order("Ann", note="oat milk, extra hot"))
    expect(barista.row("Ann", "new")).to_contain_text("oat milk, extra hot")


def test_queue_shows_500_orders_and_counts_all(show_queue: ShowQueue) -> None:
    barista = show_queue(*(listed_order(f"n{number}") for number in range(523)))
    barista.expect_text("New 523")
    barista.expect_text("and 23 more")


def test_tap_is_sent_at_once(queue: Visitor, stub: StubbedService) -> None:
    queue.tap("Ann", "new", "Start")
    queue.wait_until(lambda: stub.changes)
    assert stub.changes == [("Ann", "preparing")]
    queue.expect_row("Ann", "making")


def test_quick_taps_are_one_step(queue: Visitor, stub: StubbedService) -> None:
    box = start_button(queue, "Ann").bounding_box()
    assert box
    for _ in range(3):
        queue.page.mouse.click(box["x"] + 5, box["y"] + 5)
    queue.expect_row("Ann", "making")
    queue.expect_row("Ben", "new")  # though Ben's button has moved below the pointer
    assert stub.changes == [("Ann", "preparing")]
    pass_time(queue)
    queue.page.mouse.click(box["x"] + 5, box["y"] + 5)
    queue.expect_row("Ben", "making")


def test_second_enter_acts_on_no_other_order(queue: Visitor, stub: StubbedService) -> None:
    start_button(queue, "Ann").press("Enter")
    queue.expect_row("Ann", "making")
    expect(start_button(queue, "Ben")).to_be_focused()
    queue.page.keyboard.press("Enter")
    queue.expect_row("Ben", "new")
    assert stub.changes == [("Ann", "preparing")]


def test_tap_on_a_row_that_a_colleague_moved_does_nothing(
    queue: Visitor, stub: StubbedService
) -> None:
    box = start_button(queue, "Ann").bounding_box()
    assert box
    stub.change("Ann", status="preparing")
    queue.expect_row("Ann", "making")
    queue.page.mouse.click(box["x"] + 5, box["y"] + 5)
    pass_time(queue)
    queue.expect_row("Ben", "new")
    assert stub.changes == []


def test_cancelling_asks_once_in_place(queue: Visitor, stub: StubbedService) -> None:
    queue.tap("Ann", "new", "Can’t make it")
    keep = queue.row("Ann", "new").get_by_role("button", name="Keep it")
    expect(keep).to_be_focused()
    pass_time(queue)
    keep.click()
    expect(queue.row("Ann", "new")).to_be_focused()
    pass_time(queue)
    queue.tap("Ann", "new", "Can’t make it")
    pass_time(queue)
    queue.tap("Ann", "new", "Yes, cancel")
    expect(queue.page.locator("#queue .row")).to_have_count(1)
    queue.wait_until(lambda: stub.changes)
    assert stub.changes == [("Ann", "cancelled")]
    expect(queue.page.locator("#undo")).to_be_hidden()  # a cancellation is final


@pytest.mark.parametrize("control", ["button", "Control+z"])
def test_undo_is_a_step_back(queue: Visitor, stub: StubbedService, control: str) -> None:
    queue.move("Ann", "new", "Start")
    if control == "button":
        queue.press("Undo: Ann, Being made".replace(",", ":"))
    else:
        queue.page.keyboard.press(control)
    queue.expect_row("Ann", "new")
    queue.wait_until(lambda: len(stub.changes) == 2)
    assert stub.changes == [("Ann", "preparing"), ("Ann", "placed")]
    queue.expect_row("Ann", "new")


def test_step_of_the_last_30_minutes_is_put_back(queue: Visitor, stub: StubbedService) -> None:
    for name, status, minutes in [("Dev", "preparing", 5), ("Elif", "collected", 29)]:
        stub.orders.append(listed_order(name, status, minutes))
    stub.orders.append(listed_order("Old", "collected", minutes=31))
    queue.poll_now()
    queue.page.get_by_text("Last 30 minutes").click()
    names = queue.page.locator("#recent-orders bdi:first-child")
    expect(names).to_have_text(["Dev", "Elif"])
    queue.press("Put back: Elif: Collected")
    queue.expect_row("Elif", "ready")
    queue.wait_until(lambda: stub.changes)
    assert stub.changes == [("Elif", "ready")]


def test_unchanged_elements_stay(queue: Visitor, stub: StubbedService) -> None:
    queue.move("Ann", "new", "Start")
    undo = queue.page.get_by_role("button", name="Undo: Ann")
    undo.focus()
    stub.orders.append(listed_order("Carla"))
    queue.expect_row("Carla", "new")
    expect(undo).to_be_focused()


def test_steps_of_one_order_are_sent_in_turn(queue: Visitor, stub: StubbedService) -> None:
    held = queue.hold(CHANGE, lambda request: request.method == "PATCH")
    queue.tap("Ann", "new", "Start")
    pass_time(queue)
    queue.tap("Ann", "making", "Ready")
    queue.expect_row("Ann", "ready")
    assert len(held) == 1
    held[0].fallback()
    queue.wait_until(lambda: len(held) == 2)
    held[1].fallback()
    queue.wait_until(lambda: len(stub.changes) == 2)
    assert stub.changes == [("Ann", "preparing"), ("Ann", "ready")]


def test_tap_without_network_waits_in_storage(queue: Visitor, stub: StubbedService) -> None:
    queue.block(CHANGE)
    queue.block(LIST)
    queue.tap("Ann", "new", "Start")
    expect(queue.row("Ann", "making")).to_contain_text("Waiting to be sent")
    queue.page.close()
    assert stub.changes == []
    queue.page = queue.page.context.new_page()
    queue.visit("#queue")
    queue.wait_until(lambda: stub.changes)
    assert stub.changes == [("Ann", "preparing")]
    queue.expect_row("Ann", "making")
    expect(queue.page.get_by_text("Waiting to be sent")).to_have_count(0)


def test_tap_waits_for_the_sign_in_of_its_user(
    queue: Visitor, stub: StubbedService, stub_visitor: NewVisitor
) -> None:
    queue.block(CHANGE)
    queue.tap("Ann", "new", "Start")
    expect(queue.row("Ann", "making")).to_contain_text("Waiting to be sent")
    state = queue.page.evaluate("localStorage['coffee-orders.steps']")
    colleague = stub_visitor("#queue", "Cy", staff=True)
    colleague.page.evaluate("state => localStorage['coffee-orders.steps'] = state", state)
    colleague.page.reload()
    colleague.expect_row("Ann", "new")
    assert stub.changes == []


def test_tap_whose_answer_was_lost_is_done_once(queue: Visitor, stub: StubbedService) -> None:
    def lose_answer(route: Route) -> None:
        stub.change("Ann", status="preparing")
        route.abort()

    queue.page.route(CHANGE, lose_answer, times=1)
    queue.tap("Ann", "new", "Start")
    expect(queue.row("Ann", "making")).to_contain_text("Waiting to be sent")
    queue.poll_now()
    expect(queue.page.get_by_text("Waiting to be sent")).to_have_count(0)
    queue.expect_row("Ann", "making")
    expect(queue.page.locator("#queue-note")).to_be_hidden()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"status": "preparing"}, "Ann: It is being made by now."),
        ({"status": "cancelled"}, "Ann: It is cancelled by now."),
        ({"details": listed_order("Ann", coffeetype="Espresso")["details"]}, "Espresso"),
    ],
)
def test_tap_on_a_changed_order_does_nothing(
    queue: Visitor, stub: StubbedService, change: dict[str, Any], text: str
) -> None:
    stub.change("Ann", **change)
    queue.tap("Ann", "new", "Start")
    expect(queue.page.locator("#queue-note")).to_contain_text(text)
    assert stub.changes == []


def test_new_orders_give_signals(queue: Visitor, stub: StubbedService) -> None:
    expect(queue.page).to_have_title("(2) Queue · Coffee orders")
    queue.press("Sound")
    tones = queue.page.evaluate("window.tones")
    queue.page.set_viewport_size({"width": 390, "height": 300})
    nodes = set()
    for number in range(3, 5):
        stub.orders.append(listed_order("Carla"[:number]))
        queue.poll_now()
        expect(queue.page).to_have_title(f"({number}) Queue · Coffee orders")
        queue.expect_text(f"{number - 2} new below")
        nodes.add(queue.page.locator("#news").inner_html())
    assert queue.page.evaluate("window.tones") == tones + 2
    queue.press("2 new below")
    expect(queue.page.locator("#new-below")).to_be_hidden()
    queue.press("Sound")
    stub.orders.append(listed_order("Dev"))
    queue.expect_row("Dev", "new")
    assert queue.page.evaluate("window.tones") == tones + 2


def test_same_event_is_announced_again(queue: Visitor) -> None:
    queue.page.evaluate(
        """window.announced = [];
        new MutationObserver(() => window.announced.push(document.getElementById("news").innerText))
          .observe(document.getElementById("news"), { childList: true })"""
    )
    for _ in range(2):
        queue.move("Ann", "new", "Start")
        queue.page.keyboard.press("Control+z")
        pass_time(queue)
    announced = queue.page.evaluate("window.announced")
    assert announced == ["Ann: Being made.", "Ann: Placed."] * 2


def test_screen_stays_awake(queue: Visitor) -> None:
    queue.wait_until(lambda: queue.page.evaluate("window.locks"))


def test_finishing_an_order_keeps_the_scroll_position(show_queue: ShowQueue) -> None:
    orders = [listed_order(f"n{number}x", "ready") for number in range(30)]
    barista = show_queue(*orders, size=PHONE)
    barista.page.evaluate("window.scrollTo(0, 700)")
    position = barista.page.evaluate("window.scrollY")
    barista.row("n12x", "ready").get_by_role("button").click()
    expect(barista.page.locator("#queue .row")).to_have_count(29)
    assert barista.page.evaluate("window.scrollY") == position > 0


def test_lost_connection_is_reported(queue: Visitor) -> None:
    queue.block(LIST)
    queue.poll_now()
    queue.expect_text("Not up to date since")
    queue.page.unroute(LIST)
    queue.poll_now()
    expect(queue.page.get_by_text("Not up to date since")).to_be_hidden()


def test_pausing_a_changed_shop_shows_it(queue: Visitor, stub: StubbedService) -> None:
    stub.shop = shop_as_listed(note="Back at 2")
    queue.press("Pause orders")
    queue.expect_text("Nothing was done: look at it, then tap again.")
    assert stub.shop["open"] is True
    queue.press("Pause orders")
    queue.press("Reopen")
    queue.expect_text("The shop is open again.")
