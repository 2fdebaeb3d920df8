"""What `coffee` prints: text by other users, lists, and a lost connection."""

import json
import re
import shlex
import unicodedata
from typing import Any

import pytest

from tests.e2e.terminal import FakeCoffee, without_colours
from tests.samples import placed_order

_MARKUP = r"\[/x] [red]Hot[/red] [link=http://x]y[/link] :tea: [/] <script>"
_UNSAFE = "\x1b[31m \x9b31m \u202egpj \u2066 \u200b \x7f \U000e0041 \u2028"
_LISTS = ["list", "queue v0"]
_COMMANDS = [*_LISTS, "get a0 v0", "cancel a0 v0", "advance a0 v0"]


def unsafe_characters(text: str) -> set[str]:
    categories = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {char for char in text if unicodedata.category(char) in categories} - set("\n")


def test_markup_is_printed_as_text(fake_coffee: FakeCoffee) -> None:
    order = fake_coffee.service.order
    order |= dict.fromkeys(("accountid", "vendorid", "status"), _MARKUP)
    order["details"] |= dict.fromkeys(("coffeetype", "coffeesize", "unitprice"), _MARKUP)
    for command in _COMMANDS:
        result = fake_coffee.succeed(*command.split())
        assert (result.stderr, result.stdout.count(_MARKUP)) == ("", 6)
    fake_coffee.environment["COLUMNS"] = "1000"
    _, output = fake_coffee.terminal("list")
    assert without_colours(output).count(_MARKUP) == 6


def test_unsafe_characters_are_escaped(fake_coffee: FakeCoffee) -> None:
    order = fake_coffee.service.order
    order |= dict.fromkeys(("accountid", "vendorid", "status", "orderdate"), _UNSAFE)
    order["details"] = dict.fromkeys(order["details"], _UNSAFE)
    for command in _COMMANDS:
        text = fake_coffee.succeed(*command.split()).stdout
        document = fake_coffee.succeed(*command.split(), "--json").stdout
        assert text
        assert not unsafe_characters(text + document)
        result = json.loads(document)
        assert (result[0] if isinstance(result, list) else result)["accountid"] == _UNSAFE
    fake_coffee.service.error = {"Code": "ConflictError", "Message": f"Not{_UNSAFE}\nnow"}
    fake_coffee.service.statuses = [409]
    exit_code, message = fake_coffee.error("get", "a0", "v0")
    assert (exit_code, unsafe_characters(message)) == (5, set())


@pytest.mark.parametrize(
    "key", [("a 0", "v'0"), ("-a", "--v"), ("$(id)", ":tea:"), ("two  b", "[/]")]
)
def test_next_command_can_be_pasted(fake_coffee: FakeCoffee, key: tuple[str, str]) -> None:
    result = fake_coffee.run("order", "--price", "4", "--", *key, "Piccolo")
    next_command = result.stderr.partition("Next: ")[2]
    fake_coffee.service.order["status"] = "ready"
    watch = fake_coffee.succeed(*shlex.split(next_command)[1:])
    assert watch.stdout.split()[-1] == "ready"
    assert tuple(fake_coffee.service.requests[-1].args.values()) == key


def test_command_line_in_an_error_is_printed_as_text(fake_coffee: FakeCoffee) -> None:
    exit_code, message = fake_coffee.error("\u202e\x1b[31m[red]:tea:")
    assert (exit_code, unsafe_characters(message)) == (2, set())
    assert "[red]:tea:" in message


def many_orders(count: int) -> list[dict[str, Any]]:
    return [
        placed_order(f"account {number}", coffeetype="Long name " * 6) for number in range(count)
    ]


@pytest.mark.parametrize("command", _LISTS)
def test_list_in_a_pipe_has_one_line_for_each_order(fake_coffee: FakeCoffee, command: str) -> None:
    fake_coffee.service.orders = many_orders(3)
    fake_coffee.environment["COLUMNS"] = "80"
    _, *lines = fake_coffee.run(*command.split()).stdout.splitlines()
    assert len(lines) == 3
    for number, line in enumerate(lines):
        assert line.startswith(f"account {number} ")
        assert line.rstrip().endswith("2026-03-01 08:30:00.123456")


@pytest.mark.parametrize("command", _LISTS)
def test_list_reports_more_orders(fake_coffee: FakeCoffee, command: str) -> None:
    fake_coffee.service.orders = many_orders(124)
    for options, count, message in (
        ([], 50, "There are more than 50 orders. Use --all to list all of them.\n"),
        (
            ["--limit", "123"],
            123,
            "There are more than 123 orders. Use --all to list all of them.\n",
        ),
        (["--limit", "124"], 124, ""),
        (["--all"], 124, ""),
        (["--all", "--limit", "1"], 124, ""),
    ):
        arguments = [*command.split(), *options]
        as_json, as_text = fake_coffee.run(*arguments, "--json"), fake_coffee.run(*arguments)
        assert (len(json.loads(as_json.stdout)), as_json.stderr) == (count, message)
        assert (as_text.stdout.count("\n"), as_text.stderr) == (count + 1, message)


@pytest.mark.parametrize("statuses", [[503] * 8, [500, 502, 504], [0] * 4, [429] * 4])
def test_watch_continues_after_a_lost_connection(
    fake_coffee: FakeCoffee, statuses: list[int]
) -> None:
    fake_coffee.service.statuses = [200, *statuses]
    fake_coffee.service.final_status = "ready"
    watch = fake_coffee.succeed("watch", "a0", "v0", "--every", "0.1")
    assert [line.split()[-1] for line in watch.stdout.splitlines()] == ["placed", "ready"]
    lost, back = watch.stderr.splitlines()
    assert lost.startswith("The connection is lost: ")
    assert back == "The connection is back."


def test_watch_retries_while_the_service_is_down(fake_coffee: FakeCoffee) -> None:
    fake_coffee.configure("http://127.0.0.1:1")
    exit_code, output = fake_coffee.terminal("watch", "a0", "v0", answers=(("Retrying", "\x03"),))
    assert (exit_code, "Traceback" in output) == (130, False)


@pytest.mark.parametrize(("rejection", "exit_code"), [(404, 4), (400, 1), (403, 1)])
def test_watch_ends_if_the_service_rejects_it(
    fake_coffee: FakeCoffee, rejection: int, exit_code: int
) -> None:
    fake_coffee.service.statuses = [200, rejection]
    watch = fake_coffee.run("watch", "a0", "v0", "--every", "0.1")
    assert (watch.returncode, watch.stderr) == (exit_code, "An error\n")


def test_busy_service_is_reported_within_seconds(fake_coffee: FakeCoffee) -> None:
    fake_coffee.service.statuses, fake_coffee.service.retry_after = [503] * 4, "3600"
    message = "The service is busy: An error. Try again in 3600 s"
    assert fake_coffee.error("get", "a0", "v0") == (6, message)


def test_version(fake_coffee: FakeCoffee) -> None:
    version = fake_coffee.succeed("--version").stdout
    assert re.fullmatch(r"coffee, version \d+\.\d+\.\d+\n", version)


def test_login_suggests_the_last_user_name(fake_coffee: FakeCoffee) -> None:
    tokens = {"IdToken": "x.e30.x", "ExpiresIn": 3600, "RefreshToken": "y"}
    fake_coffee.service.cognito = (200, {"AuthenticationResult": tokens})
    fake_coffee.log_in("Ann")
    fake_coffee.succeed("logout")
    answers = ((r"User name \[Ann\]:", ""), ("Password:", "secret"))
    exit_code, output = fake_coffee.terminal("login", answers=answers)
    assert (exit_code, "Hello, Ann" in output) == (0, True)
    assert fake_coffee.run("login", "--password-stdin", stdin="x").returncode == 2
    assert fake_coffee.service.last_body["AuthParameters"]["USERNAME"] == "Ann"


def test_code_may_have_blanks(fake_coffee: FakeCoffee) -> None:
    fake_coffee.succeed("confirm", "Ann", " 123 456 ")
    assert fake_coffee.service.last_body["ConfirmationCode"] == "123456"


@pytest.mark.parametrize("command", ["forgot Ann", "reset Ann 1 --password-stdin"])
def test_unconfirmed_address_has_advice(fake_coffee: FakeCoffee, command: str) -> None:
    message = (
        "Cannot reset password for the user as there is no registered/verified email or "
        "phone_number"
    )
    fake_coffee.service.cognito = (400, {"__type": "InvalidParameterException", "message": message})
    assert fake_coffee.error(*command.split(), stdin="Pa$$word1") == (
        1,
        "Ann has no confirmed address to mail a code to. "
        "If the account is new, run: coffee confirm Ann",
    )
