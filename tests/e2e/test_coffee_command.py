"""The `coffee` command against the running service: what customers and staff do with it."""

import json
import re
import stat
from pathlib import Path

from coffee_client.cli.coffee import coffee as coffee_group
from local.service import Service
from tests.e2e.conftest import NewCoffee
from tests.e2e.people import code_mailed_to
from tests.e2e.terminal import Coffee, without_colours
from tests.samples import PASSWORD, record_deployed_stage

_ESCAPE = re.compile(r"\x1b\[")
_JWT = re.compile(r"eyJ[\w-]{10,}")


def new_password_prompts(password: str) -> tuple[tuple[str, str], ...]:
    """Return the prompts for a new password, and the answers."""
    return (("Password:", password), ("Repeat for confirmation:", password))


def test_customer_at_a_terminal(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    def succeed(*arguments: str, answers: tuple[tuple[str, str], ...] = ()) -> str:
        exit_code, output = coffee.terminal(*arguments, answers=answers)
        assert exit_code == 0, output
        assert PASSWORD not in output
        return output

    email = f"{username}@example.com"
    output = succeed("signup", username, "--email", email, answers=new_password_prompts(PASSWORD))
    assert re.search(rf"A code was mailed to .+ Next: coffee confirm {username}", output)
    code = code_mailed_to(service.cloud, email)
    output = succeed("confirm", username, answers=(("Code:", code),))
    assert f"Next: coffee login {username}" in output
    assert f"Hello, {username}" in succeed("login", username, answers=(("Password:", PASSWORD),))
    assert email in succeed("whoami")
    order = ["order", accountid, "v0", "Flat White", "--size", "Large", "--price", "4.80"]
    output = succeed(*order)
    assert "Flat White" in output
    assert f"Next: coffee watch {accountid} v0" in output
    assert _ESCAPE.search(output)  # a terminal has colours
    assert "1 x Large Flat White" in succeed("list")
    cancelled = f"Order of {accountid} at v0: cancelled"
    assert cancelled in without_colours(succeed("cancel", accountid, "v0"))
    assert "Logged out." in succeed("logout")
    exit_code, output = coffee.terminal("list")
    assert (exit_code, "Nobody is logged in. Run: coffee login" in output) == (3, True)


def test_output_in_a_pipe(coffee: Coffee, service: Service, username: str, accountid: str) -> None:
    coffee.sign_in(service, username)
    order = coffee.json("order", accountid, "v0", "[red]Hot[/red] <script>", "--price", "4.80")
    assert order["details"]["unitprice"] == "4.80"
    assert order["orderdate"].endswith("+00:00")
    assert coffee.json("get", accountid, "v0") == order
    assert coffee.json("list") == [order]
    assert coffee.json("whoami")["username"] == username
    for command in ("list", f"get {accountid} v0", "whoami", "whoami --json", "logout"):
        result = coffee.succeed(*command.split())
        assert not _ESCAPE.search(result.stdout + result.stderr)
        assert not _JWT.search(result.stdout + result.stderr)
        if command.startswith(("list", "get")):
            assert "[red]Hot[/red] <script>" in result.stdout


def test_staff_process_the_queue(
    new_coffee: NewCoffee, service: Service, username: str, accountid: str
) -> None:
    customer, staff, vendorid = new_coffee(), new_coffee(), f"shop {accountid}"
    customer.sign_in(service, username)
    staff.sign_in_staff(service, f"barista-{username}", vendorid)
    assert staff.json("whoami")["groups"]

    for number in range(2):
        customer.succeed("order", f"{accountid}-{number}", vendorid, "Piccolo", "--price", "4")
    customer.succeed("cancel", f"{accountid}-1", vendorid)
    key = (f"{accountid}-0", vendorid)
    assert [order["accountid"] for order in staff.json("queue", vendorid)] == [key[0]]
    assert staff.json("advance", *key)["status"] == "preparing"
    assert customer.error("cancel", *key) == (5, "The order is preparing")
    staff.succeed("advance", *key, "ready")
    watch = customer.succeed("watch", *key, "--every", "0.1")
    assert watch.stdout.split()[-1] == "ready"
    assert len(staff.json("queue", vendorid, "--status", "ready")) == 1
    staff.succeed("advance", *key)
    assert staff.error("advance", *key) == (5, "The order is collected")
    assert staff.run("queue", vendorid).stderr == "No orders.\n"
    assert [order["status"] for order in customer.json("list")] == ["cancelled", "collected"]
    assert len(customer.json("list", "--status", "cancelled")) == 1
    forbidden = (1, "Only staff of this vendor may do this")
    assert customer.error("queue", vendorid) == forbidden


def test_order_is_placed_repeated_replaced_and_cancelled(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    coffee.sign_in(service, username)
    first, second = "2026-03-01T08:30:00Z", "2026-03-01T08:31:00Z"
    for date, message in (
        (first, "Ordered: 1 x"),
        (first, "Already ordered, nothing has changed: 1 x"),
        (second, "Ordered in place of your earlier order: 1 x"),
    ):
        order = ["order", accountid, "v0", "Piccolo", "--price", "4", "--date", date]
        assert coffee.run(*order).stdout.startswith(message)
    coffee.succeed("cancel", accountid, "v0")
    watch = coffee.run("watch", accountid, "v0", "--every", "0.1")
    assert (watch.returncode, watch.stdout.split()[-1]) == (1, "cancelled")


def test_login_is_private_refreshed_and_revoked_by_logout(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    coffee.sign_in(service, username)
    coffee.change_login(id_token="stale", stale_at=0)
    coffee.succeed("order", accountid, "v0", "Piccolo", "--price", "4")
    login = coffee.login_file.read_text()
    assert json.loads(login)["id_token"] != "stale"
    assert stat.S_IMODE(coffee.login_file.stat().st_mode) == 0o600
    coffee.succeed("logout")
    assert not coffee.login_file.exists()
    coffee.login_file.write_text(login)
    coffee.change_login(stale_at=0)
    exit_code, message = coffee.error("list")
    assert (exit_code, "expired" in message) == (3, True)


def test_mailed_code_resets_the_password(coffee: Coffee, service: Service, username: str) -> None:
    coffee.sign_in(service, username)
    forgot = coffee.succeed("forgot", username)
    assert f"Next: coffee reset {username}" in forgot.stderr
    code = code_mailed_to(service.cloud, f"{username}@example.com")
    answers = (("Code:", code), *new_password_prompts("N3w$word"))
    exit_code, output = coffee.terminal("reset", username, answers=answers)
    assert (exit_code, f"Next: coffee login {username}" in output) == (0, True)
    login = ["login", username, "--password-stdin"]
    assert coffee.error(*login, stdin=PASSWORD) == (3, "Wrong user name or password")
    coffee.succeed(*login, stdin="N3w$word")


def test_help_has_all_commands_and_examples(coffee: Coffee) -> None:
    for help_option in ("-h", "--help"):
        commands = coffee.succeed(help_option).stdout.partition("Commands:")[2]
        assert re.findall(r"^  ([a-z]+)  ", commands, re.MULTILINE) == list(coffee_group.commands)
        assert coffee.succeed("order", help_option).stdout.startswith("Usage: coffee order")
    for name, command in coffee_group.commands.items():
        assert f"Example:\n  coffee {name}" in str(command.epilog)
    assert "Example:\n    coffee whoami" in coffee.run("whoami", "--help").stdout
    assert "--password " not in coffee.run("login", "--help").stdout


def test_shell_completes_commands(coffee: Coffee) -> None:
    coffee.environment["_COFFEE_COMPLETE"] = "bash_source"
    assert "_coffee_completion" in coffee.run().stdout
    completion = {"_COFFEE_COMPLETE": "bash_complete", "COMP_WORDS": "coffee wh", "COMP_CWORD": "1"}
    coffee.environment |= completion
    assert coffee.run().stdout == "plain,whoami\n"


def test_configure_reads_a_deployed_stage(tmp_path: Path) -> None:
    record_deployed_stage(tmp_path)
    assert Coffee(tmp_path, tmp_path).json("configure", "--stage", "dev") == {
        "api_url": "https://x.example/dev",
        "client_id": "the-client",
        "region": "eu-west-1",
        "aws_endpoint_url": None,
    }
