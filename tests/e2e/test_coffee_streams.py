"""`coffee` with streams that are closed, full or not in Unicode, and stopped by Ctrl-C."""

import json
import signal
import socket

import pytest

from coffee_client import cli
from tests.e2e.fake_service import FakeCoffee


@pytest.mark.parametrize(
    ("line", "exit_code", "message"),
    [
        ("coffee list > /dev/full", 1, "The answer can't be written: No space left on device\n"),
        ("coffee list --json > /dev/full", 1, "The answer can't be written: No space left"),
        ("coffee --help > /dev/full", 1, "The answer can't be written: No space left"),
        ("coffee --version > /dev/full", 1, "The answer can't be written: No space left"),
        ("coffee list >&-", 1, "The answer can't be written: Bad file descriptor\n"),
        ("coffee list --json >&-", 1, "The answer can't be written: Bad file descriptor\n"),
        ("coffee list | true", 0, ""),
        ("coffee list --json | true", 0, ""),
        ("coffee --help | true", 0, ""),
        ("coffee list 2> /dev/full > /dev/null", 0, ""),
        ("coffee list 2>&- > /dev/null", 0, ""),
        ("coffee get 2> /dev/full", 2, ""),
        ("coffee get 2>&-", 2, ""),
        ("coffee list <&- > /dev/null", 0, ""),
        ("coffee login Ann <&-", 2, "Standard input is not a terminal"),
        ("coffee login Ann < /dev/null", 2, "Standard input is not a terminal"),
        ("coffee login < /dev/null", 2, "Standard input is not a terminal"),
        ("coffee confirm Ann < /dev/null", 2, "Standard input is not a terminal"),
        ("coffee login Ann --password-stdin <&-", 2, "There is no password on standard input"),
        ("echo | coffee login Ann --password-stdin", 2, "There is no password on standard input"),
        (r"printf '\xff\n' | coffee login Ann --password-stdin", 2, "The password on standard"),
        ("coffee list <&- >&- 2>&-", 1, ""),
    ],
)
def test_standard_streams(fake_coffee: FakeCoffee, line: str, exit_code: int, message: str) -> None:
    done = fake_coffee.shell(line)
    assert (done.returncode, done.stdout) == (exit_code, "")
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == (1 if message else 0)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_stream_without_unicode(fake_coffee: FakeCoffee, encoding: str) -> None:
    name = "Café ☕ 日 😀"
    fake_coffee.service.order["details"]["coffeetype"] = name
    fake_coffee.environment |= {"PYTHONIOENCODING": encoding}
    for words in (["list"], ["get", "a0", "v0"]):
        done = fake_coffee.shell(
            " ".join(["coffee", *words, "|", "iconv", "-f", encoding, "-t", "utf-8"])
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "Caf" in done.stdout
        as_json = fake_coffee.shell(" ".join(["coffee", *words, "--json"]))
        assert name in json.dumps(json.loads(as_json.stdout), ensure_ascii=False)


def test_ctrl_c_during_a_request(fake_coffee: FakeCoffee) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        port = silent.getsockname()[1]
        fake_coffee.configure(f"http://127.0.0.1:{port}")
        status, output = fake_coffee.terminal("get", "a0", "v0", answers=(("Looking", "\x03"),))
    assert (status, "Traceback" in output) == (130, False)
    assert "Stopped." in output


def test_ctrl_c_while_the_libraries_load(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("coffee_client.cli.coffee.run", lambda: signal.raise_signal(signal.SIGINT))
    # A job in the background of a shell inherits that SIGINT is ignored.
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(SystemExit) as end:
            cli.main()
    finally:
        signal.signal(signal.SIGINT, inherited)
    assert (end.value.code, capsys.readouterr().err) == (130, "Stopped.\n")
