"""The README's section "With plain Chalice", run in a fresh copy with its own environment.

It installs packages and runs many tests, so `make test-setup` runs it and `make test` does not.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import assert_nothing_runs_in, execute
from tests.e2e.project import Project
from tests.e2e.test_plain_chalice import ChaliceLocal, sign_in
from tests.set_up.from_scratch import clean_environment
from tools.environment import without_variables
from tools.project import PROJECT


class PlainProject:
    """A copy of the project with an environment into which nothing is installed yet."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "venv/bin"
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        environment = without_variables(clean_environment(), "AWS_")
        environment |= {"PATH": f"{self.bin}:{environment['PATH']}", "PIP_QUIET": "1"}
        self.project = Project(folder / "project", environment, self.bin / "python")

    def run(self, line: str) -> tuple[int, str]:
        """Run a line; return its exit code and what it printed."""
        program, *arguments = shlex.split(line)
        command = [str(self.bin / program), *arguments]
        return execute(command, self.project.folder, self.project.environment, timeout=900)


def documented_commands() -> list[str]:
    """Return the commands of this section."""
    section = (PROJECT / "README.md").read_text().partition("## With plain Chalice")[2]
    (block,) = re.findall(r"```sh\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    return [line for line in str(block).splitlines() if line]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> PlainProject:
    """Return a copy in which the first command has installed the packages."""
    plain = PlainProject(tmp_path_factory.mktemp("plain"))
    code, output = plain.run(documented_commands()[0])
    assert code == 0, output
    return plain


def test_pip_accepts_requirements_beside_packages_without_hashes(plain: PlainProject) -> None:
    line = "pip install --dry-run chalice boto3 pytest moto -r requirements.txt"
    code, output = plain.run(line)
    assert code == 0, output


def test_documented_tests_pass(plain: PlainProject) -> None:
    code, output = plain.run(documented_commands()[1])
    assert code == 0, output[-3000:]


def test_chalice_local_serves_orders_and_shows_mails(plain: PlainProject) -> None:
    assert documented_commands()[2] == "chalice local"
    local = ChaliceLocal(plain.project)
    token = sign_in(local.wait_until_serving())
    assert local.post(None) == 401
    assert local.post(token) == 201
    code, mail = plain.run("python -m local mail --to ann@example.com")
    assert code == 0, mail
    assert re.search(r"\d{6}", mail)
    assert local.command.interrupt() == 0
    assert_nothing_runs_in(plain.project.folder)
