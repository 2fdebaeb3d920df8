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
    wrong_code = "That code is wrong. Check the mail, or get a new one:"
    exit_code, message = coffee.error(*signup, stdin="weak\n")
    assert exit_code == 1
    assert message.startswith("That password is too weak. Password must have")
    coffee.succeed(*signup, stdin=PASSWORD)
    assert coffee.error(*signup, stdin=PASSWORD) == (
        1,
        f"The name {username} is taken. Choose another one, or run: coffee login {username}",
    )
    assert coffee.error(*login, stdin=PASSWORD) == (
        1,
        f"{username} is not confirmed yet. Run: coffee confirm {username}",
    )
    message = f"{wrong_code} coffee resend {username}"
    assert coffee.error("confirm", username, "000000") == (1, message)
    assert f"Next: coffee confirm {username}" in coffee.succeed("resend", username).stderr
    assert len(service.cloud.mails_to(email)) == 2
    code = code_mailed_to(service.cloud, email)
    coffee.succeed("confirm", username, code)
    message = f"{username} is confirmed already. Run: coffee login {username}"
    assert coffee.error("confirm", username, code) == (3, message)
    coffee.succeed("forgot", username)
    message = f"{wrong_code} coffee forgot {username}"
    reset = ["reset", username, "000000", "--password-stdin"]
    assert coffee.error(*reset, stdin=PASSWORD) == (1, message)
    # The error does not reveal whether a user exists.
    wrong_login = (3, "Wrong user name or password")
    assert coffee.error(*login, stdin="Wr0ng$$$$") == wrong_login
    login[1] = f"no-{username}"
    assert coffee.error(*login, stdin=PASSWORD) == wrong_login


def test_unreachable_service_is_one_line(coffee: Coffee) -> None:
    coffee.configure("http://127.0.0.1:1", "http://127.0.0.1:1")
    assert coffee.error("get", "a0", "v0") == (
        6,
        "http://127.0.0.1:1/order can't be reached. Check the network and `coffee configure`",
    )
    exit_code, message = coffee.error("login", "Paul", "--password-stdin", stdin=PASSWORD)
    assert (exit_code, "Cognito can't be reached" in message) == (6, True)


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
    message = "v0 has no menu. Add the price of one with --price"
    assert coffee.error(*order) == (2, message)
    assert coffee.error("list", "--status", "brewed")[0] == 2
    coffee.change_login(id_token="junk")
    message = "The service does not accept this login. Run: coffee login"
    assert coffee.error("list") == (3, message)


def test_missing_settings_have_advice(tmp_path: Path) -> None:
    coffee = Coffee(tmp_path, tmp_path)
    assert coffee.error("list") == (3, "No service is configured. Run: coffee configure")
    exit_code, message = coffee.error("configure")
    assert (exit_code, message.endswith("start the service with `make run`")) == (3, True)
    exit_code, message = coffee.error("configure", "--stage", "dev")
    assert (exit_code, "`make deploy STAGE=dev`" in message) == (3, True)
