"""The `coffee` command: in this process, as a child process in a shell, or at a terminal."""

import contextlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
from click.testing import CliRunner, Result

from coffee_client.cli.coffee import coffee
from local.service import Service
from tests.client.fake_service import FakeService
from tests.e2e.processes import accept_signals
from tests.fixtures import code_mailed_to
from tests.samples import PASSWORD
from tools.staff import add_to_vendor_group

COFFEE = str(Path(sys.executable).with_name("coffee"))


class Coffee:
    """Runs `coffee` for one user, whose config folder is in `home`."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home = home
        self.folder = folder
        self.settings_file = home / "config/settings.json"
        self.login_file = home / "config/login.json"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "COFFEE_CONFIG_DIR": str(home / "config"),
            "TERM": "xterm-256color",
            "COLUMNS": "200",
            **{name: os.environ[name] for name in os.environ if name.startswith("COVERAGE_")},
        }

    def run(self, *arguments: str, stdin: str | bytes = "") -> Result:
        """Run a command in this process as a script does, without a terminal."""
        with contextlib.chdir(self.folder):
            result = CliRunner().invoke(coffee, arguments, input=stdin, env=self.environment)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def succeed(self, *arguments: str, stdin: str | bytes = "") -> Result:
        """Run a command as a script does, and expect exit code 0."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.stderr
        return result

    def json(self, *arguments: str) -> Any:
        """Run a command with `--json`, and expect exit code 0; return the JSON that it prints."""
        return json.loads(self.succeed(*arguments, "--json").stdout)

    def error(self, *arguments: str, stdin: str | bytes = "") -> tuple[int, str]:
        """Run a command that prints an error of one line; return the exit code and the line."""
        result = self.run(*arguments, stdin=stdin)
        assert (result.stdout, result.stderr.count("\n")) == ("", 1), result.output
        return result.exit_code, result.stderr.removesuffix("\n")

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line of bash in which `coffee` is the command, in a process of its own."""
        script = f'coffee() {{ {shlex.quote(COFFEE)} "$@"; }}; set -o pipefail; {line}'
        return subprocess.run(
            ["/bin/bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def start(self, *arguments: str) -> "pexpect.spawn[str]":
        """Start a command in a terminal."""
        return pexpect.spawn(
            COFFEE,
            list(arguments),
            cwd=str(self.folder),
            env=self.environment,
            encoding="utf-8",
            codec_errors="surrogateescape",
            timeout=60,
            dimensions=(50, 200),
            preexec_fn=accept_signals,
        )

    def terminal(
        self, *arguments: str, answers: tuple[tuple[str, str], ...] = ()
    ) -> tuple[int, str]:
        """Run a command in a terminal and answer its prompts; return its exit code and output."""
        child = self.start(*arguments)
        output = ""
        for prompt, answer in answers:
            child.expect(prompt)
            output += str(child.before) + str(child.after)
            child.sendline(answer)
        child.expect(pexpect.EOF)
        output += str(child.before)
        child.close()
        return (child.exitstatus if child.exitstatus is not None else -1), output

    def sign_in(self, service: Service, username: str) -> None:
        """Sign a new user up and in with `coffee`."""
        email = f"{username}@example.com"
        self.succeed("signup", username, "--email", email, "--password-stdin", stdin=PASSWORD)
        self.succeed("confirm", username, code_mailed_to(service.cloud, email))
        self.log_in(username)

    def log_in(self, username: str) -> None:
        self.succeed("login", username, "--password-stdin", stdin=PASSWORD)

    def sign_in_staff(self, service: Service, username: str, vendorid: str) -> None:
        """Sign a new member of a shop's staff up and in."""
        self.sign_in(service, username)
        cognito, pool_id = service.cloud.client("cognito-idp"), service.stack.user_pool_id
        add_to_vendor_group(cognito, pool_id, vendorid, username)
        self.log_in(username)  # only new tokens have the group

    def change_login(self, **fields: Any) -> None:
        """Change fields of the saved login."""
        self.login_file.write_text(json.dumps(json.loads(self.login_file.read_text()) | fields))


class FakeCoffee(Coffee):
    """A `coffee` whose service and Cognito are fake, and whose user is logged in."""

    def __init__(self, folder: Path, service: FakeService) -> None:
        super().__init__(folder, folder)
        self.service = service
        self.settings_file.parent.mkdir()
        self.configure(self.service.url)
        login = {"username": "Ann", "id_token": "x.e30.x", "refresh_token": "y", "stale_at": 9e9}
        self.login_file.write_text(json.dumps(login))

    def configure(self, url: str) -> None:
        """Configure a service and a Cognito at one address."""
        settings = {"api_url": url, "client_id": "c", "region": "eu-west-1"}
        self.settings_file.write_text(json.dumps({**settings, "aws_endpoint_url": url}))


def without_colours(output: str) -> str:
    """Return the text of a terminal's output, without its escape sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", output)
