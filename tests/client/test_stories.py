"""`coffee` against the running service: what customers and staff do with it."""

import json
import re

from local.service import Service
from tests.client.conftest import NewCoffee
from tests.client.terminal import Coffee, without_colours
from tests.fixtures import code_mailed_to
from tests.samples import PASSWORD, shop_content


def test_customer_at_a_terminal(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    def succeed(*arguments: str, answers: tuple[tuple[str, str], ...] = ()) -> str:
        exit_code, output = coffee.terminal(*arguments, answers=answers)
        assert exit_code == 0, output
        assert PASSWORD not in output
        return output

    email = f"{username}@example.com"
    prompts = (("Password:", PASSWORD), ("Repeat for confirmation:", PASSWORD))
    output = succeed("signup", username, "--email", email, answers=prompts)
    assert re.search(rf"A code was mailed to .+ Next: coffee confirm {username}", output)
    code = code_mailed_to(service.cloud, email)
    output = succeed("confirm", username, answers=(("Code:", code),))
    assert f"Next: coffee login {username}" in output
    assert f"Hello, {username}" in succeed("login", username, answers=(("Password:", PASSWORD),))
    output = succeed("order", accountid, "v0", "Flat White", "--size", "Large", "--price", "4.80")
    assert f"Next: coffee watch {accountid} v0" in output
    assert "\x1b[" in output  # a terminal has colours
    assert "1 x Large Flat White" in succeed("list")
    cancelled = without_colours(succeed("cancel", accountid, "v0"))
    assert "1 x Large Flat White at 4.80, 4.80 in total." in cancelled
    assert f"Order of {accountid} at v0: cancelled" in cancelled
    assert "Logged out." in succeed("logout")
    exit_code, output = coffee.terminal("list")
    assert (exit_code, "Nobody is logged in. Run: coffee login" in output) == (3, True)


def test_staff_process_the_queue(
    new_coffee: NewCoffee, service: Service, username: str, accountid: str
) -> None:
    customer, staff, vendorid = new_coffee(), new_coffee(), f"shop {accountid}"
    customer.sign_in(service, username)
    staff.sign_in_staff(service, f"barista-{username}", vendorid)
    for number in range(2):
        customer.succeed("order", f"{accountid}-{number}", vendorid, "Piccolo", "--price", "4")
    customer.succeed("cancel", f"{accountid}-1", vendorid)
    key = (f"{accountid}-0", vendorid)
    assert [order["accountid"] for order in staff.json("queue", vendorid)] == [key[0]]
    assert staff.json("advance", *key)["status"] == "preparing"
    assert customer.error("cancel", *key) == (5, "The order is preparing")
    staff.succeed("advance", *key, "ready")
    assert staff.json("advance", *key, "preparing")["status"] == "preparing"  # a step back
    staff.succeed("advance", *key)
    assert f"Order of {key[0]} at {vendorid}: ready" in customer.succeed("watch", *key).stdout
    assert len(staff.json("queue", vendorid, "--status", "ready")) == 1
    staff.succeed("advance", *key)
    assert staff.error("advance", *key) == (5, "The order is collected")
    assert staff.run("queue", vendorid).stderr == "No orders.\n"
    assert [order["status"] for order in customer.json("list")] == ["cancelled", "collected"]
    assert len(customer.json("list", "--status", "cancelled")) == 1
    forbidden = (1, "Only staff of this vendor may do this")
    assert customer.error("queue", vendorid) == forbidden


def test_login_is_refreshed_and_revoked_by_logout(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    coffee.sign_in(service, username)
    for fields in ({"stale_at": 0}, {"id_token": "rejected"}):
        coffee.change_login(**fields)
        old_token = json.loads(coffee.login_file.read_text())["id_token"]
        coffee.succeed("order", accountid, "v0", "Piccolo", "--price", "4")
        login = coffee.login_file.read_text()
        assert json.loads(login)["id_token"] != old_token
    coffee.succeed("logout")
    assert not coffee.login_file.exists()
    coffee.login_file.write_text(login)
    coffee.change_login(stale_at=0)
    exit_code, message = coffee.error("list")
    assert (exit_code, "expired" in message) == (3, True)


def test_error_of_cognito_has_advice(coffee: Coffee, service: Service, username: str) -> None:
    """tests/client/test_errors.py has the other errors."""
    email = f"{username}@example.com"
    coffee.succeed("signup", username, "--email", email, "--password-stdin", stdin=PASSWORD)
    message = f"That code is wrong. Check the mail, or get a new one: coffee resend {username}"
    assert coffee.error("confirm", username, "000000") == (1, message)
    assert f"Next: coffee confirm {username}" in coffee.succeed("resend", username).stderr
    code = code_mailed_to(service.cloud, email)
    coffee.succeed("confirm", username, f" {code[:3]} {code[3:]} ")
    # The error does not reveal whether a user exists.
    for name, password in ((username, "Wr0ng$$$$"), (f"no-{username}", PASSWORD)):
        result = coffee.error("login", name, "--password-stdin", stdin=password)
        assert result == (3, "Wrong user name or password")


def test_staff_manage_their_shop(
    new_coffee: NewCoffee, service: Service, username: str, accountid: str
) -> None:
    customer, staff = new_coffee(), new_coffee()
    customer.sign_in(service, username)
    vendorid = f"shop {accountid}"
    staff.sign_in_staff(service, f"barista-{username}", vendorid)
    order = ["order", accountid, vendorid, "Mocha", "--size", "Small", "--quantity", "2"]
    assert customer.error("menu", vendorid)[0] == 4

    first = json.dumps(shop_content())
    publish = ["publish", vendorid, "-"]
    assert staff.succeed(*publish, stdin=first).stderr == "Published.\n"
    total = "Ordered: 2 x Small Mocha at 5 EUR, 10 EUR in total. "
    assert customer.run(*order).stdout.startswith(total)
    exit_code, message = customer.error(*order, "--price", "4.50")
    assert (exit_code, message) == (5, "--price: a Small Mocha is 5 EUR")

    staff.succeed("close", vendorid, "--note", "Back at 2")
    exit_code, message = customer.error(*order)
    assert (exit_code, "Back at 2" in message) == (5, True)
    staff.succeed("open", vendorid)
    assert "sold out" in staff.succeed("soldout", vendorid, "Mocha").stdout
    assert customer.error(*order)[0] == 5
    assert "sold out" not in staff.succeed("available", vendorid, "Mocha").stdout
    exit_code, message = staff.error("soldout", vendorid, "Tea")
    assert (exit_code, "Flat White, Mocha" in message) == (5, True)
    customer.succeed(*order)

    downloaded = staff.run("menu", vendorid, "--json").stdout
    staff.succeed(*publish, "--replace", stdin=json.dumps(shop_content("Pier Coffee")))
    for content, problem in (
        (downloaded, "The menu has changed. Get it, with its etag: coffee menu --json"),
        (first, f"{vendorid} has a menu already. Get it, with its etag: coffee menu --json"),
    ):
        exit_code, message = staff.error(*publish, stdin=content)
        assert (exit_code, message.startswith(problem)) == (5, True)
    exit_code, message = staff.error(*publish, stdin='{"name": "x", "currency": "EUR"}')
    assert (exit_code, message.startswith("menu ")) == (1, True)
