"""Orders from sign-up to collection, on the local cloud."""

from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.shops import Shops
from tests.page.visitor import Visitor


def test_from_sign_up_to_second_coffee(visitor: Visitor, barista: Visitor, shop: str) -> None:
    visitor.sign_up()
    visitor.confirm()
    visitor.order("Flat White", shop, Cups="2")
    visitor.expect_text(f"Ordered: 2 × Regular Flat White for {visitor.name}.")
    visitor.expect_status("Flat White", "placed")

    barista.expect_row(visitor.name, "new")
    for queue, label, status in [
        ("new", "Start", "preparing"),
        ("making", "Ready", "ready"),
        ("ready", "Collected", "collected"),
    ]:
        barista.move(visitor.name, queue, label)
        visitor.expect_status("Flat White", status)
    barista.expect_text("Nothing to do.")

    visitor.press("Order again 2 × Regular Flat White")
    visitor.press("Order")
    visitor.expect_status("Flat White", "placed")
    barista.expect_row(visitor.name, "new")
    visitor.press("Cancel 2 × Regular Flat White")
    visitor.expect_status("Flat White", "cancelled")
    expect(barista.page.locator("#new li")).to_have_count(0)


def test_late_cancellation_is_rejected(buyer: Visitor, barista: Visitor) -> None:
    buyer.block("**/orders")  # so that polling does not show the next step
    barista.move(buyer.name, "new", "Start")
    buyer.press("Cancel 1 × Regular Mocha")
    buyer.expect_text("Too late to cancel: the shop has started on it.")
    buyer.page.unroute("**/orders")
    buyer.expect_status("Mocha", "preparing")


def test_parts_for_staff_are_closed_to_customers(customer: Visitor, shop: str) -> None:
    for part in ("Queue", "Menu", "Board"):
        expect(customer.page.get_by_role("link", name=part)).to_be_hidden()
    customer.visit("#queue")
    customer.expect_text("This part is for a shop’s staff.")
    customer.visit(f"#board?shop={shop}")
    expect(customer.page.locator("#notice code")).to_have_text(shop)


def test_staff_start_on_their_queue(barista: Visitor, new_visitor: NewVisitor, shop: str) -> None:
    assert barista.page.url.endswith(f"#queue?shop={shop}")
    same_user = new_visitor(f"#queue?shop={shop}", name=barista.name)
    same_user.sign_in()
    same_user.expect_text("Nothing to do.")
    assert same_user.page.url.endswith(f"#queue?shop={shop}")


def test_name_of_anothers_order_is_rejected(buyer: Visitor, sign_in: NewVisitor, shop: str) -> None:
    stranger = sign_in()
    stranger.order("Latte", shop, Name_on_the_cup=buyer.name)
    stranger.expect_error("Name on the cup", "Another customer has an open order")
    expect(stranger.field("Coffee")).to_have_value("Latte")


def test_closing_the_page_sends_the_step(buyer: Visitor, barista: Visitor) -> None:
    barista.tap(buyer.name, "new", "Start")
    barista.page.goto("about:blank")
    buyer.expect_status("Mocha", "preparing")


def test_two_baristas_start_the_same_order(
    buyer: Visitor, barista: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    colleague = sign_in(vendorid=shop)
    for visitor in (barista, colleague):
        visitor.expect_row(buyer.name, "new")
        visitor.block("**/orders?*")
    barista.tap(buyer.name, "new", "Start")
    buyer.expect_status("Mocha", "preparing")
    colleague.tap(buyer.name, "new", "Start")
    colleague.expect_text(f"{buyer.name}: It is being made by now.")
    for visitor in (barista, colleague):
        visitor.expect_row(buyer.name, "making")
        expect(visitor.page.locator("#queue .error")).to_have_count(1)  # for the blocked list


def test_cancelled_order_leaves_the_queue(buyer: Visitor, barista: Visitor) -> None:
    barista.expect_row(buyer.name, "new")
    barista.block("**/orders?*")
    buyer.cancel_order("Mocha")
    barista.tap(buyer.name, "new", "Start")
    barista.expect_text(f"{buyer.name}: It is cancelled by now.")
    expect(barista.page.locator("#queue .row")).to_have_count(0)


def test_shop_is_paused_and_reopened(menu: str, barista: Visitor, shops: Shops) -> None:
    barista.press("Pause orders")
    expect(barista.page.get_by_role("button", name="Reopen")).to_be_visible()
    assert shops.get(menu)["open"] is False
    barista.press("Reopen")
    expect(barista.page.get_by_role("button", name="Pause orders")).to_be_visible()
    assert shops.get(menu)["open"] is True


def test_input_survives_being_offline(customer: Visitor, shop: str) -> None:
    customer.page.context.set_offline(True)
    customer.expect_text("You are offline. What you type is kept.")
    customer.order("Mocha", shop)
    customer.expect_text("Nothing you typed is lost")
    expect(customer.field("Coffee")).to_have_value("Mocha")
    customer.page.context.set_offline(False)
    expect(customer.page.locator("#network")).to_be_hidden()
    expect(customer.page.get_by_text("Nothing you typed is lost")).to_be_hidden()
    customer.press("Order")
    customer.expect_status("Mocha", "placed")


def test_replaced_order_is_not_cancelled(buyer: Visitor, barista: Visitor, shop: str) -> None:
    barista.expect_row(buyer.name, "new")
    barista.block("**/orders?*")  # so that the barista still sees the mocha
    buyer.order("Espresso", shop)
    buyer.press("Change it to 1 × Regular Espresso")
    buyer.expect_status("Espresso", "placed")
    barista.tap(buyer.name, "new", "Can’t make it")
    barista.tap(buyer.name, "new", "Yes, cancel")
    barista.expect_text(f"{buyer.name}: The order is now 1 × Regular Espresso.")
    buyer.expect_status("Espresso", "placed")


def test_two_colleagues_mark_two_coffees_as_sold_out(
    barista: Visitor, sign_in: NewVisitor, shops: Shops, menu: str
) -> None:
    colleague = sign_in(vendorid=menu)
    for visitor in (barista, colleague):
        visitor.go_to("Menu")
        visitor.expect_text("Order here, pick it up when it is ready.")
    barista.press("Sold out: Flat White")
    barista.wait_until(lambda: shops.get(menu)["menu"][0]["soldout"])
    for text in ("look at it, then tap again", ""):
        colleague.press("Sold out: Short Black")
        colleague.expect_text(text)
    colleague.wait_until(lambda: all(each["soldout"] for each in shops.get(menu)["menu"]))


def test_colleagues_menu_is_not_overwritten(barista: Visitor, shops: Shops, menu: str) -> None:
    barista.go_to("Menu")
    barista.expect_text("Order here, pick it up when it is ready.")
    shops.publish(menu, name="A colleague's")
    barista.press("Sold out: Flat White")
    barista.expect_text("look at it, then tap again")
    barista.press("Publish")
    barista.expect_text("A colleague has published another menu meanwhile.")
    assert shops.get(menu)["name"] == "A colleague's"
