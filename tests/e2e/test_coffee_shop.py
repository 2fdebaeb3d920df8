"""The commands of `coffee` for shops and menus, and orders at the menu's prices."""

import json
from typing import Any

import pytest

from tests.e2e.fake_service import FakeService
from tests.e2e.terminal import Coffee

_FLAT_WHITE = {
    "coffeetype": "Flat White",
    "sizes": [
        {"coffeesize": "Small", "unitprice": "4.50"},
        {"coffeesize": "Large", "unitprice": "5.20"},
    ],
}
_MOCHA = {"coffeetype": "Mocha", "sizes": [{"coffeesize": "Cup", "unitprice": "5"}]}
_PUBLISHED = {"name": "Harbour Coffee", "currency": "EUR", "menu": [_FLAT_WHITE, _MOCHA]}


@pytest.fixture
def harbour(fake_service: FakeService) -> FakeService:
    """Return a service with a shop `harbour` that has a menu."""
    content = json.loads(json.dumps(_PUBLISHED))
    fake_service.shop = {"vendorid": "harbour", "open": True, "note": "", **content}
    return fake_service


def body_of(service: FakeService) -> Any:
    return json.loads(service.requests[-1].data)


def test_a_menu_needs_no_login(fake_coffee: Coffee, harbour: FakeService) -> None:
    (fake_coffee.home / "config/login.json").unlink()
    menu = fake_coffee.piped("menu", "harbour")
    assert [line.split() for line in menu.stdout.splitlines()] == [
        ["Harbour", "Coffee", "is", "open"],
        ["coffee", "size", "price"],
        ["Flat", "White", "Small", "4.50", "EUR"],
        ["Flat", "White", "Large", "5.20", "EUR"],
        ["Mocha", "Cup", "5", "EUR"],
    ]
    shop = json.loads(fake_coffee.piped("menu", "harbour", "--json").stdout)
    assert (shop["name"], shop["etag"], len(shop["menu"])) == ("Harbour Coffee", '"1"', 2)
    assert "Authorization" not in harbour.requests[-1].headers


def test_a_shop_without_a_menu_is_not_found(fake_coffee: Coffee) -> None:
    done = fake_coffee.piped("menu", "v0")
    assert (done.returncode, done.stdout, done.stderr) == (4, "", "There is no shop\n")


def test_markup_in_a_menu_is_printed_as_text(fake_coffee: Coffee, harbour: FakeService) -> None:
    assert harbour.shop
    harbour.shop |= {"name": r"\[/x] :tea:", "note": "[red]\u202eBack", "open": False}
    shown = fake_coffee.piped("menu", "harbour").stdout
    assert shown.startswith(r"\[/x] :tea: is closed ([red]\u202eBack)")


@pytest.mark.parametrize("wrapped", [False, True])
def test_publish_sends_the_file(
    fake_coffee: Coffee, fake_service: FakeService, wrapped: bool
) -> None:
    # A price that is a number is sent as the digits that were written.
    content = json.dumps(_PUBLISHED).replace('"4.50"', "4.50")
    file = fake_coffee.folder / "menu.json"
    file.write_text(f'{{"shop": {content}}}' if wrapped else content)
    done = fake_coffee.piped("publish", "harbour", "menu.json")
    assert (done.returncode, done.stderr) == (0, "Published.\n")
    assert body_of(fake_service) == {"shop": _PUBLISHED}
    assert "If-Match" not in fake_service.requests[-1].headers


def test_a_downloaded_menu_can_be_published(fake_coffee: Coffee, harbour: FakeService) -> None:
    assert fake_coffee.piped("soldout", "harbour", "Mocha").returncode == 0
    done = fake_coffee.shell("coffee menu harbour --json | coffee publish harbour -")
    assert (done.returncode, done.stderr) == (0, "Published.\n")
    assert harbour.requests[-1].headers["If-Match"] == '"1"'
    assert body_of(harbour) == {"shop": _PUBLISHED}


def test_a_colleagues_change_is_not_overwritten(fake_coffee: Coffee, harbour: FakeService) -> None:
    harbour.statuses = [200, 412]
    done = fake_coffee.shell("coffee menu harbour --json | coffee publish harbour -")
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
def test_a_file_that_is_no_menu_is_one_line(
    fake_coffee: Coffee, content: str, message: str
) -> None:
    done = fake_coffee.piped("publish", "harbour", "-", stdin=content)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(message)
    assert fake_coffee.piped("publish", "harbour", "missing.json").returncode == 2


def test_what_the_service_rejects_is_named(fake_coffee: Coffee, fake_service: FakeService) -> None:
    fake_service.statuses = [400]
    fake_service.error = {"Code": "BadRequestError", "Message": "shop.menu[0].sizes: is missing"}
    odd = '{"menu": [5, {"coffeetype": NaN}], "tip": 1}'
    done = fake_coffee.piped("publish", "harbour", "-", stdin=odd)
    assert (done.returncode, done.stderr) == (1, "shop.menu[0].sizes: is missing\n")
    sent = {"menu": ["5", {"coffeetype": "NaN"}], "tip": "1"}
    assert body_of(fake_service) == {"shop": sent}


def test_a_shop_closes_and_opens(fake_coffee: Coffee, harbour: FakeService) -> None:
    closed = fake_coffee.piped("close", "harbour", "--note", "Back at 2")
    assert closed.stdout.startswith("Harbour Coffee is closed (Back at 2)\n")
    assert body_of(harbour) == {"open": False, "note": "Back at 2"}
    opened = fake_coffee.piped("open", "harbour")
    assert opened.stdout.startswith("Harbour Coffee is open\n")


def test_coffees_are_sold_out_and_back(fake_coffee: Coffee, harbour: FakeService) -> None:
    for words, names in (
        (["Mocha"], ["Mocha"]),
        (["Flat White"], ["Flat White", "Mocha"]),
        (["Mocha", "--back"], ["Flat White"]),
        (["Mocha", "--back"], ["Flat White"]),
    ):
        done = fake_coffee.piped("soldout", "harbour", *words)
        assert done.returncode == 0
        assert body_of(harbour) == {"soldout": names}
    assert done.stdout.count("sold out") == 2  # both sizes of the Flat White
    unknown = fake_coffee.piped("soldout", "harbour", "Tea")
    assert (unknown.returncode, unknown.stderr) == (
        2,
        "Tea is not on the menu, which has Flat White, Mocha\n",
    )


@pytest.mark.parametrize(
    ("flags", "size"), [(["Mocha"], "Cup"), (["Flat White", "--size", "Large"], "Large")]
)
def test_an_order_without_a_price_has_the_menus(
    fake_coffee: Coffee, harbour: FakeService, flags: list[str], size: str
) -> None:
    harbour.order["details"] |= {"unitprice": "5.20", "quantity": "2"}
    done = fake_coffee.piped("order", "a0", "harbour", *flags, "--quantity", "2")
    sent = body_of(harbour)["order"]["details"]
    assert sent == {"coffeetype": flags[0], "coffeesize": size, "quantity": "2"}
    assert done.stdout == (
        "Ordered in place of your earlier order: 2 x Small Short Black at 5.20, 10.40 EUR in "
        "total. Order of a0 at v0: placed since 2026-03-01 08:30:01.\n"
    )
    assert done.stderr == "Next: coffee watch a0 harbour\n"


def test_an_order_is_json_only_with_json(fake_coffee: Coffee, harbour: FakeService) -> None:
    done = fake_coffee.piped("order", "a0", "harbour", "Mocha", "--json")
    assert json.loads(done.stdout) == harbour.order


@pytest.mark.usefixtures("harbour")
def test_a_size_must_be_named_if_there_are_several(fake_coffee: Coffee) -> None:
    done = fake_coffee.piped("order", "a0", "harbour", "Flat White")
    assert (done.returncode, done.stderr) == (
        2,
        "Name a size with --size: Flat White comes in Small, Large\n",
    )


def test_a_shop_without_a_menu_needs_a_price(
    fake_coffee: Coffee, fake_service: FakeService
) -> None:
    done = fake_coffee.piped("order", "a0", "v0", "Mocha")
    assert (done.returncode, done.stderr) == (
        2,
        "v0 has no menu. Name the price of one with --price\n",
    )
    assert fake_coffee.piped("order", "a0", "v0", "Mocha", "--price", "5").returncode == 0
    assert body_of(fake_service)["order"]["details"] == {
        "coffeetype": "Mocha",
        "coffeesize": "Regular",
        "unitprice": "5",
        "quantity": "1",
    }


def test_bytes_that_are_not_text_are_one_line(fake_coffee: Coffee) -> None:
    done = fake_coffee.shell(r"coffee get $'a\xff' v0")
    assert (done.returncode, done.stderr) == (2, "The command line is not valid text\n")
