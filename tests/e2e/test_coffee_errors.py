"""The errors of `coffee` against the running service: one line with advice, and an exit code."""

from pathlib import Path

from local.service import Service
from tests.e2e.people import code_mailed_to
from tests.e2e.terminal import Coffee
from tests.samples import PASSWORD


def test_error_of_cognito_has_advice(coffee: Coffee, service: Service, username: str) -> None:
    email = f"{username}@example.com"
    signup = ["signup", username, "--email", email, "--password-stdin"]
    login = ["login", username, "--password-stdin"]
    code, line = coffee.error(*signup, stdin="weak\n")
    assert code == 1
    assert line.startswith("That password is too weak. Password must have")
    coffee.succeed(*signup, stdin=PASSWORD)
    assert coffee.error(*signup, stdin=PASSWORD) == (
        1,
        f"The name {username} is taken. Choose another one, or run: coffee login {username}",
    )
    assert coffee.error(*login, stdin=PASSWORD) == (
        1,
        f"{username} is not confirmed yet. Run: coffee confirm {username}",
    )
    assert coffee.error("confirm", username, "000000") == (
        1,
        f"That code is wrong. Check the mail, or get a new one: coffee resend {username}",
    )
    assert f"Next: coffee confirm {username}" in coffee.succeed("resend", username).stderr
    assert len(service.cloud.mails_to(email)) == 2
    mailed = code_mailed_to(service.cloud, email)
    coffee.succeed("confirm", username, mailed)
    assert coffee.error("confirm", username, mailed) == (
        3,
        f"{username} is confirmed already. Run: coffee login {username}",
    )
    coffee.succeed("forgot", username)
    assert coffee.error("reset", username, "000000", "--password-stdin", stdin=PASSWORD) == (
        1,
        f"That code is wrong. Check the mail, or get a new one: coffee forgot {username}",
    )
    # The error does not reveal whether a user exists.
    assert coffee.error(*login, stdin="Wr0ng$$$$") == (3, "Wrong user name or password")
    nobody = ["login", f"no-{username}", "--password-stdin"]
    assert coffee.error(*nobody, stdin=PASSWORD) == (3, "Wrong user name or password")


def test_unreachable_service_is_one_line(coffee: Coffee) -> None:
    coffee.configure("http://127.0.0.1:1", "--aws-endpoint-url", "http://127.0.0.1:1")
    code, line = coffee.error("get", "a0", "v0")
    assert code == 6
    assert line.startswith("http://127.0.0.1:1/order can't be reached")
    assert line.endswith(". Check the network and `coffee configure`")
    code, line = coffee.error("login", "Paul", "--password-stdin", stdin=PASSWORD)
    assert (code, "Cognito can't be reached" in line) == (6, True)


def test_error_of_the_service_has_an_exit_code(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    assert coffee.error("list") == (3, "Nobody is logged in. Run: coffee login")
    assert coffee.error("get", "nobody", "v0") == (4, "There is no order at this key")
    coffee.sign_in(service, username)
    order = ["order", accountid, "v0", "Piccolo"]
    assert coffee.error(*order, "--price", "free") == (
        1,
        "order.details.unitprice: "
        "must be a decimal number from 0 to 100000 with at most 4 decimals",
    )
    no_price = "v0 has no menu. Name the price of one with --price"
    assert coffee.error(*order) == (2, no_price)
    assert coffee.error("list", "--status", "brewed")[0] == 2
    coffee.change_login(id_token="junk")
    assert coffee.error("list") == (
        3,
        "The service does not accept this login. Run: coffee login",
    )
    coffee.login_file.write_text("{")
    code, line = coffee.error("list")
    assert (code, line.endswith("can't be read. Run: coffee login")) == (3, True)


def test_ctrl_c_at_a_prompt_prints_no_traceback(coffee: Coffee) -> None:
    code, output = coffee.terminal("login", "Paul", answers=(("Password:", "\x03"),))
    assert code == 130
    assert "Traceback" not in output


def test_missing_settings_have_advice(tmp_path: Path) -> None:
    coffee = Coffee(tmp_path, tmp_path)
    assert coffee.error("list") == (3, "No service is configured. Run: coffee configure")
    code, line = coffee.error("configure")
    assert code == 3
    assert line.endswith("start the service with `make run`")
    code, line = coffee.error("configure", "--stage", "dev")
    assert (code, "`make deploy STAGE=dev`" in line) == (3, True)
