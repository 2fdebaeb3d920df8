"""The message and the exit code of `coffee` for each error."""

import pytest

from coffee_client import AccountError, OrderError, UnreachableError
from coffee_client.cli.errors import CommandError, account_errors, describe_error
from coffee_client.cli.orders import STATUSES
from tests.client.terminal import FakeCoffee

_NO_STATUS = f"is not one of {str(STATUSES)[1:-1]}. See: coffee advance --help"
_NO_NUMBER = "must be a whole number from 1 to 999,999. See: coffee list --help"


@pytest.mark.parametrize(
    ("code", "message", "description"),
    [
        ("UsernameExists", "x", "The name Ann is taken. Choose another one, or run: coffee login"),
        ("UserNotConfirmed", "x", "Ann is not confirmed yet. Run: coffee confirm Ann"),
        ("InvalidPassword", "It is too short", "That password is too weak. It is too short"),
        ("NotAuthorized", "The status is CONFIRMED", "Ann is confirmed already. Run: coffee login"),
        ("ExpiredCode", "x", "That code has expired. Get a new one: coffee resend Ann"),
        ("LimitExceeded", "Attempt limit exceeded", "Attempt limit exceeded"),
        ("NotAuthorized", "Password attempts exceeded", "Too many attempts."),
        ("NotAuthorized", "User is disabled.", "User is disabled."),
        ("InvalidParameter", "Value at 'username' failed to satisfy", "The user name must"),
        ("InvalidParameter", "Value at 'password' failed to satisfy: [\\S]+", "The password must"),
        ("InvalidParameter", "Value at 'confirmationCode' failed to", "The code must be"),
    ],
)
def test_error_of_cognito_has_advice(code: str, message: str, description: str) -> None:
    with pytest.raises(CommandError) as error, account_errors("Ann"):
        raise AccountError(f"{code}Exception", message)
    assert str(error.value).startswith(description)
    assert error.value.exit_code == (3 if code == "NotAuthorized" else 1)


_CHECK_NETWORK = "Check the network and `coffee configure`"
_EXPIRED = AccountError("NotAuthorizedException", "Refresh Token has expired")


@pytest.mark.parametrize(
    ("error", "message", "exit_code"),
    [
        (OrderError(429, "busy"), "The service is busy: busy. Try again later", 6),
        (OrderError(502, "Bad"), "The service has failed: 502: Bad. Try again later", 6),
        (OrderError(404, "There is no order"), "There is no order", 4),
        (UnreachableError("x can't be reached"), f"x can't be reached. {_CHECK_NETWORK}", 6),
        (OrderError(401, "x"), "The service does not accept this login. Run: coffee login", 3),
        (_EXPIRED, "The login has expired. Run: coffee login", 3),
        (KeyError("x"), "Unexpected error: KeyError('x'). To see where, set COFFEE_DEBUG=1", 1),
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
            (["list", "--limit", limit], f"Invalid value for '--limit': {_NO_NUMBER}")
            for limit in ("abc", "0", "1.5", "\u00b2", "1000000", "9" * 5000)
        ],
        (
            ["signup", "Ann", "--email", "ann"],
            "--email must be an address such as ann@example.com. See: coffee signup --help",
        ),
        (["advance", "a0", "v0", "x"], f"Invalid value for 'STATUS': 'x' {_NO_STATUS}"),
        (["resend", "\ud83d"], "USERNAME is not valid text"),
        (["confirm", "Ann", "\ud83d"], "CODE is not valid text"),
        (["soldout", "v0", "\ud83d"], "COFFEE is not valid text"),
        (["order", "a0", "v0", "Piccolo", "--price", "\ud83d"], "--price is not valid text"),
    ],
)
def test_usage_error_is_a_sentence(
    fake_coffee: FakeCoffee, command: list[str], message: str
) -> None:
    fake_coffee.service.statuses = [404]  # `order` looks the order up first
    assert fake_coffee.error(*command) == (2, message)
    assert not any(request.method == "POST" for request in fake_coffee.service.requests)


def test_field_in_an_error_of_the_service_is_named_as_on_the_command_line(
    fake_coffee: FakeCoffee,
) -> None:
    for message, description in (
        ("order.details.coffeetype: the menu has Tea", "COFFEE: the menu has Tea"),
        ("order.vendorid: must be x", "VENDORID must be x"),
        ("shop.menu[0].coffeetype: is x", "menu[0].coffeetype is x"),
    ):
        fake_coffee.service.statuses = [409]
        fake_coffee.service.error = {"Code": "NotOnMenuError", "Message": message}
        assert fake_coffee.error("order", "a0", "v0", "Tea") == (5, description)


def test_stack_trace_is_shown_only_for_debugging(
    fake_coffee: FakeCoffee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coffee_client.cli.config.read_json", lambda *_: 1 / 0)
    assert fake_coffee.error("list")[1].startswith("Unexpected error: ZeroDivisionError")
    fake_coffee.environment["COFFEE_DEBUG"] = "1"
    with pytest.raises(ZeroDivisionError):
        fake_coffee.run("list")


@pytest.mark.parametrize("command", ["cancel a0 v0", "advance a0 v0", "order a0 v0 Tea"])
def test_change_is_of_the_version_that_was_seen(fake_coffee: FakeCoffee, command: str) -> None:
    message = "If-Match: the order is now 1 x Large Espresso, placed"
    fake_coffee.service.statuses = [200, 412]
    fake_coffee.service.error = {"Code": "PreconditionFailedError", "Message": message}
    assert fake_coffee.error(*command.split()) == (5, message)
    tag = f'"{fake_coffee.service.order["version"]}"'
    assert fake_coffee.service.requests[-1].headers["If-Match"] == tag


def test_order_replaces_none_that_was_not_seen(fake_coffee: FakeCoffee) -> None:
    for look_up, status in ((404, "placed"), (200, "cancelled")):
        fake_coffee.service.statuses = [look_up]
        fake_coffee.service.order["status"] = status
        fake_coffee.run("order", "a0", "v0", "Tea")
        assert fake_coffee.service.requests[-1].headers["If-None-Match"] == "*"


def test_only_an_unknown_outcome_is_said(fake_coffee: FakeCoffee) -> None:
    for command, advice in (
        ("order a0 v0 Piccolo", "Running the same command again is safe"),
        ("advance a0 v0", "Look it up first: coffee get a0 v0"),
    ):
        for statuses in ([503] * 4, [0]):
            fake_coffee.service.statuses = [200, *statuses]
            exit_code, message = fake_coffee.error(*command.split())
            unknown = f"It is not known whether this took effect. {advice}"
            assert (exit_code, message.endswith(unknown)) == (6, True)
        for rejection in (400, 429):
            fake_coffee.service.statuses = [200, *[rejection] * 4]
            assert "not known" not in fake_coffee.error(*command.split())[1]
