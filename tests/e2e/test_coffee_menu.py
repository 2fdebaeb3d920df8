"""A shop's menu on the running service, with `coffee`: publishing it, and ordering from it."""

import json

from local.service import Service
from tests.e2e.conftest import NewCoffee
from tests.e2e.people import add_staff
from tests.e2e.terminal import Coffee, sign_in
from tests.samples import PASSWORD

MENU = {
    "name": "Harbour Coffee",
    "currency": "EUR",
    "menu": [
        {"coffeetype": "Flat White", "sizes": [{"coffeesize": "Small", "unitprice": "4.50"}]},
    ],
}


def sign_in_staff(coffee: Coffee, service: Service, vendorid: str, username: str) -> None:
    sign_in(coffee, service, username)
    add_staff(service.cloud, service.stack.user_pool_id, vendorid, username)
    login = ["login", username, "--password-stdin"]  # the group is in tokens from now on
    assert coffee.piped(*login, stdin=PASSWORD).returncode == 0


def test_staff_manage_their_shop(
    new_coffee: NewCoffee, service: Service, username: str, accountid: str
) -> None:
    customer, staff = new_coffee(), new_coffee()
    sign_in(customer, service, username)
    vendorid = f"shop {accountid}"
    sign_in_staff(staff, service, vendorid, f"barista-{username}")
    order = ["order", accountid, vendorid, "Flat White", "--quantity", "2"]
    assert customer.piped("menu", vendorid).returncode == 4
    assert customer.piped(*order).returncode == 2

    published = staff.piped("publish", vendorid, "-", stdin=json.dumps(MENU))
    assert (published.returncode, published.stderr) == (0, "Published.\n")
    assert "Flat White  Small  4.50 EUR" in customer.piped("menu", vendorid).stdout
    assert customer.piped(*order).stdout.startswith(
        "Ordered: 2 x Small Flat White at 4.50, 9.00 EUR in total. "
    )
    dearer = customer.piped(*order, "--size", "Small", "--price", "5")
    assert (dearer.returncode, "4.50" in dearer.stderr) == (5, True)

    assert staff.piped("close", vendorid, "--note", "Back at 2").returncode == 0
    refused = customer.piped(*order)
    assert (refused.returncode, "Back at 2" in refused.stderr) == (5, True)
    assert staff.piped("open", vendorid).stdout.startswith("Harbour Coffee is open\n")
    assert "sold out" in staff.piped("soldout", vendorid, "Flat White").stdout
    assert customer.piped(*order).returncode == 5
    assert "sold out" not in staff.piped("soldout", vendorid, "Flat White", "--back").stdout
    assert customer.piped(*order).returncode == 0


def test_a_published_menu_is_not_overwritten(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    sign_in_staff(coffee, service, accountid, username)
    assert coffee.piped("publish", accountid, "-", stdin=json.dumps(MENU)).returncode == 0
    mine = coffee.piped("menu", accountid, "--json").stdout
    again = coffee.piped("publish", accountid, "-", stdin=mine)
    assert (again.returncode, again.stderr) == (0, "Published.\n")
    theirs = json.dumps({**MENU, "name": "Pier Coffee"})
    assert coffee.piped("publish", accountid, "-", stdin=theirs).returncode == 0
    refused = coffee.piped("publish", accountid, "-", stdin=mine)
    assert (refused.returncode, refused.stdout) == (5, "")
    wrong = coffee.piped("publish", accountid, "-", stdin='{"name": "x", "currency": "EUR"}')
    assert (wrong.returncode, "shop.menu" in wrong.stderr) == (1, True)
