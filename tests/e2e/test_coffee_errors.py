"""The errors of `coffee` against the running service: one line with advice, and an exit code."""

import json
from pathlib import Path

from local.service import Service
from tests.e2e.people import code_mailed_to
from tests.e2e.terminal import Coffee, sign_in
from tests.samples import PASSWORD


def error_of(coffee: Coffee, *words: str, stdin: str = "") -> tuple[int, str]:
    done = coffee.piped(*words, stdin=stdin)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.strip()


def test_an_error_of_cognito_is_one_line_with_advice(
    coffee: Coffee, service: Service, username: str
) -> None:
    email = f"{username}@example.com"
    signup = ["signup", username, "--email", email, "--password-stdin"]
    login = ["login", username, "--password-stdin"]
    weak = error_of(coffee, *signup, stdin="weak\n")
    assert weak[0] == 1
    assert weak[1].startswith("That password is too weak. Password must have")
    assert coffee.piped(*signup, stdin=PASSWORD).returncode == 0
    assert error_of(coffee, *signup, stdin=PASSWORD) == (
        1,
        f"The name {username} is taken. Choose another one, or run: coffee login {username}",
    )
    assert error_of(coffee, *login, stdin=PASSWORD) == (
        1,
        f"{username} is not confirmed yet. Run: coffee confirm {username}",
    )
    assert error_of(coffee, "confirm", username, "000000") == (
        1,
        f"That code is wrong. Check the mail, or get a new one: coffee resend {username}",
    )
    resent = coffee.piped("resend", username)
    assert f"Next: coffee confirm {username}" in resent.stderr
    assert len(service.cloud.mails_to(email)) == 2
    code = code_mailed_to(service.cloud, email)
    assert coffee.piped("confirm", username, code).returncode == 0
    again = error_of(coffee, "confirm", username, code)
    assert again == (3, f"{username} is confirmed already. Run: coffee login {username}")
    assert coffee.piped("forgot", username).returncode == 0
    assert error_of(coffee, "reset", username, "000000", "--password-stdin", stdin=PASSWORD) == (
        1,
        f"That code is wrong. Check the mail, or get a new one: coffee forgot {username}",
    )
    assert error_of(coffee, *login, stdin="Wr0ng$$$$") == (3, "Wrong user name or password")


def test_an_unreachable_service_is_one_line(coffee: Coffee) -> None:
    there = ["--api-url", "http://127.0.0.1:1", "--client-id", "c", "--region", "eu-west-1"]
    coffee.piped("configure", *there, "--aws-endpoint-url", "http://127.0.0.1:1")
    for words in (["get", "a0", "v0"], ["login", "Paul", "--password-stdin"]):
        code, line = error_of(coffee, *words, stdin=PASSWORD)
        assert code == 6
        assert line.endswith("can't be reached. Check the network and `coffee configure`") or (
            "Cognito can't be reached" in line
        )
        assert "\n" not in line


def test_an_error_of_the_service_is_one_line_and_an_exit_code(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    assert error_of(coffee, "list") == (3, "Nobody is logged in. Run: coffee login")
    assert error_of(coffee, "get", "nobody", "v0") == (4, "There is no order at this key")
    sign_in(coffee, service, username)
    order = ["order", accountid, "v0", "Piccolo"]
    assert error_of(coffee, *order, "--price", "free") == (
        1,
        "order.details.unitprice: "
        "must be a decimal number from 0 to 100000 with at most 4 decimals",
    )
    no_price = "v0 has no menu. Name the price of one with --price"
    assert error_of(coffee, *order) == (2, no_price)
    assert error_of(coffee, "list", "--status", "brewed")[0] == 2
    kept = coffee.home / "config/login.json"
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "id_token": "junk"}))
    assert error_of(coffee, "list") == (
        3,
        "The service does not accept this login. Run: coffee login",
    )
    kept.write_text("{")
    code, line = error_of(coffee, "list")
    assert (code, line.endswith("can't be read. Run: coffee login")) == (3, True)


def test_ctrl_c_at_a_prompt_is_no_traceback(coffee: Coffee) -> None:
    code, seen = coffee.typed("login", "Paul", answers=(("Password:", "\x03"),))
    assert code == 130
    assert "Traceback" not in seen


def test_without_settings_coffee_says_how_to_configure_it(tmp_path: Path) -> None:
    coffee = Coffee(tmp_path, tmp_path)
    assert error_of(coffee, "list") == (3, "No service is configured. Run: coffee configure")
    code, line = error_of(coffee, "configure")
    assert code == 3
    assert line.endswith("start the service with `make run`")
    code, line = error_of(coffee, "configure", "--stage", "dev")
    assert (code, "`make deploy STAGE=dev`" in line) == (3, True)
