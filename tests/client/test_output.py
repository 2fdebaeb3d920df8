"""What `coffee` prints: text by other users, orders, lists, and a lost connection."""

import json
import re
import shlex
import unicodedata
from datetime import datetime

import pytest

from coffee_client.cli.coffee import coffee as coffee_group
from tests.client.terminal import FakeCoffee, without_colours
from tests.samples import placed_order, shop_response

_MARKUP = r"\[/x] [red]Hot[/red] [link=http://x]y[/link] :tea: [/] <script>"
_UNSAFE = "\x1b[31m \x9b31m \u202egpj \u2066 \u200b \x7f \U000e0041 \u2028"
_LISTS = ["list", "queue v0"]
_ONE_ORDER = ["get a0 v0", "cancel a0 v0", "advance a0 v0"]
_SINCE = datetime.fromisoformat(str(placed_order()["since"])).astimezone()


@pytest.fixture(autouse=True)
def _no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coffee_client.cli.orders.time.sleep", lambda _: None)


def unsafe_characters(text: str) -> set[str]:
    categories = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {char for char in text if unicodedata.category(char) in categories} - set("\n")


def test_text_of_others_is_printed_as_text(fake_coffee: FakeCoffee) -> None:
    text = _MARKUP + _UNSAFE
    order = fake_coffee.service.order
    order |= dict.fromkeys(("accountid", "vendorid", "status", "since", "currency"), text)
    order["details"] |= dict.fromkeys(("coffeetype", "coffeesize", "note"), text)
    for command in (*_LISTS, *_ONE_ORDER):
        result = fake_coffee.succeed(*command.split())
        # The currency is in the price and in the total.
        assert (result.stderr, result.stdout.count(_MARKUP)) == ("", 9)
        document = fake_coffee.succeed(*command.split(), "--json").stdout
        assert not unsafe_characters(result.stdout + document)
        content = json.loads(document)
        assert (content[0] if isinstance(content, list) else content)["accountid"] == text
    fake_coffee.environment["COLUMNS"] = "5000"
    _, output = fake_coffee.terminal("list")
    assert without_colours(output).count(_MARKUP) == 9
    fake_coffee.service.error = {"Code": "ConflictError", "Message": f"Not{_UNSAFE}\nnow"}
    fake_coffee.service.statuses = [409]
    exit_code, message = fake_coffee.error("get", "a0", "v0")
    assert (exit_code, unsafe_characters(message)) == (5, set())


@pytest.mark.parametrize("key", [("a 0", "v'0"), ("-a", "--v"), ("$(id)", ":tea:"), ("b", "[/]")])
def test_next_command_can_be_pasted(fake_coffee: FakeCoffee, key: tuple[str, str]) -> None:
    result = fake_coffee.run("order", "--price", "4", "--", *key, "Piccolo")
    next_command = result.stderr.partition("Next: ")[2]
    fake_coffee.service.order["status"] = "ready"
    fake_coffee.succeed(*shlex.split(next_command)[1:])
    assert tuple(fake_coffee.service.requests[-1].args.values()) == key


def test_order_has_the_same_fields_everywhere(fake_coffee: FakeCoffee) -> None:
    order, since = fake_coffee.service.order, f"{_SINCE:%Y-%m-%d %H:%M:%S}"
    order["currency"] = "EUR"
    for quantity, unitprice, total in (
        ("2", "4.50", "9.00 EUR"),
        ("1", "0", "0 EUR"),
        ("1000", "450000", "450000000 EUR"),
    ):
        order["details"] |= {"note": "oat milk", "unitprice": unitprice, "quantity": quantity}
        coffee, price = f"{quantity} x Small Short Black", f"{unitprice} EUR"
        for command in _ONE_ORDER:
            assert fake_coffee.succeed(*command.split()).stdout == (
                f'{coffee} with the note "oat milk" at {price}, {total} in total. '
                f"Order of a0 at v0: placed since {since}.\n"
            )
        for command in _LISTS:
            row = fake_coffee.succeed(*command.split()).stdout.splitlines()[1]
            cells = re.split(r"\s{2,}", row.strip())
            assert cells == ["a0", "v0", coffee, price, total, "placed", since, "oat milk"]


@pytest.mark.parametrize("command", _LISTS)
def test_list_has_one_line_for_each_order_and_reports_more(
    fake_coffee: FakeCoffee, command: str
) -> None:
    fake_coffee.environment["COLUMNS"] = "80"
    names = [f"account {number}" for number in range(124)]
    fake_coffee.service.orders = [placed_order(name, coffeetype="Long " * 12) for name in names]
    more = "The list goes on. A higher --limit shows more.\n"
    for limit, message in ((50, more), (123, more), (124, "")):
        options = [] if limit == 50 else ["--limit", str(limit)]
        result = fake_coffee.succeed(*command.split(), *options)
        _, *lines = result.stdout.splitlines()
        assert [line.split("  ")[0] for line in lines] == names[:limit]
        assert result.stderr == message
        assert len(fake_coffee.json(*command.split(), *options)) == limit


@pytest.mark.parametrize("statuses", [[503] * 8, [500, 502, 504], [0] * 4, [429] * 4])
def test_watch_continues_after_a_lost_connection(
    fake_coffee: FakeCoffee, statuses: list[int]
) -> None:
    fake_coffee.service.statuses = [200, *statuses]
    fake_coffee.service.final_status = "ready"
    watch = fake_coffee.succeed("watch", "a0", "v0")
    assert re.findall(r"Order of a0 at v0: (\w+) since", watch.stdout) == ["placed", "ready"]
    lost, back = watch.stderr.splitlines()
    assert lost.startswith("The connection is lost: ")
    assert back == "The connection is back."


def test_watch_ends_if_the_service_rejects_it_or_the_order_is_cancelled(
    fake_coffee: FakeCoffee,
) -> None:
    for rejection, exit_code in ((404, 4), (400, 1)):
        fake_coffee.service.statuses = [200, rejection]
        watch = fake_coffee.run("watch", "a0", "v0")
        assert (watch.exit_code, watch.stderr) == (exit_code, "An error\n")
    fake_coffee.service.order["status"] = "cancelled"
    watch = fake_coffee.run("watch", "a0", "v0")
    assert (watch.exit_code, watch.stderr) == (1, "The order is cancelled\n")


def test_outcome_of_an_order_is_said(fake_coffee: FakeCoffee) -> None:
    for outcome, beginning in (
        ("placed", "Ordered: 1 x"),
        ("replaced", "Ordered in place of your earlier order: 1 x"),
        ("unchanged", "Already ordered, nothing has changed: 1 x"),
    ):
        fake_coffee.service.outcome = outcome
        result = fake_coffee.succeed("order", "a0", "v0", "Piccolo", "--note", "oat milk")
        assert result.stdout.startswith(beginning)
    expected = {"coffeetype": "Piccolo", "coffeesize": "Regular", "quantity": "1"}
    assert fake_coffee.service.last_body["order"]["details"] == expected | {"note": "oat milk"}


def test_help_groups_all_commands_and_has_an_example_for_each(fake_coffee: FakeCoffee) -> None:
    text = fake_coffee.succeed("-h").stdout
    assert fake_coffee.run().output == text  # and `coffee` alone
    sections = dict(re.findall(r"^([A-Z][\w-]+):\n((?:  \w+ .*\n)+)", text, re.MULTILINE))
    assert list(sections) == ["Orders", "Shop", "Account", "Set-up"]
    commands = re.findall(r"^  ([a-z]+)  ", "".join(sections.values()), re.MULTILINE)
    assert commands == list(coffee_group.commands)
    for name in commands:
        assert f"Example:\n    coffee {name}" in fake_coffee.succeed(name, "--help").stdout


def test_shop_is_shown_with_its_menu(fake_coffee: FakeCoffee) -> None:
    note = "[red]\u202eBack"
    shop = shop_response("harbour", name=r"\[/x] :tea:", note=note, open=False, waiting=101)
    fake_coffee.service.shop = shop
    fake_coffee.login_file.unlink()
    menu = fake_coffee.succeed("menu", "harbour").stdout.splitlines()
    assert menu[0] == r"\[/x] :tea: is closed ([red]\u202eBack), orders waiting: 100+"
    assert [re.split(r"\s{2,}", line.strip()) for line in menu[1:]] == [
        ["coffee", "size", "price"],
        ["Flat White", "Small", "4.50 EUR"],
        ["Flat White", "Large", "5.20 EUR"],
        ["Mocha", "Small", "5 EUR"],
    ]
