"""The `coffee` command against the running service: what customers and staff do with it."""

import json
import re
import stat
from pathlib import Path

from coffee_client.cli.coffee import coffee as coffee_command
from local.service import Service
from tests.e2e.conftest import NewCoffee
from tests.e2e.people import code_mailed_to
from tests.e2e.terminal import Coffee, without_colours
from tests.samples import PASSWORD, record_deployed_stage

_ESCAPE = re.compile(r"\x1b\[")
_JWT = re.compile(r"eyJ[\w-]{10,}")


def test_customer_at_a_terminal(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    email = f"{username}@example.com"
    code, output = coffee.terminal("signup", username, "--email", email, answers=_twice(PASSWORD))
    assert code == 0, output
    assert f"Next: coffee confirm {username}" in output
    mailed = code_mailed_to(service.cloud, email)
    code, output = coffee.terminal("confirm", username, answers=(("Code:", mailed),))
    assert (code, f"Next: coffee login {username}" in output) == (0, True)
    code, output = coffee.terminal("login", username, answers=(("Password:", PASSWORD),))
    assert (code, f"Hello, {username}" in output) == (0, True)
    assert PASSWORD not in output
    code, output = coffee.terminal("whoami")
    assert code == 0
    assert email in output
    words = ["order", accountid, "v0", "Flat White", "--size", "Large", "--price", "4.80"]
    code, output = coffee.terminal(*words)
    assert code == 0
    assert "Flat White" in output
    assert f"Next: coffee watch {accountid} v0" in output
    assert _ESCAPE.search(output)  # colours, as this is a terminal
    code, output = coffee.terminal("list")
    assert "1 x Large Flat White" in output
    code, output = coffee.terminal("cancel", accountid, "v0")
    assert f"Order of {accountid} at v0: cancelled" in without_colours(output)
    code, output = coffee.terminal("logout")
    assert (code, "Logged out." in output) == (0, True)
    code, output = coffee.terminal("list")
    assert (code, "Nobody is logged in. Run: coffee login" in output) == (3, True)


def _twice(password: str) -> tuple[tuple[str, str], ...]:
    """Answer the prompts for a new password."""
    return (("Password:", password), ("Repeat for confirmation:", password))


def test_output_in_a_pipe(coffee: Coffee, service: Service, username: str, accountid: str) -> None:
    coffee.sign_in(service, username)
    order = coffee.json("order", accountid, "v0", "[red]Hot[/red] <script>", "--price", "4.80")
    assert order["details"]["unitprice"] == "4.80"
    assert coffee.json("get", accountid, "v0") == order
    assert coffee.json("list") == [order]
    assert coffee.json("whoami")["username"] == username
    for words in (["list"], ["get", accountid, "v0"], ["--help"], ["whoami"]):
        piped = coffee.succeed(*words)
        assert not _ESCAPE.search(piped.stdout + piped.stderr)
        if words[0] in {"list", "get"}:
            assert "[red]Hot[/red] <script>" in piped.stdout


def test_staff_process_the_queue(
    new_coffee: NewCoffee, service: Service, username: str, accountid: str
) -> None:
    customer, staff, vendorid = new_coffee(), new_coffee(), f"shop {accountid}"
    customer.sign_in(service, username)
    staff.sign_in_staff(service, f"barista-{username}", vendorid)
    assert staff.json("whoami")["groups"]

    customer.succeed("order", accountid, vendorid, "Piccolo", "--price", "4")
    assert "1 x Regular Piccolo" in staff.succeed("queue", vendorid).stdout
    assert staff.json("advance", accountid, vendorid)["status"] == "preparing"
    assert customer.error("cancel", accountid, vendorid) == (5, "The order is preparing")
    staff.succeed("advance", accountid, vendorid, "ready")
    watched = customer.succeed("watch", accountid, vendorid, "--every", "0.1")
    assert watched.stdout.split()[-1] == "ready"
    staff.succeed("advance", accountid, vendorid)
    assert staff.error("advance", accountid, vendorid) == (5, "The order is collected")
    assert staff.piped("queue", vendorid).stderr == "No orders.\n"
    forbidden = (1, "Only staff of this vendor may do this")
    assert customer.error("queue", vendorid) == forbidden


def test_order_names_its_outcome(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    coffee.sign_in(service, username)
    first, second = "2026-03-01T08:30:00Z", "2026-03-01T08:31:00Z"
    for date, words in (
        (first, "Ordered: 1 x"),
        (first, "This was ordered already, and nothing has changed: 1 x"),
        (second, "Ordered in place of your earlier order: 1 x"),
    ):
        order = ["order", accountid, "v0", "Piccolo", "--price", "4", "--date", date]
        assert coffee.piped(*order).stdout.startswith(words)


def test_watch_of_a_cancelled_order_exits_with_1(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    coffee.sign_in(service, username)
    coffee.succeed("order", accountid, "v0", "Piccolo", "--price", "4")
    coffee.succeed("cancel", accountid, "v0")
    watched = coffee.piped("watch", accountid, "v0", "--every", "0.1")
    assert (watched.returncode, watched.stdout.split()[-1]) == (1, "cancelled")


def test_login_is_private_and_revoked_by_logout(
    coffee: Coffee, service: Service, username: str
) -> None:
    coffee.sign_in(service, username)
    assert stat.S_IMODE(coffee.login_file.stat().st_mode) == 0o600
    before = coffee.login_file.read_text()
    coffee.succeed("logout")
    assert not coffee.login_file.exists()
    # A copy of the file is worth nothing: the login itself is revoked.
    coffee.login_file.write_text(before)
    coffee.change_login(stale_at=0)
    code, line = coffee.error("list")
    assert (code, "expired" in line) == (3, True)


def test_refreshed_token_is_used_and_stored(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    coffee.sign_in(service, username)
    coffee.change_login(id_token="stale", stale_at=0)
    coffee.succeed("order", accountid, "v0", "Piccolo", "--price", "4")
    assert json.loads(coffee.login_file.read_text())["id_token"] != "stale"
    assert stat.S_IMODE(coffee.login_file.stat().st_mode) == 0o600


def test_mailed_code_resets_the_password(coffee: Coffee, service: Service, username: str) -> None:
    coffee.sign_in(service, username)
    forgot = coffee.succeed("forgot", username)
    assert f"Next: coffee reset {username}" in forgot.stderr
    code = code_mailed_to(service.cloud, f"{username}@example.com")
    answers = (("Code:", code), *_twice("N3w$word"))
    status, output = coffee.terminal("reset", username, answers=answers)
    assert (status, f"Next: coffee login {username}" in output) == (0, True)
    login = ["login", username, "--password-stdin"]
    assert coffee.error(*login, stdin=PASSWORD) == (3, "Wrong user name or password")
    coffee.succeed(*login, stdin="N3w$word")


def test_no_command_prints_a_token_or_a_password(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    coffee.sign_in(service, username)
    for words in (
        ["whoami"],
        ["whoami", "--json"],
        ["order", accountid, "v0", "Piccolo", "--price", "4"],
        ["list", "--json"],
        ["logout"],
    ):
        done = coffee.succeed(*words)
        assert not _JWT.search(done.stdout + done.stderr)
    assert "--password " not in coffee.succeed("login", "--help").stdout


def test_every_command_has_an_example(coffee: Coffee) -> None:
    listed = coffee.piped("--help").stdout
    commands = re.findall(r"^  ([a-z]+)  ", listed.partition("Commands:")[2], re.MULTILINE)
    assert commands == [
        *["configure", "signup", "confirm", "resend", "login"],
        *["forgot", "reset", "logout", "whoami"],
        *["order", "get", "list", "cancel", "queue", "advance", "watch"],
        *["menu", "publish", "open", "close", "soldout"],
    ]
    for command in commands:
        example = coffee_command.commands[command].epilog
        assert example is not None
        assert f"Example:\n  coffee {command}" in example
    assert "Example:\n    coffee whoami" in coffee.piped("whoami", "--help").stdout


def test_shell_completes_commands(coffee: Coffee) -> None:
    coffee.environment["_COFFEE_COMPLETE"] = "bash_source"
    assert "_coffee_completion" in coffee.piped().stdout
    completion = {"_COFFEE_COMPLETE": "bash_complete", "COMP_WORDS": "coffee wh", "COMP_CWORD": "1"}
    coffee.environment |= completion
    assert coffee.piped().stdout == "plain,whoami\n"


def test_configure_reads_a_deployed_stage(tmp_path: Path) -> None:
    record_deployed_stage(tmp_path)
    assert Coffee(tmp_path, tmp_path).json("configure", "--stage", "dev") == {
        "api_url": "https://x.example/dev",
        "client_id": "the-client",
        "region": "eu-west-1",
        "aws_endpoint_url": None,
    }
