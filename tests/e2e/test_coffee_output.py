"""What `coffee` prints: text from others as text, lists on one line each, and a lost connection."""

import json
import re
import shlex
import unicodedata
from typing import Any

import pytest

from tests.e2e.fake_service import FakeCoffee
from tests.e2e.terminal import without_colours
from tests.samples import placed_order

_MARKUP = [r"\[/x]", "[red]Hot[/red]", "[link=http://x]y[/link]", ":tea:", "[/]", "<script>"]
_UNSAFE = ["\x1b[31m", "\x9b31m", "\u202egpj", "\u2066", "\u200b", "\x7f", "\U000e0041", "\u2028"]
_LISTS = [["list"], ["queue", "v0"]]
_COMMANDS = [*_LISTS, ["get", "a0", "v0"], ["cancel", "a0", "v0"], ["advance", "a0", "v0"]]


def unsafe_in(text: str) -> set[str]:
    categories = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {char for char in text if unicodedata.category(char) in categories} - set("\n")


@pytest.mark.parametrize("name", _MARKUP)
def test_markup_is_printed_as_text(fake_coffee: FakeCoffee, name: str) -> None:
    fake_coffee.service.order |= {"accountid": name, "vendorid": name, "status": name}
    fake_coffee.service.order["details"] |= {
        "coffeetype": name,
        "coffeesize": name,
        "unitprice": name,
    }
    for words in _COMMANDS:
        done = fake_coffee.succeed(*words)
        assert (done.stderr, done.stdout.count(name)) == ("", 6)
    _, output = fake_coffee.terminal("list")
    assert without_colours(output).count(name) == 6


@pytest.mark.parametrize("name", _UNSAFE)
def test_unsafe_characters_are_never_printed(fake_coffee: FakeCoffee, name: str) -> None:
    fake_coffee.service.order |= dict.fromkeys(
        ("accountid", "vendorid", "status", "orderdate"), name
    )
    fake_coffee.service.order["details"] = dict.fromkeys(fake_coffee.service.order["details"], name)
    for words in _COMMANDS:
        as_json, for_people = fake_coffee.succeed(*words, "--json"), fake_coffee.succeed(*words)
        for text in (as_json.stdout, for_people.stdout):
            assert text
            assert not unsafe_in(text)
        answer = json.loads(as_json.stdout)
        assert (answer[0] if isinstance(answer, list) else answer)["accountid"] == name
    fake_coffee.service.error = {"Code": "ConflictError", "Message": f"Not{name}\nnow"}
    fake_coffee.service.statuses = [409]
    code, line = fake_coffee.error("get", "a0", "v0")
    assert (code, unsafe_in(line)) == (5, set())


@pytest.mark.parametrize(
    "key", [("a 0", "v'0"), ("-a", "--v"), ("$(id)", ":tea:"), ("two  b", "[/]")]
)
def test_next_command_can_be_pasted(fake_coffee: FakeCoffee, key: tuple[str, str]) -> None:
    done = fake_coffee.piped("order", "--price", "4", "--", *key, "Piccolo")
    command = done.stderr.partition("Next: ")[2]
    fake_coffee.service.order["status"] = "ready"
    watched = fake_coffee.succeed(*shlex.split(command)[1:])
    assert watched.stdout.split()[-1] == "ready"
    assert tuple(fake_coffee.service.requests[-1].args.values()) == key


def test_command_line_in_an_error_is_printed_as_text(fake_coffee: FakeCoffee) -> None:
    code, line = fake_coffee.error("\u202e\x1b[31m[red]:tea:")
    assert (code, unsafe_in(line)) == (2, set())
    assert "[red]:tea:" in line


def many(count: int) -> list[dict[str, Any]]:
    return [
        placed_order(f"account {number}", coffeetype="Long name " * 6) for number in range(count)
    ]


@pytest.mark.parametrize("words", _LISTS)
def test_list_in_a_pipe_has_one_line_for_each_order(
    fake_coffee: FakeCoffee, words: list[str]
) -> None:
    fake_coffee.service.orders = many(3)
    fake_coffee.environment["COLUMNS"] = "80"
    lines = fake_coffee.piped(*words).stdout.splitlines()
    assert len(lines) == 1 + 3
    for number, line in enumerate(lines[1:]):
        assert line.startswith(f"account {number} ")
        assert line.rstrip().endswith("2026-03-01 08:30:00.123456")


@pytest.mark.parametrize("words", _LISTS)
def test_list_reports_further_orders(fake_coffee: FakeCoffee, words: list[str]) -> None:
    fake_coffee.service.orders = many(124)
    for flags, count, hint in (
        ([], 50, "There are more than these 50. List all with --all.\n"),
        (["--limit", "100"], 100, "There are more than these 100. List all with --all.\n"),
        (["--limit", "124"], 124, ""),
        (["--all"], 124, ""),
        (["--all", "--limit", "1"], 124, ""),
    ):
        as_json = fake_coffee.piped(*words, "--json", *flags)
        assert (len(json.loads(as_json.stdout)), as_json.stderr) == (count, hint)
        for_people = fake_coffee.piped(*words, *flags)
        assert (for_people.stdout.count("\n"), for_people.stderr) == (count + 1, hint)


@pytest.mark.parametrize("trouble", [[503] * 8, [500, 502, 504], [0] * 4, [429] * 4])
def test_watch_continues_after_a_lost_connection(
    fake_coffee: FakeCoffee, trouble: list[int]
) -> None:
    fake_coffee.service.statuses = [200, *trouble]
    fake_coffee.service.status_at_last = "ready"
    done = fake_coffee.succeed("watch", "a0", "v0", "--every", "0.1")
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["placed", "ready"]
    lost, back = done.stderr.splitlines()
    assert lost.startswith("The connection is lost: ")
    assert back == "The connection is back."


def test_watch_keeps_trying_while_the_service_is_down(fake_coffee: FakeCoffee) -> None:
    fake_coffee.configure("http://127.0.0.1:1")
    status, output = fake_coffee.terminal("watch", "a0", "v0", answers=(("Still trying", "\x03"),))
    assert (status, "Traceback" in output) == (130, False)


@pytest.mark.parametrize(("rejection", "exit_code"), [(404, 4), (400, 1), (403, 1)])
def test_watch_stops_when_the_service_rejects_it(
    fake_coffee: FakeCoffee, rejection: int, exit_code: int
) -> None:
    fake_coffee.service.statuses = [200, rejection]
    done = fake_coffee.piped("watch", "a0", "v0", "--every", "0.1")
    assert (done.returncode, done.stderr) == (exit_code, "An error\n")


def test_busy_service_is_reported_within_seconds(fake_coffee: FakeCoffee) -> None:
    fake_coffee.service.statuses, fake_coffee.service.retry_after = [503] * 4, "3600"
    message = "The service is busy: An error. Try again in 3600 s"
    assert fake_coffee.error("get", "a0", "v0") == (6, message)


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("words", [[], ["order"]])
def test_help(fake_coffee: FakeCoffee, words: list[str], flag: str) -> None:
    assert fake_coffee.succeed(*words, flag).stdout.startswith("Usage: coffee")


def test_version(fake_coffee: FakeCoffee) -> None:
    done = fake_coffee.piped("--version")
    assert re.fullmatch(r"coffee, version \d+\.\d+\.\d+\n", done.stdout)


def test_login_offers_the_last_user_name(fake_coffee: FakeCoffee) -> None:
    tokens = {"IdToken": "x.e30.x", "ExpiresIn": 3600, "RefreshToken": "y"}
    fake_coffee.service.cognito = (200, {"AuthenticationResult": tokens})
    login = ["login", "--password-stdin"]
    fake_coffee.succeed("login", "Ann", "--password-stdin", stdin="x")
    fake_coffee.succeed("logout")
    answers = ((r"User name \[Ann\]:", ""), ("Password:", "secret"))
    status, output = fake_coffee.terminal("login", answers=answers)
    assert (status, "Hello, Ann" in output) == (0, True)
    assert fake_coffee.piped(*login, stdin="x").returncode == 2
    assert fake_coffee.service.last_body["AuthParameters"]["USERNAME"] == "Ann"


def test_code_may_have_blanks(fake_coffee: FakeCoffee) -> None:
    fake_coffee.succeed("confirm", "Ann", " 123 456 ")
    assert fake_coffee.service.last_body["ConfirmationCode"] == "123456"


@pytest.mark.parametrize(
    "words", [["forgot", "Ann"], ["reset", "Ann", "1", "--password-stdin"]], ids=" ".join
)
def test_unconfirmed_address_has_advice(fake_coffee: FakeCoffee, words: list[str]) -> None:
    message = (
        "Cannot reset password for the user as there is no registered/verified email or "
        "phone_number"
    )
    fake_coffee.service.cognito = (400, {"__type": "InvalidParameterException", "message": message})
    assert fake_coffee.error(*words, stdin="Pa$$word1") == (
        1,
        "Ann has no confirmed address to mail a code to. "
        "If the account is new, run: coffee confirm Ann",
    )
