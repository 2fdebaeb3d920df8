"""Validation of PUT and PATCH /shop: limits and error messages."""

from typing import Any

import pytest

from tests.api.conftest import Api, error
from tests.samples import shop_content

_BAD_TEXT = "must have no control characters and no blank at either end"
_BAD_CURRENCY = "must be three capital letters, such as EUR"
_BAD_PRICE = "must be a decimal number from 0 to 100,000,000 with at most 4 decimals"


def content(**changes: Any) -> dict[str, Any]:
    return {**shop_content(), **changes}


def size(name: Any = "Small", price: Any = "4.50") -> dict[str, Any]:
    return {"coffeesize": name, "unitprice": price}


def coffee(name: Any = "Mocha", *sizes: Any) -> dict[str, Any]:
    return {"coffeetype": name, "sizes": sizes or [size()]}


def with_menu(*names: str) -> dict[str, Any]:
    """Return a content with these coffees."""
    return content(menu=[coffee(name) for name in names])


def with_sizes(*sizes: dict[str, Any]) -> dict[str, Any]:
    """Return a content whose only coffee has these sizes."""
    return content(menu=[{**coffee(), "sizes": sizes}])


@pytest.mark.parametrize(
    ("invalid_content", "message"),
    [
        (content(name=" x"), f"shop.name: {_BAD_TEXT}"),
        (content(name="x" * 65), "shop.name: must have at most 64 characters"),
        (content(name="\u3164"), "shop.name: must have a visible character"),
        *[
            (content(currency=currency), f"shop.currency: {_BAD_CURRENCY}")
            for currency in ("eur", "D A", "EU", "EURO")
        ],
        (content(menu=[]), "shop.menu: must not be empty"),
        (with_menu(*map(str, range(51))), "shop.menu: must have at most 50 entries"),
        (with_menu("Mocha", "x\n"), f"shop.menu[1].coffeetype: {_BAD_TEXT}"),
        (with_menu("x" * 65), "shop.menu[0].coffeetype: must have at most 64 characters"),
        (with_menu("A", "B", "A"), "shop.menu[2].coffeetype: A is on the menu twice"),
        (
            with_menu("Caf\u00e9", "Cafe\u0301"),
            "shop.menu[1].coffeetype: Cafe\u0301 is on the menu twice",
        ),
        (
            with_sizes(size("L"), size("L\u200d")),
            "shop.menu[0]: Mocha has L\u200d twice",
        ),
        (
            with_sizes(size("Z" + "\u0301" * 3)),
            "shop.menu[0].sizes[0].coffeesize: must have at most 2 combining marks"
            " on one character",
        ),
        (
            content(menu=[{**coffee(), "soldout": True}]),
            "shop.menu[0].soldout: is not a known field",
        ),
        (with_sizes(), "shop.menu[0].sizes: must not be empty"),
        (
            with_sizes(*[size(f"s{n}") for n in range(6)]),
            "shop.menu[0].sizes: must have at most 5 entries",
        ),
        (with_sizes(size("")), "shop.menu[0].sizes[0].coffeesize: must not be empty"),
        (with_sizes(size(price="4,50")), f"shop.menu[0].sizes[0].unitprice: {_BAD_PRICE}"),
        (with_sizes({"coffeesize": "x"}), "shop.menu[0].sizes[0].unitprice: is missing"),
        (content(open=True), "shop.open: is not a known field"),
        ([], "shop: must be an object, not a list"),
    ],
)
def test_invalid_content_is_not_published(api: Api, invalid_content: Any, message: str) -> None:
    assert error(api.publish(invalid_content)) == (400, message)
    assert api.look_up_shop().status_code == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "The body must have at least one of open, note and soldout"),
        ({"open": "false"}, "open: must be true or false, not text"),
        ({"note": None}, "note: must be text, not null"),
        ({"note": "x" * 101}, "note: must have at most 100 characters"),
        *[({"note": note}, f"note: {_BAD_TEXT}") for note in ("a\nb", " ", "\n")],
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


def test_largest_menu_is_accepted(api: Api) -> None:
    sizes = [size(f"{number}{'🥛' * 63}", "99999999.9999") for number in range(5)]
    names = [f"{chr(0x1F300 + number)}{'🍪' * 63}" for number in range(50)]
    menu = [coffee(name, *sizes) for name in names]
    assert api.publish(content(name="🏪" * 64, menu=menu)).status_code == 201
    assert list(api.soldout()) == names
    api.change_shop(soldout=dict.fromkeys(names, True))
    assert all(api.soldout().values())
    assert api.publish().status_code == 200  # removes all coffees that are sold out


def test_larger_body_is_rejected(api: Api) -> None:
    response = api.publish(content(name="x" * 256 * 1024))
    assert error(response) == (413, "The body is larger than 256 KiB")
    response = api.change_shop(note="x" * 64 * 1024)
    assert error(response) == (413, "The body is larger than 64 KiB")


def test_prices_are_returned_as_sent(api: Api) -> None:
    api.publish(with_sizes(size("A", 4.5), size("B", "4.50"), size("C", 0)))
    sizes = api.get_shop()["menu"][0]["sizes"]
    assert [each["unitprice"] for each in sizes] == ["4.5", "4.50", "0"]
