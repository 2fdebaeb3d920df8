"""The commands of `coffee` for shops and menus, and orders at the menu's prices."""

import json

import pytest

from local.service import Service
from tests.e2e.conftest import NewCoffee
from tests.e2e.terminal import Coffee, FakeCoffee
from tests.samples import shop_content, shop_response


@pytest.fixture
def harbour(fake_coffee: FakeCoffee) -> FakeCoffee:
    """Return a `coffee` whose service has a shop `harbour` with a menu."""
    fake_coffee.service.shop = shop_response("harbour")
    return fake_coffee


def test_staff_manage_their_shop(
    new_coffee: NewCoffee, service: Service, username: str, accountid: str
) -> None:
    customer, staff = new_coffee(), new_coffee()
    customer.sign_in(service, username)
    vendorid = f"shop {accountid}"
    staff.sign_in_staff(service, f"barista-{username}", vendorid)
    order = ["order", accountid, vendorid, "Mocha", "--quantity", "2"]
    assert customer.error("menu", vendorid)[0] == 4
    assert customer.error(*order)[0] == 2

    publish = staff.succeed("publish", vendorid, "-", stdin=json.dumps(shop_content()))
    assert publish.stderr == "Published.\n"
    assert "Flat White  Small  4.50 EUR" in customer.run("menu", vendorid).stdout
    total = "Ordered: 2 x Small Mocha at 5, 10 EUR in total. "
    assert customer.run(*order).stdout.startswith(total)
    exit_code, message = customer.error(*order, "--size", "Small", "--price", "4.50")
    assert (exit_code, message.endswith(" 5")) == (5, True)

    close = staff.succeed("close", vendorid, "--note", "Back at 2")
    assert close.stdout.startswith("Harbour Coffee is closed (Back at 2)\n")
    exit_code, message = customer.error(*order)
    assert (exit_code, "Back at 2" in message) == (5, True)
    assert staff.run("open", vendorid).stdout.startswith("Harbour Coffee is open\n")
    assert "sold out" in staff.run("soldout", vendorid, "Mocha").stdout
    assert customer.error(*order)[0] == 5
    assert "sold out" not in staff.run("soldout", vendorid, "Mocha", "--back").stdout
    customer.succeed(*order)


def test_newer_menu_is_not_overwritten(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    coffee.sign_in_staff(service, username, accountid)
    publish = ["publish", accountid, "-"]
    coffee.succeed(*publish, stdin=json.dumps(shop_content()))
    downloaded = coffee.run("menu", accountid, "--json").stdout
    coffee.succeed(*publish, stdin=downloaded)
    coffee.succeed(*publish, stdin=json.dumps(shop_content("Pier Coffee")))
    assert coffee.error(*publish, stdin=downloaded) == (
        5,
        'The menu has changed. Remove "etag" from the file, or get it again: '
        f"coffee menu --json {accountid}",
    )
    exit_code, message = coffee.error(*publish, stdin='{"name": "x", "currency": "EUR"}')
    assert (exit_code, "shop.menu" in message) == (1, True)


def test_menu_needs_no_login(harbour: FakeCoffee) -> None:
    harbour.login_file.unlink()
    menu = harbour.succeed("menu", "harbour")
    assert [line.split() for line in menu.stdout.splitlines()] == [
        ["Harbour", "Coffee", "is", "open"],
        ["coffee", "size", "price"],
        ["Flat", "White", "Small", "4.50", "EUR"],
        ["Flat", "White", "Large", "5.20", "EUR"],
        ["Mocha", "Small", "5", "EUR"],
    ]
    assert "Authorization" not in harbour.service.requests[-1].headers


def test_markup_in_a_menu_is_printed_as_text(harbour: FakeCoffee) -> None:
    assert harbour.service.shop
    harbour.service.shop |= {"name": r"\[/x] :tea:", "note": "[red]\u202eBack", "open": False}
    menu = harbour.succeed("menu", "harbour").stdout
    assert menu.startswith(r"\[/x] :tea: is closed ([red]\u202eBack)")


@pytest.mark.parametrize("wrapped", [False, True])
def test_publish_sends_the_file(fake_coffee: FakeCoffee, wrapped: bool) -> None:
    # The number is sent as a string with the same digits.
    content = json.dumps(shop_content()).replace('"4.50"', "4.50")
    file = fake_coffee.folder / "menu.json"
    file.write_text(f'{{"shop": {content}}}' if wrapped else content)
    assert fake_coffee.succeed("publish", "harbour", "menu.json").stderr == "Published.\n"
    assert fake_coffee.service.last_body == {"shop": shop_content()}
    assert "If-Match" not in fake_coffee.service.requests[-1].headers


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "<stdin> is not JSON"),
        ("{", "<stdin> is not JSON"),
        ("[]", "<stdin> is not a JSON object with name, currency and menu"),
        ("[" * 100_000, "<stdin> is not JSON"),
    ],
)
def test_invalid_menu_is_an_error(fake_coffee: FakeCoffee, content: str, error: str) -> None:
    exit_code, message = fake_coffee.error("publish", "harbour", "-", stdin=content)
    assert (exit_code, message.startswith(error)) == (2, True)


def test_missing_file_is_an_error(fake_coffee: FakeCoffee) -> None:
    assert fake_coffee.error("publish", "harbour", "missing.json")[0] == 2


def test_service_validates_the_menu(fake_coffee: FakeCoffee) -> None:
    fake_coffee.service.statuses = [400]
    content = '{"menu": [5, {"coffeetype": NaN}], "tip": 1}'
    assert fake_coffee.error("publish", "harbour", "-", stdin=content) == (1, "An error")
    request = {"menu": ["5", {"coffeetype": "NaN"}], "tip": "1"}
    assert fake_coffee.service.last_body == {"shop": request}


def test_coffees_are_sold_out_and_available_again(harbour: FakeCoffee) -> None:
    for arguments, changes in (
        (["Mocha"], {"Mocha": True}),
        (["Flat White"], {"Flat White": True}),
        (["Mocha", "--back"], {"Mocha": False}),
    ):
        shop = harbour.succeed("soldout", "harbour", *arguments).stdout
        assert harbour.service.last_body == {"soldout": changes}
    assert shop.count("sold out") == 2  # both sizes of the Flat White


@pytest.mark.parametrize(
    ("arguments", "size"), [(["Mocha"], "Small"), (["Flat White", "--size", "Large"], "Large")]
)
def test_order_without_a_price_has_the_price_of_the_menu(
    harbour: FakeCoffee, arguments: list[str], size: str
) -> None:
    harbour.service.order["details"] |= {"unitprice": "5.20", "quantity": "2"}
    result = harbour.run("order", "a0", "harbour", *arguments, "--quantity", "2")
    details = harbour.service.last_body["order"]["details"]
    assert details == {"coffeetype": arguments[0], "coffeesize": size, "quantity": "2"}
    assert result.stdout == (
        "Ordered in place of your earlier order: 2 x Small Short Black at 5.20, 10.40 EUR in "
        "total. Order of a0 at v0: placed since 2026-03-01 08:30:01.\n"
    )
    assert result.stderr == "Next: coffee watch a0 harbour\n"


def test_missing_size_is_an_error(harbour: FakeCoffee) -> None:
    message = "Choose a size with --size: Flat White comes in Small, Large"
    assert harbour.error("order", "a0", "harbour", "Flat White") == (2, message)


def test_order_with_a_price_has_the_default_size(fake_coffee: FakeCoffee) -> None:
    fake_coffee.succeed("order", "a0", "v0", "Mocha", "--price", "5")
    details = fake_coffee.service.last_body["order"]["details"]
    assert (details["coffeesize"], details["quantity"]) == ("Regular", "1")
