"""The `coffee` command against the running service: what customers and staff do with it."""

import json
import re
import stat
from pathlib import Path

from local.service import Service
from tests.e2e.conftest import NewCoffee
from tests.e2e.people import add_staff, code_mailed_to
from tests.e2e.terminal import Coffee, sign_in
from tests.samples import PASSWORD, note_deployed_stage

_ESCAPE = re.compile(r"\x1b\[")
_JWT = re.compile(r"eyJ[\w-]{10,}")
_TWICE = (("Password:", PASSWORD), ("Repeat for confirmation:", PASSWORD))


def test_a_customer_at_a_terminal(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    email = f"{username}@example.com"
    code, seen = coffee.typed("signup", username, "--email", email, answers=_TWICE)
    assert code == 0, seen
    assert f"Next: coffee confirm {username}" in seen
    mailed = code_mailed_to(service.cloud, email)
    code, seen = coffee.typed("confirm", username, answers=(("Code:", mailed),))
    assert (code, f"Next: coffee login {username}" in seen) == (0, True)
    code, seen = coffee.typed("login", username, answers=(("Password:", PASSWORD),))
    assert (code, f"Hello, {username}" in seen) == (0, True)
    assert PASSWORD not in seen
    code, seen = coffee.typed("whoami")
    assert code == 0
    assert email in seen
    words = ["order", accountid, "v0", "Flat White", "--size", "Large", "--price", "4.80"]
    code, seen = coffee.typed(*words)
    assert code == 0
    assert "Flat White" in seen
    assert f"Next: coffee watch {accountid} v0" in seen
    assert _ESCAPE.search(seen)  # colours, as this is a terminal
    code, seen = coffee.typed("list")
    assert "1 x Large Flat White" in seen
    code, seen = coffee.typed("cancel", accountid, "v0")
    assert f"Order of {accountid} at v0: cancelled" in _plain(seen)
    code, seen = coffee.typed("logout")
    assert (code, "Logged out." in seen) == (0, True)
    code, seen = coffee.typed("list")
    assert (code, "Nobody is logged in. Run: coffee login" in seen) == (3, True)


def _plain(seen: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen)


def test_a_pipe_receives_json_only(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    sign_in(coffee, service, username)
    words = ["order", accountid, "v0", "Flat White", "--price", "4.80", "--json"]
    placed = coffee.piped(*words)
    order = json.loads(placed.stdout)
    assert order["details"]["unitprice"] == "4.80"
    assert json.loads(coffee.piped("get", accountid, "v0", "--json").stdout) == order
    assert json.loads(coffee.piped("list", "--json").stdout) == [order]
    assert json.loads(coffee.piped("whoami", "--json").stdout)["username"] == username
    for words in (["list"], ["get", accountid, "v0"], ["--help"], ["whoami"]):
        piped = coffee.piped(*words)
        assert not _ESCAPE.search(piped.stdout + piped.stderr)


def test_staff_work_through_the_queue(
    new_coffee: NewCoffee, service: Service, username: str, accountid: str
) -> None:
    train, counter = new_coffee(), new_coffee()
    sign_in(train, service, username)
    sign_in(counter, service, f"barista-{username}")
    stack, vendorid = service.stack, f"shop {accountid}"
    add_staff(service.cloud, stack.user_pool_id, vendorid, f"barista-{username}")
    login = ["login", f"barista-{username}", "--password-stdin"]
    assert counter.piped(*login, stdin=PASSWORD).returncode == 0
    assert json.loads(counter.piped("whoami", "--json").stdout)["groups"]

    train.piped("order", accountid, vendorid, "Piccolo", "--price", "4")
    assert "1 x Regular Piccolo" in counter.piped("queue", vendorid).stdout
    assert (
        json.loads(counter.piped("advance", accountid, vendorid, "--json").stdout)["status"]
        == "preparing"
    )
    refused = train.piped("cancel", accountid, vendorid)
    assert (refused.returncode, refused.stderr) == (5, "The order is preparing\n")
    assert counter.piped("advance", accountid, vendorid, "ready").returncode == 0
    watched = train.piped("watch", accountid, vendorid, "--every", "0.1")
    assert (watched.returncode, watched.stdout.split()[-1]) == (0, "ready")
    assert counter.piped("advance", accountid, vendorid).returncode == 0
    done = counter.piped("advance", accountid, vendorid)
    assert (done.returncode, done.stderr) == (5, "The order is collected\n")
    assert counter.piped("queue", vendorid).stderr == "No orders.\n"
    stranger = train.piped("queue", vendorid)
    assert (stranger.returncode, stranger.stderr) == (1, "Only staff of this vendor may do this\n")


def test_the_same_order_again_is_told_apart(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    sign_in(coffee, service, username)
    first, second = "2026-03-01T08:30:00Z", "2026-03-01T08:31:00Z"
    for date, words in (
        (first, "Ordered: 1 x"),
        (first, "This was ordered already, and nothing has changed: 1 x"),
        (second, "Ordered in place of your earlier order: 1 x"),
    ):
        order = ["order", accountid, "v0", "Piccolo", "--price", "4", "--date", date]
        assert coffee.piped(*order).stdout.startswith(words)


def test_watching_a_cancelled_order_exits_with_1(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    sign_in(coffee, service, username)
    coffee.piped("order", accountid, "v0", "Piccolo", "--price", "4")
    coffee.piped("cancel", accountid, "v0")
    watched = coffee.piped("watch", accountid, "v0", "--every", "0.1")
    assert (watched.returncode, watched.stdout.split()[-1]) == (1, "cancelled")


def test_the_login_is_private_and_revoked_by_logout(
    coffee: Coffee, service: Service, username: str
) -> None:
    sign_in(coffee, service, username)
    kept = coffee.home / "config/login.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    before = kept.read_text()
    assert coffee.piped("logout").returncode == 0
    assert not kept.exists()
    # A copy of the file is worth nothing: the login itself is revoked.
    stale = {**json.loads(before), "stale_at": 0}
    kept.write_text(json.dumps(stale))
    refused = coffee.piped("list")
    assert refused.returncode == 3
    assert "expired" in refused.stderr


def test_a_refreshed_token_is_stored(coffee: Coffee, service: Service, username: str) -> None:
    sign_in(coffee, service, username)
    kept = coffee.home / "config/login.json"
    stale = {**json.loads(kept.read_text()), "id_token": "stale", "stale_at": 0}
    kept.write_text(json.dumps(stale))
    assert coffee.piped("list").returncode == 0
    fresh = json.loads(kept.read_text())
    assert fresh["id_token"] != "stale"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_forgotten_password_is_reset_with_a_code(
    coffee: Coffee, service: Service, username: str
) -> None:
    sign_in(coffee, service, username)
    asked = coffee.piped("forgot", username)
    assert f"Next: coffee reset {username}" in asked.stderr
    code = code_mailed_to(service.cloud, f"{username}@example.com")
    twice = (("Password:", "N3w$word"), ("Repeat for confirmation:", "N3w$word"))
    status, seen = coffee.typed("reset", username, answers=(("Code:", code), *twice))
    assert (status, f"Next: coffee login {username}" in seen) == (0, True)
    login = ["login", username, "--password-stdin"]
    assert coffee.piped(*login, stdin=PASSWORD).returncode == 3
    assert coffee.piped(*login, stdin="N3w$word").returncode == 0


def test_no_command_prints_a_token_or_a_password(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    sign_in(coffee, service, username)
    for words in (
        ["whoami"],
        ["whoami", "--json"],
        ["order", accountid, "v0", "Piccolo", "--price", "4"],
        ["list", "--json"],
        ["logout"],
    ):
        done = coffee.piped(*words)
        assert not _JWT.search(done.stdout + done.stderr)
    assert "--password " not in coffee.piped("login", "--help").stdout


def test_every_command_has_an_example(coffee: Coffee) -> None:
    listed = coffee.piped("--help").stdout
    commands = re.findall(r"^  ([a-z]+)  ", listed.partition("Commands:")[2], re.MULTILINE)
    assert commands == [
        *[
            "configure",
            "signup",
            "confirm",
            "resend",
            "login",
            "forgot",
            "reset",
            "logout",
            "whoami",
        ],
        *["order", "get", "list", "cancel", "queue", "advance", "watch"],
        *["menu", "publish", "open", "close", "soldout"],
    ]
    for command in commands:
        assert f"Example:\n    coffee {command}" in coffee.piped(command, "--help").stdout


def test_the_shell_completes_commands(coffee: Coffee) -> None:
    script = coffee.environment | {"_COFFEE_COMPLETE": "bash_source"}
    coffee.environment = script
    assert "_coffee_completion" in coffee.piped().stdout
    coffee.environment = script | {
        "_COFFEE_COMPLETE": "bash_complete",
        "COMP_WORDS": "coffee wh",
        "COMP_CWORD": "1",
    }
    assert coffee.piped().stdout == "plain,whoami\n"


def test_a_deployed_stage_is_found_in_its_project(tmp_path: Path) -> None:
    note_deployed_stage(tmp_path)
    done = Coffee(tmp_path, tmp_path).piped("configure", "--stage", "dev", "--json")
    assert json.loads(done.stdout) == {
        "api_url": "https://x.example/dev",
        "client_id": "the-client",
        "region": "eu-west-1",
        "aws_endpoint_url": None,
    }


def test_what_others_wrote_is_never_read_as_colours(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    sign_in(coffee, service, username)
    coffee.piped("order", accountid, "v0", "[red]Hot[/red] <script>", "--price", "4")
    assert "[red]Hot[/red] <script>" in coffee.piped("list").stdout
    assert "[red]Hot[/red] <script>" in coffee.piped("get", accountid, "v0").stdout
