"""The main states of the page, screenshots of it, and a check of its accessibility."""

from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from deploy.project import PROJECT
from tests.e2e.page.visitor import Visitor

_FOLDER = PROJECT / "build" / "screenshots"

# Brings the page of a signed-in visitor into a state. The shop has no menu; f"{shop}-menu" has one.
State = Callable[[Visitor, str], None]


def take_picture(page: Page, name: str) -> None:
    """Take a screenshot: README.md shows some, and the others help to debug the tests."""
    path: Path = _FOLDER / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    assert path.exists()


def expect_accessible(page: Page, name: str) -> None:
    """Check the page with axe, and take a screenshot, in each colour scheme."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        results = Axe().run(page)
        assert results.response["passes"], "axe has checked nothing"
        assert results.violations_count == 0, results.generate_report()
        take_picture(page, f"{name}-{scheme}")


def _sign_up_errors(visitor: Visitor, _shop: str) -> None:
    visitor.sign_out()
    visitor.press("I am new here")
    visitor.press("Sign up")
    visitor.expect_error("Name", "Please fill this in.")


def _confirmation(visitor: Visitor, _shop: str) -> None:
    visitor.sign_out()
    visitor.press("I have a code")


def _orders(visitor: Visitor, shop: str) -> None:
    visitor.place_order("Flat White", shop)
    visitor.place_order("Mocha", f"{shop}b")
    visitor.cancel_order("Mocha")


def _shop_menu(visitor: Visitor, shop: str) -> None:
    visitor.visit(f"#order?shop={shop}-menu")
    visitor.choose("Flat White", "Large")


def _open_order_dialog(visitor: Visitor, shop: str) -> None:
    _shop_menu(visitor, shop)
    visitor.menu_submit.click()
    visitor.expect_status("Flat White", "placed")
    visitor.menu_submit.click()
    visitor.expect_text("You have an open order here")


def _queue(barista: Visitor, shop: str) -> None:
    barista.go_to("Order")
    for name in ("Ann", "Ben"):
        barista.order("Flat White", shop, Name_on_the_cup=name)
        barista.expect_text(f"Ordered: 1 × Regular Flat White for {name}.")
    barista.go_to("Queue")
    barista.tap("Ann", "new", "Start")
    barista.expect_row("Ann", "making")


def _menu_editor(barista: Visitor, _shop: str) -> None:
    barista.go_to("Menu")
    barista.expect_text("Order here, pick it up when it is ready.")


def _look_up(visitor: Visitor, shop: str) -> None:
    visitor.place_order("Flat White", shop)
    visitor.look_up(visitor.name, shop)
    visitor.expect_text("answered 200")


def _offline(visitor: Visitor, shop: str) -> None:
    _orders(visitor, shop)
    visitor.page.context.set_offline(True)
    visitor.expect_text("You are offline.")


STATES: dict[str, State] = {
    "sign-in": lambda visitor, _: visitor.sign_out(),
    "sign-up-errors": _sign_up_errors,
    "confirmation": _confirmation,
    "new-password": lambda visitor, _: visitor.request_new_password(),
    "orders": _orders,
    "shop-menu": _shop_menu,
    "open-order-dialog": _open_order_dialog,
    "queue": _queue,
    "menu-editor": _menu_editor,
    "look-up": _look_up,
    "offline": _offline,
}
