"""The `coffee` command in a process of its own, in a terminal or a pipe."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect

from local.service import Service
from tests.e2e.people import add_staff, code_mailed_to
from tests.e2e.processes import accept_signals
from tests.samples import PASSWORD

COFFEE = str(Path(sys.executable).with_name("coffee"))


class Coffee:
    """Runs `coffee` for one user, whose config folder is `home`."""

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

    def piped(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as a script does."""
        return self._run([COFFEE, *arguments], stdin)

    def succeed(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as a script does, and expect exit code 0."""
        process = self.piped(*arguments, stdin=stdin)
        assert process.returncode == 0, process.stderr
        return process

    def json(self, *arguments: str) -> Any:
        """Run a command with `--json`, and expect exit code 0; return the JSON that it prints."""
        return json.loads(self.succeed(*arguments, "--json").stdout)

    def error(self, *arguments: str, stdin: str = "") -> tuple[int, str]:
        """Run a command that prints an error in one line; return the exit code and the line."""
        process = self.piped(*arguments, stdin=stdin)
        assert (process.stdout, process.stderr.count("\n")) == ("", 1), process
        assert "Traceback" not in process.stderr
        return process.returncode, process.stderr.removesuffix("\n")

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line of bash in which `coffee` is the command."""
        script = f'coffee() {{ {shlex.quote(COFFEE)} "$@"; }}; set -o pipefail; {line}'
        return self._run(["/bin/bash", "-c", script])

    def _run(
        self, arguments: list[str], stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments,
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def terminal(
        self, *arguments: str, answers: tuple[tuple[str, str], ...] = ()
    ) -> tuple[int, str]:
        """Run a command in a terminal and answer its prompts; return its exit code and output."""
        child = pexpect.spawn(
            COFFEE,
            list(arguments),
            cwd=str(self.folder),
            env=self.environment,
            encoding="utf-8",
            timeout=60,
            dimensions=(50, 200),
            preexec_fn=accept_signals,
        )
        output = ""
        for prompt, answer in answers:
            child.expect(prompt)
            output += str(child.before) + str(child.after)
            child.sendline(answer)
        child.expect(pexpect.EOF)
        output += str(child.before)
        child.close()
        return (child.exitstatus if child.exitstatus is not None else -1), output

    def configure(self, api_url: str, *flags: str) -> None:
        self.succeed(
            *["configure", "--api-url", api_url, "--client-id", "c", "--region", "eu-west-1"],
            *flags,
        )

    def sign_in(self, service: Service, username: str) -> None:
        """Sign up and in as a new user, with `coffee`."""
        email = f"{username}@example.com"
        self.succeed(
            *["signup", username, "--email", email, "--password-stdin"], stdin=f"{PASSWORD}\n"
        )
        self.succeed("confirm", username, code_mailed_to(service.cloud, email))
        self.log_in(username)

    def log_in(self, username: str) -> None:
        self.succeed("login", username, "--password-stdin", stdin=PASSWORD)

    def sign_in_staff(self, service: Service, username: str, vendorid: str) -> None:
        self.sign_in(service, username)
        add_staff(service.cloud, service.stack.user_pool_id, vendorid, username)
        self.log_in(username)  # only new tokens have the group

    def change_login(self, **fields: Any) -> None:
        self.login_file.write_text(json.dumps(json.loads(self.login_file.read_text()) | fields))


def without_colours(output: str) -> str:
    """Return the text of a terminal's output, without its escape sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", output)
