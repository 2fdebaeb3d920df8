"""The barista's queue: many orders at a glance, and no tap that loses one."""

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor
from tests.e2e.page.shops import Shops
from tests.e2e.page.test_access import take_picture

UNDO = 4_000  # ms
TABLET = {"width": 1024, "height": 768}
LISTED = "**/orders?*"
# fmt: off
NAMES = [
    "Ann", "Ben", "Carla", "Dev", "Elif", "Finn", "Grace", "Hugo", "Ines", "Jon",
    "Kim", "Liv", "Mia", "Noah", "Olga", "Paul", "Quinn", "Rosa", "Sam", "Tess",
    "Uma", "Vera", "Wim", "Xenia", "Yara", "Zoe", "Abe", "Bo", "Cleo", "Dan",
]
# fmt: on

ShowQueue = Callable[..., Visitor]


def order(name: str, status: str = "placed", minutes: float = 0) -> dict[str, Any]:
    """Return an order that has had its status for so many minutes."""
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes)
    details = {"coffeetype": "Latte", "coffeesize": "Small", "unitprice": "4", "quantity": "1"}
    return {
        "accountid": name,
        "vendorid": "",
        "orderdate": "2026-11-25T08:00:00Z",
        "details": details,
        "status": status,
        "since": since.isoformat(),
    }


class Steps:
    """What the page sends to move orders on, and the answers of the test's choice."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.answer: Callable[[Route], None] = self.accept

    def take(self, route: Route) -> None:
        if route.request.method != "PATCH":
            route.fallback()
            return
        name = route.request.url.split("accountid=")[1].split("&")[0]
        self.sent.append((name, json.loads(route.request.post_data or "")["status"]))
        self.answer(route)

    def accept(self, route: Route) -> None:
        name, status = self.sent[-1]
        vendorid = route.request.url.split("vendorid=")[1]
        route.fulfill(json={"order": {**order(name, status), "vendorid": vendorid}})


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def show_queue(sign_in: NewVisitor, shop: str, steps: Steps) -> ShowQueue:
    """Return a function that shows a barista these orders, while the list stays as it is."""

    def show(*orders: dict[str, Any], **options: object) -> Visitor:
        barista = sign_in(vendorid=shop, **{**TABLET, **options})
        listed = [{**each, "vendorid": shop} for each in orders]
        barista.page.route(LISTED, lambda route: route.fulfill(json={"orders": listed}))
        barista.page.route("**/order?*", steps.take)
        barista.page.reload()
        expect(barista.page.locator("#queue .row")).to_have_count(len(orders))
        return barista

    return show


def visible_rows(page: Page) -> int:
    count: int = page.evaluate(
        """[...document.querySelectorAll("#queue .row")].filter((row) => {
          const { top, bottom, right } = row.getBoundingClientRect();
          return top >= 0 && bottom <= innerHeight && right <= innerWidth;
        }).length"""
    )
    return count


@pytest.mark.parametrize("split", [(10, 10, 10), (30, 0, 0), (20, 10, 0), (28, 1, 1), (14, 8, 8)])
def test_17_of_30_orders_are_visible_on_a_tablet(
    show_queue: ShowQueue, split: tuple[int, int, int]
) -> None:
    statuses = ["placed"] * split[0] + ["preparing"] * split[1] + ["ready"] * split[2]
    orders = [
        order(name, status, minutes=number % 10)
        for number, (name, status) in enumerate(zip(NAMES, statuses, strict=True))
    ]
    barista = show_queue(*orders)
    assert visible_rows(barista.page) >= 17
    assert take_picture(barista.page, "queue-tablet").exists()
    assert barista.page.evaluate("document.documentElement.scrollWidth") == 1024


def test_ages_turn_amber_at_5_minutes_and_red_at_8(show_queue: ShowQueue) -> None:
    minutes = (4.5, 5.1, 7.9, 8.1)
    barista = show_queue(*(order(f"n{number}", minutes=number) for number in minutes))
    ages = barista.page.locator("#new .age")
    expect(ages).to_have_text(["4 min", "5 min", "7 min", "8 min"])
    late = [age.get_attribute("data-late") for age in ages.all()]
    assert late == ["", "yes", "yes", "very"]


def test_three_quick_taps_are_one_step(show_queue: ShowQueue, steps: Steps) -> None:
    barista = show_queue(order("Ann"), order("Ben"))
    box = barista.row("Ann", "new").get_by_role("button", name="Start").bounding_box()
    assert box
    for _ in range(3):
        barista.page.mouse.click(box["x"] + 5, box["y"] + 5)
    barista.has("Ann", "making")
    barista.has("Ben", "new")  # though it is under the finger now
    barista.page.wait_for_timeout(UNDO + 500)
    assert steps.sent == [("Ann", "preparing")]


def test_a_step_can_be_undone(show_queue: ShowQueue, steps: Steps) -> None:
    barista = show_queue(order("Ann"))
    barista.tap("Ann", "new", "Start")
    barista.has("Ann", "making")
    barista.press("Undo: Ann, Being made")
    barista.has("Ann", "new")
    barista.page.wait_for_timeout(UNDO + 500)
    assert steps.sent == []


def test_undo_works_by_keyboard(show_queue: ShowQueue) -> None:
    barista = show_queue(order("Ann"), order("Ben"))
    barista.row("Ann", "new").get_by_role("button", name="Start").press("Enter")
    barista.has("Ann", "making")
    expect(barista.row("Ben", "new").get_by_role("button").first).to_be_focused()
    barista.page.keyboard.press("Control+z")
    barista.has("Ann", "new")


def test_two_steps_of_one_order_are_sent_in_turn(show_queue: ShowQueue, steps: Steps) -> None:
    barista = show_queue(order("Ann"))
    barista.tap("Ann", "new", "Start")
    barista.tap("Ann", "making", "Ready")
    barista.has("Ann", "ready")
    barista.page.wait_for_timeout(UNDO + 500)
    assert steps.sent == [("Ann", "preparing"), ("Ann", "ready")]
    barista.has("Ann", "ready")  # the list still has it as new


def test_what_cannot_be_made_is_cancelled(show_queue: ShowQueue, steps: Steps) -> None:
    barista = show_queue(order("Ann"), order("Ben"))
    barista.tap("Ann", "new", "Can’t make it")
    expect(barista.page.locator("#queue .row")).to_have_count(1)
    barista.page.wait_for_timeout(UNDO + 500)
    assert steps.sent == [("Ann", "cancelled")]


def test_a_step_is_sent_when_the_page_is_closed(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    barista = sign_in(vendorid=shop)
    barista.tap(customer.name, "new", "Start")
    barista.page.goto("about:blank")
    customer.sees("Mocha", "preparing")


@pytest.mark.parametrize("leave", ["hide", "navigate", "sign out"])
def test_a_step_is_sent_when_the_queue_is_left(
    show_queue: ShowQueue, steps: Steps, leave: str
) -> None:
    barista = show_queue(order("Ann"))
    barista.tap("Ann", "new", "Start")
    if leave == "hide":
        barista.page.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { value: true, configurable: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
    elif leave == "navigate":
        barista.go_to("Look up")
    else:
        barista.press("Sign out")
    barista.page.wait_for_timeout(300)
    assert steps.sent == [("Ann", "preparing")]


def test_finishing_an_order_keeps_the_scroll_position(show_queue: ShowQueue) -> None:
    barista = show_queue(*(order(f"n{number}x", "ready") for number in range(30)), width=390)
    barista.page.evaluate("window.scrollTo(0, 700)")
    before = barista.page.evaluate("window.scrollY")
    barista.row("n12x", "ready").get_by_role("button").click()
    expect(barista.page.locator("#queue .row")).to_have_count(29)
    assert before == barista.page.evaluate("window.scrollY") > 0


def test_a_lost_connection_is_said_and_loses_no_step(show_queue: ShowQueue, steps: Steps) -> None:
    barista = show_queue(order("Ann"))
    steps.answer = lambda route: route.abort()
    barista.page.route(LISTED, lambda route: route.abort())
    barista.tap("Ann", "new", "Start")
    barista.says("Not up to date since", timeout=10_000)
    barista.page.wait_for_timeout(UNDO)
    expect(barista.row("Ann", "making")).to_have_count(1)
    assert steps.sent == [("Ann", "preparing")]
    steps.answer = steps.accept
    barista.page.unroute(LISTED)
    barista.ask_now()
    barista.page.wait_for_timeout(500)
    assert steps.sent == [("Ann", "preparing")] * 2
    expect(barista.page.get_by_text("Not up to date since")).to_be_hidden()


def test_two_baristas_on_one_queue(customer: Visitor, sign_in: NewVisitor, shop: str) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    one, other = sign_in(vendorid=shop), sign_in(vendorid=shop)
    for barista in (one, other):
        barista.has(customer.name, "new")
        barista.page.route(LISTED, lambda route: route.abort())
    one.tap(customer.name, "new", "Start")
    other.tap(customer.name, "new", "Start")
    other.says(f"{customer.name}: A colleague has started this.")
    for barista in (one, other):
        barista.has(customer.name, "making")
        expect(barista.page.locator("#queue .error")).to_have_count(1)  # only the lost list
    customer.sees("Mocha", "preparing")


def test_an_order_that_the_customer_has_cancelled_leaves_the_queue(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    barista = sign_in(vendorid=shop)
    barista.has(customer.name, "new")
    barista.page.route(LISTED, lambda route: route.abort())
    customer.press("Cancel 1 × Regular Mocha")
    customer.sees("Mocha", "cancelled")
    barista.tap(customer.name, "new", "Start")
    barista.says(f"{customer.name}: This was cancelled.")
    expect(barista.page.locator("#queue .row")).to_have_count(0)


def test_one_tap_pauses_and_reopens_the_shop(sign_in: NewVisitor, shops: Shops, shop: str) -> None:
    shops.publish(shop)
    barista = sign_in(vendorid=shop)
    barista.press("Pause orders")
    expect(barista.page.get_by_role("button", name="Reopen")).to_be_visible()
    assert shops.get(shop)["open"] is False
    barista.press("Reopen")
    expect(barista.page.get_by_role("button", name="Pause orders")).to_be_visible()
    assert shops.get(shop)["open"] is True


def test_staff_start_on_the_queue_of_the_shop_in_the_address(
    sign_in: NewVisitor, new_visitor: NewVisitor, shop: str
) -> None:
    barista = sign_in(vendorid=shop)
    assert barista.page.url.endswith(f"#queue?shop={shop}")
    another = new_visitor(f"#queue?shop={shop}")
    another.name = barista.name
    another.sign_in()
    another.says("Nothing to do.")
    assert another.page.url.endswith(f"#queue?shop={shop}")
