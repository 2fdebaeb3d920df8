"""Where the browser blocks storage, or has no room, the page works as long as it is open."""

import pytest
from playwright.sync_api import expect

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor

BLOCKED = """
for (const name of ["sessionStorage", "localStorage"]) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
  });
}
"""
FULL = """
Storage.prototype.setItem = () => {
  throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
};
"""


@pytest.fixture(params=[BLOCKED, FULL], ids=["blocked", "full"])
def without_storage(request: pytest.FixtureRequest, new_visitor: NewVisitor) -> Visitor:
    visitor = new_visitor()
    visitor.page.add_init_script(request.param)
    visitor.page.reload()
    return visitor


def test_somebody_signs_up_and_orders_without_storage(without_storage: Visitor, shop: str) -> None:
    visitor = without_storage
    visitor.sign_up()
    visitor.confirm()
    visitor.order("Mocha", shop)
    visitor.sees("Mocha", "placed")
    visitor.page.reload()
    expect(visitor.page.locator("#to-sign-in")).to_be_visible()


def test_anybody_looks_an_order_up_without_storage(without_storage: Visitor) -> None:
    visitor = without_storage
    visitor.go_to("Look up")
    visitor.fill(Name_on_the_cup="nobody", Shop="nowhere")
    visitor.press("Look up")
    visitor.says("There is no order under these two ids.")
