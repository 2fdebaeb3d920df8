"""A shop's menu on the running service, with `coffee`: publishing it, and ordering from it."""

import json

from local.service import Service
from tests.e2e.conftest import NewCoffee
from tests.e2e.terminal import Coffee

MENU = {
    "name": "Harbour Coffee",
    "currency": "EUR",
    "menu": [
        {"coffeetype": "Flat White", "sizes": [{"coffeesize": "Small", "unitprice": "4.50"}]},
    ],
}


def test_staff_manage_their_shop(
    new_coffee: NewCoffee, service: Service, username: str, accountid: str
) -> None:
    customer, staff = new_coffee(), new_coffee()
    customer.sign_in(service, username)
    vendorid = f"shop {accountid}"
    staff.sign_in_staff(service, f"barista-{username}", vendorid)
    order = ["order", accountid, vendorid, "Flat White", "--quantity", "2"]
    assert customer.error("menu", vendorid)[0] == 4
    assert customer.error(*order)[0] == 2

    published = staff.succeed("publish", vendorid, "-", stdin=json.dumps(MENU))
    assert published.stderr == "Published.\n"
    assert "Flat White  Small  4.50 EUR" in customer.piped("menu", vendorid).stdout
    assert customer.piped(*order).stdout.startswith(
        "Ordered: 2 x Small Flat White at 4.50, 9.00 EUR in total. "
    )
    code, line = customer.error(*order, "--size", "Small", "--price", "5")
    assert (code, "4.50" in line) == (5, True)

    staff.succeed("close", vendorid, "--note", "Back at 2")
    code, line = customer.error(*order)
    assert (code, "Back at 2" in line) == (5, True)
    assert staff.piped("open", vendorid).stdout.startswith("Harbour Coffee is open\n")
    assert "sold out" in staff.piped("soldout", vendorid, "Flat White").stdout
    assert customer.error(*order)[0] == 5
    assert "sold out" not in staff.piped("soldout", vendorid, "Flat White", "--back").stdout
    customer.succeed(*order)


def test_newer_menu_is_not_overwritten(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    coffee.sign_in_staff(service, username, accountid)
    coffee.succeed("publish", accountid, "-", stdin=json.dumps(MENU))
    mine = coffee.piped("menu", accountid, "--json").stdout
    again = coffee.succeed("publish", accountid, "-", stdin=mine)
    assert again.stderr == "Published.\n"
    theirs = json.dumps({**MENU, "name": "Pier Coffee"})
    coffee.succeed("publish", accountid, "-", stdin=theirs)
    assert coffee.error("publish", accountid, "-", stdin=mine)[0] == 5
    incomplete = '{"name": "x", "currency": "EUR"}'
    code, line = coffee.error("publish", accountid, "-", stdin=incomplete)
    assert (code, "shop.menu" in line) == (1, True)
