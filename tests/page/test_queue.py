"""The barista's queue: many orders in view, and taps that act on one order and never get lost."""

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor
from tests.samples import shop_response

pytestmark = pytest.mark.slow

FIRST_NAMES = ("Ann", "Ben", "Carla", "Dev", "Elif", "Finn", "Grace", "Hugo", "Ines", "Jon")
NAMES = [f"{name}{initial}" for initial in ("", " K.", " M.") for name in FIRST_NAMES]
AGES = [number % 10 for number in range(30)]
# Counts tones and wake locks, of which headless Chromium has none.
DEVICES = """
window.tones = window.locks = 0;
OscillatorNode.prototype.start = () => { window.tones += 1; };
OscillatorNode.prototype.stop = () => {};
const lock = { release: async () => { window.locks -= 1; } };
const wakeLock = { request: async () => { window.locks += 1; return lock; } };
Object.defineProperty(navigator, "wakeLock", { value: wakeLock });
"""


@pytest.fixture
def queue(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    """Return the page of a barista whose queue has two new orders. The page has a clock."""
    stub.orders = [listed_order("Ann"), listed_order("Ben")]
    stub.shop = shop_response("v0")
    barista = stub_visitor("#queue", "Bo", staff=True)
    barista.page.add_init_script(DEVICES)
    barista.page.clock.install()
    barista.page.reload()
    expect(barista.page.locator("#queue .row")).to_have_count(2)
    return barista


def start_button(visitor: Visitor, name: str) -> Locator:
    return visitor.row(name, "new").get_by_role("button", name="Start")


@pytest.mark.parametrize(
    "statuses",
    [["placed"] * 30, ["placed", "preparing", "ready"] * 10, ["placed"] * 28 + ["ready"] * 2],
)
def test_17_of_30_orders_are_in_view(
    queue: Visitor, stub: StubbedService, statuses: list[str]
) -> None:
    stub.orders = [*map(listed_order, NAMES, statuses, AGES)]
    queue.page.reload()
    rows = queue.page.locator("#queue .row")
    expect(rows).to_have_count(30)
    is_visible = """rows => rows.map((row) => row.getBoundingClientRect())
      .map(({ top, bottom, right }) => top >= 0 && bottom <= innerHeight && right <= innerWidth)"""
    assert sum(rows.evaluate_all(is_visible)) >= 17


@pytest.mark.parametrize("statuses", [["placed"] * 12, ["placed", "preparing", "ready"] * 4])
def test_text_is_large_for_up_to_12_orders(
    queue: Visitor, stub: StubbedService, statuses: list[str]
) -> None:
    stub.orders = [*map(listed_order, NAMES, statuses, AGES)]
    queue.page.reload()
    expect(queue.page.locator("#queue .row")).to_have_count(12)
    sizes = "texts => texts.map((text) => parseFloat(getComputedStyle(text).fontSize))"
    names = queue.page.locator("#queue .what strong").evaluate_all(sizes)
    drinks = queue.page.locator("#queue .what p, #queue .step").evaluate_all(sizes)
    assert min(names) >= 26
    assert min(drinks) >= 20
    queue.expect_accessible("queue")


def test_row_shows_age_and_note(queue: Visitor, stub: StubbedService) -> None:
    minutes = (4.5, 5.1, 7.9, 8.1)
    stub.orders = [listed_order(f"n{each}", "placed", each, note="oat") for each in minutes]
    queue.page.reload()
    ages = queue.page.locator("#new .age")
    expect(ages).to_have_text(["4 min", "5 min", "7 min", "8 min"])
    assert [age.get_attribute("data-late") for age in ages.all()] == ["", "yes", "yes", "very"]
    expect(queue.page.locator("#new .order-note")).to_have_text(["oat"] * 4)


def test_queue_shows_500_orders_and_counts_all(queue: Visitor, stub: StubbedService) -> None:
    stub.orders = [listed_order(f"n{number}") for number in range(523)]
    queue.page.reload()
    queue.expect_text("New 523")
    queue.expect_text("and 23 more")
    expect(queue.page.locator("#queue .row")).to_have_count(500)


def test_second_enter_acts_on_no_other_order(queue: Visitor, stub: StubbedService) -> None:
    start_button(queue, "Ann").press("Enter")
    queue.expect_row("Ann", "making")
    expect(start_button(queue, "Ben")).to_be_focused()
    queue.page.keyboard.press("Enter")
    queue.expect_row("Ben", "new")
    assert stub.changes == [("Ann", "preparing")]


def test_tap_on_a_row_that_moved_does_nothing(queue: Visitor, stub: StubbedService) -> None:
    box = start_button(queue, "Ann").bounding_box()
    assert box
    stub.change("Ann", status="preparing")
    queue.expect_row("Ann", "making")
    queue.page.mouse.click(box["x"] + 5, box["y"] + 5)
    queue.expect_row("Ben", "new")  # though Ben's button has moved below the finger
    assert stub.changes == []
    queue.pass_time()
    queue.page.mouse.click(box["x"] + 5, box["y"] + 5)
    queue.expect_row("Ben", "making")


def test_cancelling_asks_once_in_place(queue: Visitor, stub: StubbedService) -> None:
    queue.tap("Ann", "new", "Can’t make it")
    expect(queue.row("Ann", "new").get_by_role("button", name="Keep it")).to_be_focused()
    for label in ("Keep it", "Can’t make it", "Yes, cancel"):
        queue.pass_time()
        queue.tap("Ann", "new", label)
    expect(queue.page.locator("#queue .row")).to_have_count(1)
    queue.wait_until(lambda: stub.changes)
    assert stub.changes == [("Ann", "cancelled")]
    expect(queue.page.locator("#undo")).to_be_hidden()  # a cancellation is final


def test_undo_is_a_step_back(queue: Visitor, stub: StubbedService) -> None:
    undo = queue.page.get_by_role("button", name="Undo: Ann: Being made")
    for control, key in ((undo, "Enter"), (queue.page.locator("body"), "Control+z")):
        queue.move("Ann", "new", "Start")
        control.press(key)
        queue.wait_until(lambda: stub.order("Ann")["status"] == "placed")
        queue.expect_row("Ann", "new")
        queue.pass_time()
    assert stub.changes == [("Ann", "preparing"), ("Ann", "placed")] * 2


def test_step_of_the_last_30_minutes_is_put_back(queue: Visitor, stub: StubbedService) -> None:
    steps = [("Dev", "preparing", 5), ("Elif", "collected", 29), ("Old", "collected", 31)]
    stub.orders += [listed_order(*step) for step in steps]
    queue.poll_now()
    queue.page.get_by_text("Last 30 minutes").click()
    expect(queue.page.locator("#recent-orders bdi:first-child")).to_have_text(["Dev", "Elif"])
    queue.press("Put back: Elif: Collected")
    queue.expect_row("Elif", "ready")
    assert stub.changes == [("Elif", "ready")]


def test_steps_of_one_order_are_sent_in_turn(queue: Visitor, stub: StubbedService) -> None:
    held = queue.hold("**/order?*", "PATCH")
    queue.tap("Ann", "new", "Start")
    queue.pass_time()
    queue.tap("Ann", "making", "Ready")
    held.pop().abort()
    queue.poll_now()
    for status in ("preparing", "ready"):
        queue.wait_until(lambda: held)
        assert status in str(held[0].request.post_data)
        held.pop().fallback()
    queue.expect_row("Ann", "ready")
    queue.wait_until(lambda: len(stub.changes) == 2)
    assert stub.changes == [("Ann", "preparing"), ("Ann", "ready")]


def test_tap_waits_in_storage_for_the_network_and_its_user(
    queue: Visitor, stub: StubbedService, stub_visitor: NewVisitor
) -> None:
    queue.block("**/order?*")
    queue.block("**/orders?*")
    queue.poll_now()
    queue.expect_text("Not up to date since")
    queue.tap("Ann", "new", "Start")
    expect(queue.row("Ann", "making")).to_contain_text("Waiting to be sent")
    queue.expect_text("Not up to date since")
    state = queue.page.evaluate("localStorage['coffee-orders.steps']")
    queue.page.goto("about:blank")
    colleague = stub_visitor("#queue", "Cy", staff=True)
    colleague.page.evaluate("state => localStorage['coffee-orders.steps'] = state", state)
    colleague.page.reload()
    colleague.expect_row("Ann", "new")
    assert stub.changes == []
    queue.page.unroute_all()
    queue.visit("#queue")
    queue.wait_until(lambda: stub.changes)
    assert stub.changes == [("Ann", "preparing")]
    queue.expect_row("Ann", "making")
    expect(queue.page.get_by_text("Waiting to be sent")).to_have_count(0)


def test_tap_whose_answer_was_lost_is_done_once(queue: Visitor, stub: StubbedService) -> None:
    def lose_answer(route: Route) -> None:
        stub.change("Ann", status="preparing")
        route.abort()

    queue.page.route("**/order?*", lose_answer, times=1)
    queue.tap("Ann", "new", "Start")
    expect(queue.row("Ann", "making")).to_contain_text("Waiting to be sent")
    queue.poll_now()
    expect(queue.page.get_by_text("Waiting to be sent")).to_have_count(0)
    expect(queue.page.locator("#queue-note")).to_be_hidden()


def test_each_failed_tap_is_reported(queue: Visitor, stub: StubbedService) -> None:
    queue.block("**/orders?*")
    for name in ("Ann", "Ben"):
        stub.change(name, status="cancelled")
        queue.tap(name, "new", "Start")
    for name in ("Ann", "Ben"):
        queue.expect_text(f"{name}: It is cancelled by now.")


def test_new_orders_give_signals(queue: Visitor, stub: StubbedService) -> None:
    queue.wait_until(lambda: queue.page.evaluate("window.locks"))  # the screen stays awake
    ben = start_button(queue, "Ben").element_handle()
    queue.press("Sound")
    tones = queue.page.evaluate("window.tones")
    queue.page.set_viewport_size({"width": 390, "height": 300})
    stub.orders.append(listed_order("Carla"))
    queue.expect_row("Carla", "new")
    expect(queue.page).to_have_title("(3) Queue · Coffee orders")
    assert queue.page.evaluate("window.tones") == tones + 1
    assert ben.evaluate("button => button.isConnected"), "unchanged elements stay"
    announced = queue.page.locator("#news p").element_handle()
    stub.order("Carla")["orderdate"] = "2026-03-02"  # she has placed the same order again
    queue.poll_now()
    queue.wait_until(lambda: not announced.evaluate("text => text.isConnected"))
    queue.expect_text("A new order: 1 × Small Short Black for Carla.")
    queue.press("1 new below")
    expect(queue.page.locator("#new-below")).to_be_hidden()
    queue.press("Sound")  # mutes it
    stub.orders.append(listed_order("Dev"))
    queue.expect_row("Dev", "new")
    assert queue.page.evaluate("window.tones") == tones + 2
    queue.go_to("Order")  # where the screen may sleep
    queue.wait_until(lambda: queue.page.evaluate("window.locks === 0"))
