"""`coffee` as a process: streams that are closed or full, signals, and any environment."""

import json
import signal
import socket

import pytest

from tests.client.terminal import FakeCoffee


@pytest.mark.parametrize(
    ("line", "exit_code", "message"),
    [
        ("coffee list > /dev/full", 1, "The output: No space left on device\n"),
        ("coffee --help > /dev/full", 1, "The output: No space left on device\n"),
        ("coffee list | true", 1, ""),
        ("coffee --help | true", 1, ""),
        ("coffee get 2>&-", 2, ""),
        ("coffee login Ann <&-", 2, "Standard input is not a terminal"),
        ("echo | coffee login Ann --password-stdin", 2, "There is no password on standard input"),
        (r"printf '\xff\n' | coffee login Ann --password-stdin", 2, "PASSWORD is not valid text\n"),
        ("coffee list <&- >&- 2>&-", 0, ""),
        ("coffee publish v0 - <&-", 2, "/dev/null is not JSON"),
        ("coffee order 2>/dev/full", 1, ""),
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


def test_output_is_in_utf_8_whatever_the_environment_says(fake_coffee: FakeCoffee) -> None:
    name = "Café ☕ 日 😀"
    fake_coffee.service.order["details"]["coffeetype"] = name
    fake_coffee.environment |= {"PYTHONIOENCODING": "cp1252"}
    assert name in fake_coffee.shell("coffee get a0 v0").stdout
    document = fake_coffee.shell("coffee get a0 v0 --json").stdout
    assert json.loads(document)["details"]["coffeetype"] == name


def test_ctrl_c_stops_a_request_and_a_prompt(fake_coffee: FakeCoffee) -> None:
    prompt = fake_coffee.terminal("login", "Ann", answers=(("Password:", "\x03"),))
    with socket.create_server(("127.0.0.1", 0)) as server:  # accepts connections, never responds
        fake_coffee.configure(f"http://127.0.0.1:{server.getsockname()[1]}")
        request = fake_coffee.terminal("get", "a0", "v0", answers=(("Looking", "\x03"),))
        change = fake_coffee.terminal("open", "v0", answers=(("Sending", "\x03"),))
    for exit_code, output in (prompt, request, change):
        assert (exit_code, "Stopped" in output, "Traceback" in output) == (130, True, False)
    assert "It is not known whether this took effect." in change[1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_terminal_shows_what_is_typed_after_a_signal_at_the_prompt(
    fake_coffee: FakeCoffee, number: signal.Signals
) -> None:
    child = fake_coffee.start("login", "Ann")
    child.expect("Password:")
    child.waitnoecho()
    child.kill(number)
    child.wait()
    assert (child.exitstatus, child.getecho()) == (128 + number, True)
