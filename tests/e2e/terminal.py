"""The `coffee` command as its users have it: a process of its own, in a terminal or a pipe."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pexpect

from local.service import Service
from tests.e2e.people import code_mailed_to
from tests.samples import PASSWORD

COFFEE = str(Path(sys.executable).with_name("coffee"))


class Coffee:
    """Runs `coffee` for one user, whose config folder is `home`."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home = home
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "COFFEE_CONFIG_DIR": str(home / "config"),
            "TERM": "xterm-256color",
            "COLUMNS": "200",
            **{name: os.environ[name] for name in os.environ if name.startswith("COVERAGE_")},
        }

    def piped(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as a script does."""
        return subprocess.run(
            [COFFEE, *words],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line of bash in which `coffee` is the command."""
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

    def typed(self, *words: str, answers: tuple[tuple[str, str], ...] = ()) -> tuple[int, str]:
        """Run a command in a pseudo-terminal, answering its prompts; return what was seen."""
        child = pexpect.spawn(
            COFFEE,
            list(words),
            cwd=str(self.folder),
            env=self.environment,
            encoding="utf-8",
            timeout=60,
            dimensions=(50, 200),
            preexec_fn=_accept_ctrl_c,
        )
        seen = ""
        for prompt, answer in answers:
            child.expect(prompt)
            seen += str(child.before) + str(child.after)
            child.sendline(answer)
        child.expect(pexpect.EOF)
        seen += str(child.before)
        child.close()
        return (child.exitstatus if child.exitstatus is not None else -1), seen


def _accept_ctrl_c() -> None:
    # A shell's background job ignores SIGINT, and so would the processes that it starts.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def sign_in(coffee: Coffee, service: Service, username: str) -> None:
    """Sign somebody new up and in, by `coffee` alone."""
    email = f"{username}@example.com"
    words = ["signup", username, "--email", email, "--password-stdin"]
    assert coffee.piped(*words, stdin=f"{PASSWORD}\n").returncode == 0
    code = code_mailed_to(service.cloud, email)
    assert coffee.piped("confirm", username, code).returncode == 0
    assert coffee.piped("login", username, "--password-stdin", stdin=PASSWORD).returncode == 0
