"""`coffee`, the command line: a customer's day, a barista's, and all that can go wrong."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cloud.service import Service
from tests.e2e.people import code_mailed_to, hire
from tests.e2e.terminal import Coffee
from tests.fake_cognito import refusing
from tests.samples import PASSWORD, note_deployed_stage

_ESCAPE = re.compile(r"\x1b\[")
_JWT = re.compile(r"eyJ[\w-]{10,}")
_TWICE = (("Password:", PASSWORD), ("Repeat for confirmation:", PASSWORD))

NewCoffee = Callable[[], Coffee]


@pytest.fixture
def new_coffee(service: Service, tmp_path_factory: pytest.TempPathFactory) -> NewCoffee:
    """Return a function that sits somebody down at a terminal beside a running `make run`."""

    def make() -> Coffee:
        home = tmp_path_factory.mktemp("home")
        project = home / "project"
        (project / ".local").mkdir(parents=True)
        noted = json.dumps(service.stack._asdict())
        (project / ".local/stack.json").write_text(noted)
        coffee = Coffee(home, project)
        assert coffee.piped("configure").returncode == 0
        return coffee

    return make


@pytest.fixture
def coffee(new_coffee: NewCoffee) -> Coffee:
    return new_coffee()


@pytest.fixture
def username(accountid: str) -> str:
    return f"user-of-{accountid}"


def sign_in(coffee: Coffee, service: Service, username: str) -> None:
    email = f"{username}@example.com"
    words = ["signup", username, "--email", email, "--password-stdin"]
    assert coffee.piped(*words, stdin=f"{PASSWORD}\n").returncode == 0
    code = code_mailed_to(service.cloud, email)
    assert coffee.piped("confirm", username, code).returncode == 0
    assert coffee.piped("login", username, "--password-stdin", stdin=PASSWORD).returncode == 0


def test_a_customers_day_at_a_terminal(
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
    assert _ESCAPE.search(seen)  # in a terminal there are colours
    code, seen = coffee.typed("list")
    assert "1 x Large Flat White" in seen
    code, seen = coffee.typed("cancel", accountid, "v0")
    assert '"cancelled"' in _plain(seen)
    code, seen = coffee.typed("logout")
    assert (code, "Logged out." in seen) == (0, True)
    code, seen = coffee.typed("list")
    assert (code, "Nobody is logged in: `coffee login`" in seen) == (3, True)


def _plain(seen: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen)


def test_a_pipe_gets_json_and_nothing_else(
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


def test_a_baristas_day(
    new_coffee: NewCoffee, service: Service, username: str, accountid: str
) -> None:
    train, counter = new_coffee(), new_coffee()
    sign_in(train, service, username)
    sign_in(counter, service, f"barista-{username}")
    made, vendorid = service.stack, f"shop {accountid}"
    hire(service.cloud, made.user_pool_id, vendorid, f"barista-{username}")
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


def test_watching_a_cancelled_order_exits_with_1(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    sign_in(coffee, service, username)
    coffee.piped("order", accountid, "v0", "Piccolo", "--price", "4")
    coffee.piped("cancel", accountid, "v0")
    watched = coffee.piped("watch", accountid, "v0", "--every", "0.1")
    assert (watched.returncode, watched.stdout.split()[-1]) == (1, "cancelled")


def test_the_login_is_for_its_owners_eyes_and_gone_after_logout(
    coffee: Coffee, service: Service, username: str
) -> None:
    sign_in(coffee, service, username)
    kept = coffee.home / "config/login.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    before = kept.read_text()
    assert coffee.piped("logout").returncode == 0
    assert not kept.exists()
    # Whoever has kept a copy has nothing: the login itself is revoked.
    stale = {**json.loads(before), "stale_at": 0}
    kept.write_text(json.dumps(stale))
    refused = coffee.piped("list")
    assert refused.returncode == 3
    assert "lapsed" in refused.stderr


def test_a_stale_token_is_refreshed_and_kept(
    coffee: Coffee, service: Service, username: str
) -> None:
    sign_in(coffee, service, username)
    kept = coffee.home / "config/login.json"
    stale = {**json.loads(kept.read_text()), "id_token": "stale", "stale_at": 0}
    kept.write_text(json.dumps(stale))
    assert coffee.piped("list").returncode == 0
    fresh = json.loads(kept.read_text())
    assert fresh["id_token"] != "stale"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


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
        *["configure", "signup", "confirm", "resend", "login", "logout", "whoami"],
        *["order", "get", "list", "cancel", "queue", "advance", "watch"],
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


def refusal(coffee: Coffee, *words: str, stdin: str = "") -> tuple[int, str]:
    done = coffee.piped(*words, stdin=stdin)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.strip()


def test_each_refusal_of_cognito_is_one_line_that_says_what_to_do(
    coffee: Coffee, service: Service, username: str
) -> None:
    email = f"{username}@example.com"
    signup = ["signup", username, "--email", email, "--password-stdin"]
    login = ["login", username, "--password-stdin"]
    weak = refusal(coffee, *signup, stdin="weak\n")
    assert weak[0] == 1
    assert weak[1].startswith("That password is too weak. Password must have")
    assert coffee.piped(*signup, stdin=PASSWORD).returncode == 0
    assert refusal(coffee, *signup, stdin=PASSWORD) == (
        1,
        f"The name {username} is taken: choose another, or `coffee login {username}`",
    )
    assert refusal(coffee, *login, stdin=PASSWORD) == (
        1,
        f"{username} is not confirmed yet: `coffee confirm {username}`",
    )
    assert refusal(coffee, "confirm", username, "000000") == (
        1,
        f"That code is wrong: look into the mail, or `coffee resend {username}`",
    )
    resent = coffee.piped("resend", username)
    assert f"Next: coffee confirm {username}" in resent.stderr
    assert len(service.cloud.mails_to(email)) == 2
    code = code_mailed_to(service.cloud, email)
    assert coffee.piped("confirm", username, code).returncode == 0
    again = refusal(coffee, "confirm", username, code)
    assert again == (3, f"{username} is confirmed already: `coffee login {username}`")
    assert refusal(coffee, *login, stdin="Wr0ng$$$$") == (3, "Wrong user name or password")


@pytest.mark.parametrize(
    ("code", "said", "line"),
    [
        ("ExpiredCodeException", "Invalid code provided", "That code has expired: get a new one"),
        ("LimitExceededException", "Attempt limit exceeded", "Too many attempts: wait a while"),
        ("TooManyRequestsException", "Rate exceeded", "Too many attempts: wait a while"),
        ("NotAuthorizedException", "Password attempts exceeded", "Too many attempts: wait a while"),
        ("CodeDeliveryFailureException", "no mail", "The mail could not be sent"),
        (
            "ResourceNotFoundException",
            "No such client",
            "Cognito does not know",
        ),
        ("SomethingNewException", "In Cognito's own words", "In Cognito's own words"),
    ],
)
def test_the_refusals_that_the_local_cloud_never_gives(
    coffee: Coffee, code: str, said: str, line: str
) -> None:
    with refusing(code, said) as endpoint:
        there = ["--api-url", "http://127.0.0.1:1", "--client-id", "c", "--region", "eu-west-1"]
        coffee.piped("configure", *there, "--aws-endpoint-url", endpoint)
        assert refusal(coffee, "confirm", "Paul", "123456")[1].startswith(line)


def test_an_unreachable_service_is_one_line(coffee: Coffee) -> None:
    there = ["--api-url", "http://127.0.0.1:1", "--client-id", "c", "--region", "eu-west-1"]
    coffee.piped("configure", *there, "--aws-endpoint-url", "http://127.0.0.1:1")
    for words in (["get", "a0", "v0"], ["login", "Paul", "--password-stdin"]):
        code, line = refusal(coffee, *words, stdin=PASSWORD)
        assert code == 6
        assert line.endswith("is the service up, and `coffee configure` right?")
        assert "\n" not in line


def test_each_refusal_of_the_service_is_one_line_and_an_exit_code(
    coffee: Coffee, service: Service, username: str, accountid: str
) -> None:
    assert refusal(coffee, "list") == (3, "Nobody is logged in: `coffee login`")
    assert refusal(coffee, "get", "nobody", "v0") == (4, "There is no order at this key")
    sign_in(coffee, service, username)
    order = ["order", accountid, "v0", "Piccolo"]
    assert refusal(coffee, *order, "--price", "free") == (
        1,
        "order.details.unitprice: "
        "must be a decimal number from 0 to 100000 with at most 4 decimals",
    )
    assert refusal(coffee, *order)[0] == 2
    assert "--price" in refusal(coffee, *order)[1]
    assert refusal(coffee, "list", "--status", "brewed")[0] == 2
    kept = coffee.home / "config/login.json"
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "id_token": "junk"}))
    assert refusal(coffee, "list") == (
        3,
        "The service does not take this login: `coffee login` again",
    )
    kept.write_text("{")
    assert refusal(coffee, "list") == (
        3,
        "The login can't be read: log in again, `coffee login`",
    )


def test_ctrl_c_at_a_prompt_is_no_traceback(coffee: Coffee) -> None:
    code, seen = coffee.typed("login", "Paul", answers=(("Password:", "\x03"),))
    assert code == 130
    assert "Traceback" not in seen


def test_without_settings_the_way_to_them_is_told(tmp_path: Path) -> None:
    coffee = Coffee(tmp_path, tmp_path)
    assert refusal(coffee, "list") == (3, "Where is the service? Run `coffee configure` first")
    code, line = refusal(coffee, "configure")
    assert code == 3
    assert line.endswith("start the service with `make run`")
    code, line = refusal(coffee, "configure", "--stage", "dev")
    assert (code, "`make deploy STAGE=dev`" in line) == (3, True)
    code, line = refusal(coffee, "configure", "--api-url", "http://x")
    assert (code, "--client-id, --region: needed" in line) == (2, True)
    code, line = refusal(coffee, "configure", "--stage", "dev", "--region", "x")
    assert (code, "leave the other options out" in line) == (2, True)


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
