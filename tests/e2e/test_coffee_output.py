"""What `coffee` prints: text from others as text, lists on one line each, and a lost connection."""

import json
import re
import shlex
import unicodedata
from typing import Any

import pytest

from tests.e2e.fake_service import FakeService
from tests.e2e.terminal import Coffee
from tests.samples import placed

_MARKUP = [r"\[/x]", "[red]Hot[/red]", "[link=http://x]y[/link]", ":tea:", "[/]", "<script>"]
_UNSAFE = ["\x1b[31m", "\x9b31m", "\u202egpj", "\u2066", "\u200b", "\x7f", "\U000e0041", "\u2028"]
_ORDER_COMMANDS = [["get", "a0", "v0"], ["cancel", "a0", "v0"], ["advance", "a0", "v0"]]


def unsafe_in(text: str) -> set[str]:
    categories = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {char for char in text if unicodedata.category(char) in categories} - set("\n")


@pytest.mark.parametrize("name", _MARKUP)
def test_markup_is_printed_as_text(
    fake_coffee: Coffee, fake_service: FakeService, name: str
) -> None:
    fake_service.order |= {"accountid": name, "vendorid": name, "status": name}
    fake_service.order["details"] |= {"coffeetype": name, "coffeesize": name, "unitprice": name}
    for words in (["list"], ["queue", "v0"]):
        done = fake_coffee.piped(*words)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count(name) == 6
    _, seen = fake_coffee.typed("list")
    assert re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen).count(name) == 6
    for words in _ORDER_COMMANDS:
        done = fake_coffee.piped(*words)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count(name) == 6


@pytest.mark.parametrize("name", _UNSAFE)
def test_unsafe_characters_are_never_printed(
    fake_coffee: Coffee, fake_service: FakeService, name: str
) -> None:
    fake_service.order |= dict.fromkeys(("accountid", "vendorid", "status", "orderdate"), name)
    fake_service.order["details"] = dict.fromkeys(fake_service.order["details"], name)
    for words in (["list"], ["queue", "v0"], *_ORDER_COMMANDS):
        as_json, for_people = fake_coffee.piped(*words, "--json"), fake_coffee.piped(*words)
        assert as_json.returncode == for_people.returncode == 0
        for shown in (as_json.stdout, for_people.stdout):
            assert shown
            assert not unsafe_in(shown)
        answer = json.loads(as_json.stdout)
        assert (answer[0] if isinstance(answer, list) else answer)["accountid"] == name
    fake_service.error = {"Code": "ConflictError", "Message": f"Not{name}\nnow"}
    fake_service.statuses = [409]
    rejected = fake_coffee.piped("get", "a0", "v0")
    assert (rejected.returncode, rejected.stderr.count("\n")) == (5, 1)
    assert not unsafe_in(rejected.stderr)


@pytest.mark.parametrize(
    "key", [("a 0", "v'0"), ("-a", "--v"), ("$(id)", ":tea:"), ("two  b", "[/]")]
)
def test_the_next_command_can_be_pasted(
    fake_coffee: Coffee, fake_service: FakeService, key: tuple[str, str]
) -> None:
    done = fake_coffee.piped("order", "--price", "4", "--", *key, "Piccolo")
    command = done.stderr.partition("Next: ")[2]
    fake_service.order["status"] = "ready"
    watched = fake_coffee.piped(*shlex.split(command)[1:])
    assert (watched.returncode, watched.stdout.split()[-1]) == (0, "ready")
    assert tuple(fake_service.requests[-1].args.values()) == key


def test_an_error_of_the_command_line_is_printed_as_text(fake_coffee: Coffee) -> None:
    done = fake_coffee.piped("\u202e\x1b[31m[red]:tea:")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "[red]:tea:" in done.stderr
    assert not unsafe_in(done.stderr)


def many(count: int) -> list[dict[str, Any]]:
    return [placed(f"account {number}", coffeetype="Long name " * 6) for number in range(count)]


@pytest.mark.parametrize("words", [["list"], ["queue", "v0"]])
def test_a_list_in_a_pipe_has_one_line_for_each_order(
    fake_coffee: Coffee, fake_service: FakeService, words: list[str]
) -> None:
    fake_service.orders = many(3)
    fake_coffee.environment["COLUMNS"] = "80"
    lines = fake_coffee.piped(*words).stdout.splitlines()
    assert len(lines) == 1 + 3
    for number, line in enumerate(lines[1:]):
        assert line.startswith(f"account {number} ")
        assert line.rstrip().endswith("2026-03-01 08:30:00.123456")


@pytest.mark.parametrize("words", [["list"], ["queue", "v0"]])
def test_a_list_says_that_there_are_more(
    fake_coffee: Coffee, fake_service: FakeService, words: list[str]
) -> None:
    fake_service.orders = many(124)
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
def test_watch_survives_a_lost_connection(
    fake_coffee: Coffee, fake_service: FakeService, trouble: list[int]
) -> None:
    fake_service.statuses = [200, *trouble]
    fake_service.status_at_last = "ready"
    done = fake_coffee.piped("watch", "a0", "v0", "--every", "0.1")
    assert (done.returncode, [line.split()[-1] for line in done.stdout.splitlines()]) == (
        0,
        ["placed", "ready"],
    )
    lost, back = done.stderr.splitlines()
    assert lost.startswith("The connection is lost: ")
    assert back == "The connection is back."


def test_watch_survives_a_service_that_is_down(fake_coffee: Coffee) -> None:
    fake_coffee.piped(
        *["configure", "--api-url", "http://127.0.0.1:1"],
        *["--client-id", "c", "--region", "eu-west-1"],
    )
    status, seen = fake_coffee.typed("watch", "a0", "v0", answers=(("Still trying", "\x03"),))
    assert (status, "Traceback" in seen) == (130, False)


@pytest.mark.parametrize(("rejection", "exit_code"), [(404, 4), (400, 1), (403, 1)])
def test_watch_stops_when_the_service_rejects_it(
    fake_coffee: Coffee, fake_service: FakeService, rejection: int, exit_code: int
) -> None:
    fake_service.statuses = [200, rejection]
    done = fake_coffee.piped("watch", "a0", "v0", "--every", "0.1")
    assert (done.returncode, done.stderr) == (exit_code, "An error\n")


def test_a_busy_service_is_reported_within_seconds(
    fake_coffee: Coffee, fake_service: FakeService
) -> None:
    fake_service.statuses, fake_service.retry_after = [503] * 4, "3600"
    done = fake_coffee.piped("get", "a0", "v0")
    assert (done.returncode, done.stderr) == (
        6,
        "The service is busy: An error. Try again in 3600 s\n",
    )


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("words", [[], ["order"]])
def test_help(fake_coffee: Coffee, words: list[str], flag: str) -> None:
    done = fake_coffee.piped(*words, flag)
    assert (done.returncode, done.stdout.startswith("Usage: coffee")) == (0, True)


def test_version(fake_coffee: Coffee) -> None:
    done = fake_coffee.piped("--version")
    assert re.fullmatch(r"coffee, version \d+\.\d+\.\d+\n", done.stdout)


def test_login_offers_the_last_user_name(fake_coffee: Coffee, fake_service: FakeService) -> None:
    tokens = {"IdToken": "x.e30.x", "ExpiresIn": 3600, "RefreshToken": "y"}
    fake_service.cognito = (200, {"AuthenticationResult": tokens})
    login = ["login", "--password-stdin"]
    assert fake_coffee.piped("login", "Ann", "--password-stdin", stdin="x").returncode == 0
    assert fake_coffee.piped("logout").returncode == 0
    answers = ((r"User name \[Ann\]:", ""), ("Password:", "secret"))
    status, seen = fake_coffee.typed("login", answers=answers)
    assert (status, "Hello, Ann" in seen) == (0, True)
    assert fake_coffee.piped(*login, stdin="x").returncode == 2
    assert json.loads(fake_service.requests[-1].data)["AuthParameters"]["USERNAME"] == "Ann"


def test_a_code_may_be_pasted_with_blanks(fake_coffee: Coffee, fake_service: FakeService) -> None:
    assert fake_coffee.piped("confirm", "Ann", " 123 456 ").returncode == 0
    assert json.loads(fake_service.requests[-1].data)["ConfirmationCode"] == "123456"


@pytest.mark.parametrize("command", ["forgot", "reset"])
def test_an_unconfirmed_address_is_reported_for_a_forgotten_password(
    fake_coffee: Coffee, fake_service: FakeService, command: str
) -> None:
    said = (
        "Cannot reset password for the user as there is no registered/verified email or "
        "phone_number"
    )
    fake_service.cognito = (400, {"__type": "InvalidParameterException", "message": said})
    words = ["forgot", "Ann"] if command == "forgot" else ["reset", "Ann", "1", "--password-stdin"]
    done = fake_coffee.piped(*words, stdin="Pa$$word1")
    assert (done.returncode, done.stderr) == (
        1,
        "Ann has no confirmed address to mail a code to. "
        "If the account is new, run: coffee confirm Ann\n",
    )
