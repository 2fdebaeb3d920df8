"""The main states of the page, each brought about as a visitor would."""

from collections.abc import Callable

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor

State = Callable[..., Visitor]


def signing_in(sign_in: NewVisitor, _shop: str, **options: object) -> Visitor:
    visitor = sign_in(**options)
    visitor.press("Sign out")
    visitor.go_to("Sign in")
    return visitor


def signing_up_with_faults(sign_in: NewVisitor, shop: str, **options: object) -> Visitor:
    visitor = signing_in(sign_in, shop, **options)
    visitor.press("I am new here")
    visitor.press("Sign up")
    visitor.complains("Name", "Please fill this in.")
    return visitor


def confirming(sign_in: NewVisitor, shop: str, **options: object) -> Visitor:
    visitor = signing_in(sign_in, shop, **options)
    visitor.press("I have a code")
    return visitor


def setting_a_password(sign_in: NewVisitor, shop: str, **options: object) -> Visitor:
    visitor = signing_in(sign_in, shop, **options)
    visitor.fill(Name=visitor.name)
    visitor.press("I forgot my password")
    visitor.press("Send me a code")
    visitor.says("If there is an account of this name, we sent a code to")
    return visitor


def ordering(sign_in: NewVisitor, shop: str, **options: object) -> Visitor:
    visitor = sign_in(**options)
    visitor.order("Flat White", shop)
    visitor.sees("Flat White", "placed")
    visitor.order("Mocha", f"{shop}b")
    visitor.sees("Mocha", "placed")
    visitor.press("Cancel 1 × Regular Mocha")
    visitor.sees("Mocha", "cancelled")
    return visitor


def brewing(sign_in: NewVisitor, shop: str, **options: object) -> Visitor:
    barista = sign_in(vendorid=shop, **options)
    barista.go_to("Order")
    for name in ("Ann", "Ben"):
        barista.order("Flat White", shop, Name_on_the_cup=name)
        barista.says(f"Ordered: 1 × Regular Flat White for {name}.")
    barista.go_to("Queue")
    barista.tap("Ann", "new", "Start")
    barista.has("Ann", "making")
    return barista


def looking_up(sign_in: NewVisitor, shop: str, **options: object) -> Visitor:
    visitor = sign_in(**options)
    visitor.order("Flat White", shop)
    visitor.sees("Flat White", "placed")
    visitor.go_to("Look up")
    visitor.fill(Name_on_the_cup=visitor.name, Shop=shop)
    visitor.press("Look up")
    visitor.says("answered 200")
    return visitor


def choosing(sign_in: NewVisitor, shop: str, **options: object) -> Visitor:
    visitor = sign_in(**options)
    visitor.visit(f"#order?shop={shop}-menu")
    visitor.page.get_by_role("radio", name="Flat White").check()
    visitor.page.get_by_role("radio", name="Large").check()
    return visitor


def asking_about_the_open_order(sign_in: NewVisitor, shop: str, **options: object) -> Visitor:
    visitor = choosing(sign_in, shop, **options)
    visitor.page.locator("#menu-submit").click()
    visitor.sees("Flat White", "placed")
    visitor.page.locator("#menu-submit").click()
    visitor.says("You have an open order here")
    return visitor


def editing_the_menu(sign_in: NewVisitor, shop: str, **options: object) -> Visitor:
    visitor = sign_in(vendorid=f"{shop}-menu", **options)
    visitor.go_to("Menu")
    visitor.says("Order here, pick it up when it is ready.")
    return visitor


def offline(sign_in: NewVisitor, shop: str, **options: object) -> Visitor:
    visitor = ordering(sign_in, shop, **options)
    visitor.page.context.set_offline(True)
    visitor.says("You are offline.")
    return visitor


STATES: list[State] = [
    signing_in,
    signing_up_with_faults,
    confirming,
    setting_a_password,
    ordering,
    choosing,
    asking_about_the_open_order,
    brewing,
    editing_the_menu,
    looking_up,
    offline,
]
