"""Validation of PUT and PATCH /shop: limits and error messages."""

from typing import Any

import pytest

from tests.api.conftest import Api, error
from tests.samples import shop_content

_BAD_TEXT = "must have no control characters and no blank at either end"
_BAD_CURRENCY = "must be three capital letters, such as EUR"
_NO_FACE = "must have a visible character"
_FIRST_SIZE = "menu[0].sizes[0]"
_BAD_PRICE = "must be a decimal number from 0 to 100,000,000 with at most 4 decimals"


def size(name: Any = "Small", price: Any = "4.50") -> dict[str, Any]:
    return {"coffeesize": name, "unitprice": price}


def coffees(*names: str) -> list[dict[str, Any]]:
    """Return a menu with these coffees, each in one size."""
    return [{"coffeetype": name, "sizes": [size()]} for name in names]


def mocha(*sizes: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a menu whose only coffee has these sizes."""
    return [{"coffeetype": "Mocha", "sizes": sizes}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " x"}, f"name: {_BAD_TEXT}"),
        ({"name": "x" * 65}, "name: must have at most 64 characters"),
        ({"name": "\u3164"}, f"name: {_NO_FACE}"),
        ({"currency": "eur"}, f"currency: {_BAD_CURRENCY}"),
        ({"currency": "EURO"}, f"currency: {_BAD_CURRENCY}"),
        ({"menu": []}, "menu: must not be empty"),
        ({"menu": coffees(*map(str, range(51)))}, "menu: must have at most 50 entries"),
        ({"menu": coffees("Mocha", "x\n")}, f"menu[1].coffeetype: {_BAD_TEXT}"),
        ({"menu": coffees("A", "B", "A")}, "menu[2].coffeetype: A is on the menu twice"),
        ({"menu": mocha(size("L"), size("L\u200d"))}, "menu[0]: Mocha has L\u200d twice"),
        (
            {"menu": mocha(size("\u3164"))},
            f"{_FIRST_SIZE}.coffeesize: {_NO_FACE}",
        ),
        ({"menu": mocha()}, "menu[0].sizes: must not be empty"),
        (
            {"menu": mocha(*[size(f"s{number}") for number in range(6)])},
            "menu[0].sizes: must have at most 5 entries",
        ),
        ({"menu": mocha(size(price="4,50"))}, f"{_FIRST_SIZE}.unitprice: {_BAD_PRICE}"),
        ({"open": True}, "open: is not a known field"),
    ],
)
def test_invalid_content_is_not_published(api: Api, changes: dict[str, Any], message: str) -> None:
    response = api.publish({**shop_content(), **changes})
    assert error(response) == (400, f"shop.{message}")
    assert api.look_up_shop().status_code == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "The body must have at least one of open, note and soldout"),
        ({"open": "false"}, "open: must be true or false, not text"),
        ({"note": None}, "note: must be text, not null"),
        ({"note": "x" * 101}, "note: must have at most 100 characters"),
        *[({"note": note}, f"note: {_BAD_TEXT}") for note in (" ", "\n")],
        ({"soldout": ["Mocha"]}, "soldout: must be an object, not a list"),
        ({"soldout": {"": True}}, "soldout: a key must not be empty"),
        ({"soldout": {"Mocha": 1}}, "soldout[...]: must be true or false, not a number"),
        ({"soldout": {f"c{n}": True for n in range(51)}}, "soldout: must have at most 50 entries"),
        ({"name": "x"}, "name: is not a known field"),
    ],
)
def test_invalid_change_changes_nothing(api: Api, changes: dict[str, Any], message: str) -> None:
    api.publish()
    before = api.get_shop()
    assert error(api.change_shop(**changes)) == (400, message)
    assert api.get_shop() == before


def test_largest_menu_is_accepted_and_a_larger_body_rejected(api: Api) -> None:
    sizes = [size(f"{number}{'🥛' * 63}", "99999999.9999") for number in range(5)]
    names = [f"{chr(0x1F300 + number)}{'🍪' * 63}" for number in range(50)]
    content = shop_content(name="🏪" * 64)
    content["menu"] = [{"coffeetype": name, "sizes": sizes} for name in names]
    assert api.publish(content).status_code == 201
    api.change_shop(soldout=dict.fromkeys(names, True))
    assert api.soldout() == dict.fromkeys(names, True)
    assert api.publish().status_code == 200  # removes all coffees that are sold out
    response = api.publish(shop_content(name="x" * 256 * 1024))
    assert error(response) == (413, "The body is larger than 256 KiB")
    response = api.change_shop(note="x" * 64 * 1024)
    assert error(response) == (413, "The body is larger than 64 KiB")


def test_prices_are_returned_as_sent(api: Api) -> None:
    menu = mocha(size("A", 4.5), size("B", "4.50"), size("C", 0))
    api.publish({**shop_content(), "menu": menu})
    sizes = api.get_shop()["menu"][0]["sizes"]
    assert [each["unitprice"] for each in sizes] == ["4.5", "4.50", "0"]
