"""`coffee` with streams that are closed, full or not in Unicode, and stopped by Ctrl-C."""

import json
import signal
import socket

import pytest

from coffee_client import cli
from tests.e2e.terminal import FakeCoffee

_CANNOT_WRITE = "The output can't be written: "
_FULL = f"{_CANNOT_WRITE}No space left on device\n"
_CLOSED = f"{_CANNOT_WRITE}Bad file descriptor\n"
_NO_TERMINAL = "Standard input is not a terminal"
_NO_PASSWORD = "There is no password on standard input"


@pytest.mark.parametrize(
    ("line", "exit_code", "message"),
    [
        ("coffee list > /dev/full", 1, _FULL),
        ("coffee list --json > /dev/full", 1, _FULL),
        ("coffee --help > /dev/full", 1, _FULL),
        ("coffee --version > /dev/full", 1, _FULL),
        ("coffee list >&-", 1, _CLOSED),
        ("coffee list --json >&-", 1, _CLOSED),
        ("coffee list | true", 0, ""),
        ("coffee list --json | true", 0, ""),
        ("coffee --help | true", 0, ""),
        ("coffee list 2> /dev/full > /dev/null", 0, ""),
        ("coffee list 2>&- > /dev/null", 0, ""),
        ("coffee get 2> /dev/full", 2, ""),
        ("coffee get 2>&-", 2, ""),
        ("coffee list <&- > /dev/null", 0, ""),
        ("coffee login Ann <&-", 2, _NO_TERMINAL),
        ("coffee login Ann < /dev/null", 2, _NO_TERMINAL),
        ("coffee login < /dev/null", 2, _NO_TERMINAL),
        ("coffee confirm Ann < /dev/null", 2, _NO_TERMINAL),
        ("coffee login Ann --password-stdin <&-", 2, _NO_PASSWORD),
        ("echo | coffee login Ann --password-stdin", 2, _NO_PASSWORD),
        (r"printf '\xff\n' | coffee login Ann --password-stdin", 2, "The password on standard"),
        ("coffee list <&- >&- 2>&-", 1, ""),
        (r"coffee get $'a\xff' v0", 2, "The command line is not valid text\n"),
    ],
)
def test_broken_stream_has_an_exit_code(
    fake_coffee: FakeCoffee, line: str, exit_code: int, message: str
) -> None:
    result = fake_coffee.shell(line)
    assert (result.returncode, result.stdout) == (exit_code, "")
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == (1 if message else 0)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_stream_without_unicode_is_supported(fake_coffee: FakeCoffee, encoding: str) -> None:
    name = "Café ☕ 日 😀"
    fake_coffee.service.order["details"]["coffeetype"] = name
    fake_coffee.environment |= {"PYTHONIOENCODING": encoding}
    for command in ("coffee list", "coffee get a0 v0"):
        result = fake_coffee.shell(f"{command} | iconv -f {encoding} -t utf-8")
        assert (result.returncode, result.stderr) == (0, "")
        assert "Caf" in result.stdout
        output = json.loads(fake_coffee.shell(f"{command} --json").stdout)
        assert name in json.dumps(output, ensure_ascii=False)


def test_ctrl_c_stops_a_request(fake_coffee: FakeCoffee) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:  # accepts connections, never responds
        fake_coffee.configure(f"http://127.0.0.1:{server.getsockname()[1]}")
        exit_code, output = fake_coffee.terminal("get", "a0", "v0", answers=(("Looking", "\x03"),))
    assert (exit_code, "Traceback" in output) == (130, False)
    assert "Stopped." in output


def test_ctrl_c_stops_a_prompt(fake_coffee: FakeCoffee) -> None:
    exit_code, output = fake_coffee.terminal("login", "Ann", answers=(("Password:", "\x03"),))
    assert (exit_code, "Traceback" in output) == (130, False)


def test_ctrl_c_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("coffee_client.cli.coffee.run", lambda: signal.raise_signal(signal.SIGINT))
    # A background job of a shell inherits a handler that ignores SIGINT.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(SystemExit) as exit_:
            cli.main()
    finally:
        signal.signal(signal.SIGINT, handler)
    assert (exit_.value.code, capsys.readouterr().err) == (130, "Stopped.\n")
