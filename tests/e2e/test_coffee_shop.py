"""The commands of `coffee` for shops and menus, and orders at the menu's prices."""

import json

import pytest

from tests.e2e.fake_service import FakeCoffee
from tests.samples import shop_content, shop_response


@pytest.fixture
def harbour(fake_coffee: FakeCoffee) -> FakeCoffee:
    """Return a `coffee` whose service has a shop `harbour` with a menu."""
    fake_coffee.service.shop = shop_response("harbour")
    return fake_coffee


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
    shop = harbour.json("menu", "harbour")
    assert (shop["name"], shop["etag"], len(shop["menu"])) == ("Harbour Coffee", '"1"', 2)
    assert "Authorization" not in harbour.service.requests[-1].headers


def test_shop_without_a_menu_is_not_found(fake_coffee: FakeCoffee) -> None:
    assert fake_coffee.error("menu", "v0") == (4, "There is no shop")


def test_markup_in_a_menu_is_printed_as_text(harbour: FakeCoffee) -> None:
    assert harbour.service.shop
    harbour.service.shop |= {"name": r"\[/x] :tea:", "note": "[red]\u202eBack", "open": False}
    menu = harbour.succeed("menu", "harbour").stdout
    assert menu.startswith(r"\[/x] :tea: is closed ([red]\u202eBack)")


@pytest.mark.parametrize("wrapped", [False, True])
def test_publish_sends_the_file(fake_coffee: FakeCoffee, wrapped: bool) -> None:
    # A price that is a number is sent as the digits that were written.
    content = json.dumps(shop_content()).replace('"4.50"', "4.50")
    file = fake_coffee.folder / "menu.json"
    file.write_text(f'{{"shop": {content}}}' if wrapped else content)
    assert fake_coffee.succeed("publish", "harbour", "menu.json").stderr == "Published.\n"
    assert fake_coffee.service.last_body == {"shop": shop_content()}
    assert "If-Match" not in fake_coffee.service.requests[-1].headers


def test_downloaded_menu_can_be_published(harbour: FakeCoffee) -> None:
    harbour.succeed("soldout", "harbour", "Mocha")
    done = harbour.shell("coffee menu harbour --json | coffee publish harbour -")
    assert (done.returncode, done.stderr) == (0, "Published.\n")
    assert harbour.service.requests[-1].headers["If-Match"] == '"1"'
    assert harbour.service.last_body == {"shop": shop_content()}


def test_newer_menu_is_not_overwritten(harbour: FakeCoffee) -> None:
    harbour.service.statuses = [200, 412]
    done = harbour.shell("coffee menu harbour --json | coffee publish harbour -")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == (
        'The menu has changed since. Get it again, or remove "etag" from the file: '
        "coffee menu --json harbour\n"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "<stdin> is not JSON"),
        ("{", "<stdin> is not JSON"),
        ("[]", "<stdin> is not a JSON object with name, currency and menu"),
        ("[" * 100_000, "<stdin> is not JSON"),
    ],
)
def test_invalid_menu_is_an_error(fake_coffee: FakeCoffee, content: str, message: str) -> None:
    code, line = fake_coffee.error("publish", "harbour", "-", stdin=content)
    assert code == 2
    assert line.startswith(message)


def test_missing_file_is_an_error(fake_coffee: FakeCoffee) -> None:
    assert fake_coffee.error("publish", "harbour", "missing.json")[0] == 2


def test_error_of_the_service_is_printed(fake_coffee: FakeCoffee) -> None:
    fake_coffee.service.statuses = [400]
    fake_coffee.service.error = {
        "Code": "BadRequestError",
        "Message": "shop.menu[0].sizes: is missing",
    }
    odd = '{"menu": [5, {"coffeetype": NaN}], "tip": 1}'
    error = (1, "shop.menu[0].sizes: is missing")
    assert fake_coffee.error("publish", "harbour", "-", stdin=odd) == error
    sent = {"menu": ["5", {"coffeetype": "NaN"}], "tip": "1"}
    assert fake_coffee.service.last_body == {"shop": sent}


def test_shop_closes_and_opens(harbour: FakeCoffee) -> None:
    closed = harbour.piped("close", "harbour", "--note", "Back at 2")
    assert closed.stdout.startswith("Harbour Coffee is closed (Back at 2)\n")
    assert harbour.service.last_body == {"open": False, "note": "Back at 2"}
    opened = harbour.piped("open", "harbour")
    assert opened.stdout.startswith("Harbour Coffee is open\n")


def test_coffees_are_sold_out_and_back(harbour: FakeCoffee) -> None:
    for words, names in (
        (["Mocha"], ["Mocha"]),
        (["Flat White"], ["Flat White", "Mocha"]),
        (["Mocha", "--back"], ["Flat White"]),
        (["Mocha", "--back"], ["Flat White"]),
    ):
        done = harbour.succeed("soldout", "harbour", *words)
        assert harbour.service.last_body == {"soldout": names}
    assert done.stdout.count("sold out") == 2  # both sizes of the Flat White
    message = "Tea is not on the menu, which has Flat White, Mocha"
    assert harbour.error("soldout", "harbour", "Tea") == (2, message)


@pytest.mark.parametrize(
    ("flags", "size"), [(["Mocha"], "Small"), (["Flat White", "--size", "Large"], "Large")]
)
def test_order_without_a_price_has_the_price_of_the_menu(
    harbour: FakeCoffee, flags: list[str], size: str
) -> None:
    harbour.service.order["details"] |= {"unitprice": "5.20", "quantity": "2"}
    done = harbour.piped("order", "a0", "harbour", *flags, "--quantity", "2")
    sent = harbour.service.last_body["order"]["details"]
    assert sent == {"coffeetype": flags[0], "coffeesize": size, "quantity": "2"}
    assert done.stdout == (
        "Ordered in place of your earlier order: 2 x Small Short Black at 5.20, 10.40 EUR in "
        "total. Order of a0 at v0: placed since 2026-03-01 08:30:01.\n"
    )
    assert done.stderr == "Next: coffee watch a0 harbour\n"


def test_order_prints_json(harbour: FakeCoffee) -> None:
    assert harbour.json("order", "a0", "harbour", "Mocha") == harbour.service.order


def test_missing_size_is_an_error(harbour: FakeCoffee) -> None:
    message = "Name a size with --size: Flat White comes in Small, Large"
    assert harbour.error("order", "a0", "harbour", "Flat White") == (2, message)


def test_order_at_a_shop_without_a_menu(fake_coffee: FakeCoffee) -> None:
    fake_coffee.succeed("order", "a0", "v0", "Mocha", "--price", "5")
    assert fake_coffee.service.last_body["order"]["details"] == {
        "coffeetype": "Mocha",
        "coffeesize": "Regular",
        "unitprice": "5",
        "quantity": "1",
    }


def test_invalid_unicode_is_an_error(fake_coffee: FakeCoffee) -> None:
    done = fake_coffee.shell(r"coffee get $'a\xff' v0")
    assert (done.returncode, done.stderr) == (2, "The command line is not valid text\n")
