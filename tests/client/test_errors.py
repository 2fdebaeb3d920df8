"""The message and the exit code of `coffee` for each error."""

import pytest

from coffee_client import AccountError, OrderError
from coffee_client.cli.errors import CommandError, account_errors, describe_error
from tests.client.terminal import FakeCoffee

_USERNAME_RULE = "The user name must have 1 to 128 characters, without blanks"
_EMAIL_AS_NAME = (
    "Username cannot be of email format, since user pool is configured for email alias."
)


def describe_account_error(code: str, message: str, username: str = "Ann") -> tuple[str, int]:
    """Return the message and the exit code for an error of Cognito."""
    with pytest.raises(CommandError) as error, account_errors(username):
        raise AccountError(f"{code}Exception", message)
    return describe_error(error.value)


@pytest.mark.parametrize(
    ("code", "message", "description"),
    [
        ("ExpiredCode", "x", "That code has expired. Get a new one: coffee resend Ann"),
        (
            "InvalidPassword",
            "Password did not conform with policy: Password not long enough",
            "That password is too weak. Password not long enough",
        ),
        ("LimitExceeded", "Attempt limit exceeded", "Attempt limit exceeded"),
        ("SomethingNew", "A message of Cognito", "A message of Cognito"),
    ],
)
def test_cognito_error_has_advice(code: str, message: str, description: str) -> None:
    assert describe_account_error(code, message) == (description, 1)


@pytest.mark.parametrize(
    ("message", "description"),
    [
        ("Password attempts exceeded", "Too many attempts. Wait a while, then try again"),
        ("Refresh Token has been revoked", "The login has expired. Run: coffee login Ann"),
        ("Incorrect username or password.", "Wrong user name or password"),
        ("User is disabled.", "User is disabled."),
    ],
)
def test_rejected_login_is_explained(message: str, description: str) -> None:
    assert describe_account_error("NotAuthorized", message) == (description, 3)


@pytest.mark.parametrize(
    ("message", "description"),
    [
        (
            "1 validation error detected: Value at 'username' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+",
            _USERNAME_RULE,
        ),
        (
            r"2 validation errors detected: Value at 'password' failed to satisfy constraint: x; "
            "Value at 'username' failed to satisfy constraint: x",
            "The password must have 1 to 256 characters, without blanks",
        ),
        (
            r"Value 'a b' at 'confirmationCode' failed to satisfy constraint: pattern: [\S]+",
            "The code must be the digits from the mail",
        ),
        ("User is already confirmed.", "Ann is confirmed already. Run: coffee login Ann"),
        (_EMAIL_AS_NAME, _EMAIL_AS_NAME),
    ],
)
def test_invalid_parameter_is_explained(message: str, description: str) -> None:
    assert describe_account_error("InvalidParameter", message) == (description, 1)


@pytest.mark.parametrize(
    ("username", "arguments"), [("a b", "'a b'"), ("-x", "-- -x"), ("$(id)", "'$(id)'")]
)
def test_suggested_command_is_quoted(username: str, arguments: str) -> None:
    message, _ = describe_account_error("UserNotConfirmed", "x", username)
    assert message.endswith(f"Run: coffee confirm {arguments}")


@pytest.mark.parametrize(
    ("error", "message", "exit_code"),
    [
        (OrderError(429, "busy"), "The service is busy: busy. Try again later", 6),
        (
            OrderError(502, "Bad gateway"),
            "The service has failed: 502: Bad gateway. Try again later",
            6,
        ),
        (
            AccountError("NotAuthorizedException", "Refresh Token has expired"),
            "The login has expired. Run: coffee login",
            3,
        ),
        (PermissionError(13, "Permission denied", "/etc/x"), "/etc/x: Permission denied", 1),
        (KeyError("x"), "Unexpected error: KeyError: 'x'. To see where, set COFFEE_DEBUG=1", 1),
    ],
)
def test_other_error_has_an_exit_code(error: Exception, message: str, exit_code: int) -> None:
    assert describe_error(error) == (message, exit_code)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["ordr"], "No such command 'ordr'. Did you mean 'order'? See: coffee --help"),
        (["get", "a0"], "Missing argument 'VENDORID'. See: coffee get --help"),
        *[
            (
                ["list", "--limit", limit],
                "Invalid value for '--limit': must be a whole number from 1 to 1,000,000. "
                "See: coffee list --help",
            )
            for limit in ("abc", "0", "1.5", "\u00b2", "1000001", "9" * 5000)
        ],
        (
            ["watch", "a0", "v0", "--every", "nan"],
            "No such option '--every'. See: coffee watch --help",
        ),
        (
            ["signup", "Ann", "--email", "ann"],
            "--email must be an address such as ann@example.com. See: coffee signup --help",
        ),
        (["get", "a0", "\ud83d"], "VENDORID is not valid text"),
        (["order", "\ud83d", "v0", "Piccolo"], "ACCOUNTID is not valid text"),
        (["order", "a0", "v0", "Piccolo", "--price", "\ud83d"], "--price is not valid text"),
        (["confirm", "\ud83d", "1"], "Username is not valid text"),
    ],
)
def test_usage_error_is_a_sentence(
    fake_coffee: FakeCoffee, command: list[str], message: str
) -> None:
    assert fake_coffee.error(*command) == (2, message)
    assert fake_coffee.service.requests == []


def test_optional_status_is_no_list_of_choices_in_the_usage(fake_coffee: FakeCoffee) -> None:
    usage = fake_coffee.succeed("advance", "--help").stdout.splitlines()[0]
    assert usage.endswith("advance [OPTIONS] ACCOUNTID VENDORID [STATUS]")


def test_field_in_an_error_of_the_service_is_named_as_on_the_command_line(
    fake_coffee: FakeCoffee,
) -> None:
    for field, name in (
        ("order.details.coffeetype", "COFFEE"),
        ("order.details.unitprice", "--price"),
        ("order.vendorid", "VENDORID"),
        ("shop.menu[0].coffeetype", "menu[0].coffeetype"),
    ):
        fake_coffee.service.statuses = [409]
        fake_coffee.service.error = {"Code": "NotOnMenuError", "Message": f"{field}: must be x"}
        assert fake_coffee.error("order", "a0", "v0", "Tea") == (5, f"{name} must be x")


def test_unexpected_error_is_one_line(
    fake_coffee: FakeCoffee, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RecursionError("x")

    monkeypatch.setattr("coffee_client.cli.config.read_json", fail)
    exit_code, message = fake_coffee.error("list")
    assert (exit_code, message.startswith("Unexpected error: RecursionError: x")) == (1, True)
    fake_coffee.environment["COFFEE_DEBUG"] = "1"
    with pytest.raises(RecursionError):
        fake_coffee.run("list")


@pytest.mark.parametrize("statuses", [[503] * 4, [0]])
def test_unknown_outcome_is_said(fake_coffee: FakeCoffee, statuses: list[int]) -> None:
    unknown = "It is not known whether this took effect."
    for command, advice in (
        ("order a0 v0 Piccolo", "Running the same command again is safe"),
        ("advance a0 v0", "Look it up first: coffee get a0 v0"),
    ):
        # `advance` first looks the order up, which is repeated until it succeeds.
        fake_coffee.service.statuses = [200, *statuses] if "advance" in command else [*statuses]
        exit_code, message = fake_coffee.error(*command.split())
        assert (exit_code, message.endswith(f"{unknown} {advice}")) == (6, True)


@pytest.mark.parametrize("status", [400, 429])
def test_outcome_of_a_rejected_order_is_known(fake_coffee: FakeCoffee, status: int) -> None:
    fake_coffee.service.statuses = [status] * 4
    assert "not known" not in fake_coffee.error("order", "a0", "v0", "Piccolo")[1]


def test_busy_service_is_reported_within_seconds(
    fake_coffee: FakeCoffee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda _: None)
    fake_coffee.service.statuses, fake_coffee.service.retry_after = [503] * 4, "3600"
    message = "The service is busy: An error. Try again in 3600 s"
    assert fake_coffee.error("get", "a0", "v0") == (6, message)
