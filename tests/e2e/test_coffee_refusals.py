"""`coffee`, where something is wrong: one line that says what to do, and an exit code."""

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from local.service import Service
from tests.e2e.people import code_mailed_to
from tests.e2e.terminal import Coffee, sign_in
from tests.samples import PASSWORD


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
    assert coffee.piped("forgot", username).returncode == 0
    assert refusal(coffee, "reset", username, "000000", "--password-stdin", stdin=PASSWORD) == (
        1,
        f"That code is wrong: look into the mail, or `coffee forgot {username}`",
    )
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
    coffee: Coffee, httpserver: HTTPServer, code: str, said: str, line: str
) -> None:
    cognito = httpserver.expect_request("/", method="POST")
    cognito.respond_with_json({"__type": code, "message": said}, status=400)
    there = ["--api-url", "http://127.0.0.1:1", "--client-id", "c", "--region", "eu-west-1"]
    coffee.piped("configure", *there, "--aws-endpoint-url", httpserver.url_for("/"))
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
