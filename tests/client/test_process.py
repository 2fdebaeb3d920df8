"""`coffee` as a process: streams that are closed or full, signals, and any environment."""

import json
import signal
import socket

import pexpect
import pytest

from tests.client.terminal import FakeCoffee

_CANNOT_WRITE = "The output: No space left on device\n"
_NO_TERMINAL = "Standard input is not a terminal"
_NO_PASSWORD = "There is no password on standard input"


@pytest.mark.parametrize(
    ("line", "exit_code", "message"),
    [
        ("coffee list > /dev/full", 1, _CANNOT_WRITE),
        ("coffee --help > /dev/full", 1, _CANNOT_WRITE),
        ("coffee list >&-", 0, ""),
        ("coffee list | true", 1, ""),
        ("coffee list --json | true", 1, ""),
        ("coffee --help | true", 1, ""),
        ("coffee list 2>&- > /dev/null", 0, ""),
        ("coffee get 2>&-", 2, ""),
        ("coffee login Ann <&-", 2, _NO_TERMINAL),
        ("coffee confirm Ann < /dev/null", 2, _NO_TERMINAL),
        ("coffee login Ann --password-stdin <&-", 2, _NO_PASSWORD),
        ("echo | coffee login Ann --password-stdin", 2, _NO_PASSWORD),
        (r"printf '\xff\n' | coffee login Ann --password-stdin", 2, "PASSWORD is not valid text\n"),
        ("coffee list <&- >&- 2>&-", 0, ""),
        (r"coffee get $'a\xff' v0", 2, "ACCOUNTID is not valid text\n"),
    ],
)
def test_broken_stream_has_an_exit_code(
    fake_coffee: FakeCoffee, line: str, exit_code: int, message: str
) -> None:
    result = fake_coffee.shell(line)
    assert (result.returncode, result.stdout) == (exit_code, "")
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == (1 if message else 0)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_output_is_in_utf_8_whatever_the_environment_says(
    fake_coffee: FakeCoffee, encoding: str
) -> None:
    name = "Café ☕ 日 😀"
    fake_coffee.service.order["details"]["coffeetype"] = name
    fake_coffee.environment |= {"PYTHONIOENCODING": encoding}
    assert name in fake_coffee.shell("coffee get a0 v0").stdout
    document = fake_coffee.shell("coffee get a0 v0 --json").stdout
    assert json.loads(document)["details"]["coffeetype"] == name


@pytest.mark.parametrize("columns", ["0", "1", "²", "99999999"])
def test_every_width_shows_the_result(fake_coffee: FakeCoffee, columns: str) -> None:
    fake_coffee.environment |= {"COLUMNS": columns, "LINES": columns}
    for command in ("get a0 v0", "list"):
        exit_code, output = fake_coffee.terminal(*command.split())
        assert (exit_code, "4.5" in output) == (0, True)


def test_ctrl_c_stops_a_request(fake_coffee: FakeCoffee) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:  # accepts connections, never responds
        fake_coffee.configure(f"http://127.0.0.1:{server.getsockname()[1]}")
        exit_code, output = fake_coffee.terminal("get", "a0", "v0", answers=(("Looking", "\x03"),))
    assert (exit_code, "Traceback" in output) == (130, False)
    assert "Stopped." in output


def test_ctrl_c_stops_a_prompt(fake_coffee: FakeCoffee) -> None:
    exit_code, output = fake_coffee.terminal("login", "Ann", answers=(("Password:", "\x03"),))
    assert (exit_code, "Traceback" in output) == (130, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT, signal.SIGTSTP])
def test_cursor_is_never_hidden(fake_coffee: FakeCoffee, number: signal.Signals) -> None:
    child = fake_coffee.start("watch", "a0", "v0")
    child.expect("Waiting ...")
    assert "\x1b[?25l" not in str(child.before)
    child.kill(number)
    if number == signal.SIGTSTP:
        child.kill(signal.SIGCONT)
        child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == (130 if number == signal.SIGTSTP else 128 + number)
    assert "Traceback" not in str(child.before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_terminal_shows_what_is_typed_after_a_signal_at_the_prompt(
    fake_coffee: FakeCoffee, number: signal.Signals
) -> None:
    child = fake_coffee.start("login", "Ann")
    child.expect("Password:")
    child.waitnoecho()
    child.kill(number)
    child.wait()
    assert child.getecho()


@pytest.mark.parametrize(
    ("command", "prompt"), [("confirm Ann", "Code:"), ("login Ann", "Password:")]
)
def test_byte_that_is_no_text_at_a_prompt_is_an_error(
    fake_coffee: FakeCoffee, command: str, prompt: str
) -> None:
    fake_coffee.environment["PYTHONIOENCODING"] = "utf-8:strict"  # as in most locales
    answers = ((prompt, "a\udcff"),)
    exit_code, output = fake_coffee.terminal(*command.split(), answers=answers)
    assert (exit_code, "The input is not valid text" in output) == (2, True)
