"""The README's section "With plain Chalice", typed in a fresh copy with its own environment.

It installs packages and runs many tests, so `make test-setup` runs it and `make test` does not.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from local.server import free_port
from tests.e2e.project import Project
from tests.e2e.test_plain_chalice import Typed, assert_nothing_runs_in, post, sign_up
from tests.set_up.from_scratch import environment


class Plain:
    """A copy of the project with an environment into which nothing is installed yet."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "venv/bin"
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        kept = environment()
        kept = {name: value for name, value in kept.items() if not name.startswith("AWS_")}
        self.project = Project(
            folder / "project", {**kept, "PATH": f"{self.bin}:{kept['PATH']}", "PIP_QUIET": "1"}
        )

    def type(self, line: str) -> tuple[int, str]:
        """Run a line; return its exit code and what it printed."""
        done = subprocess.run(
            [str(self.bin / (words := shlex.split(line))[0]), *words[1:]],
            cwd=self.project.folder,
            env=self.project.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=900,
        )
        return done.returncode, done.stdout


def documented() -> list[str]:
    """Return the lines that the README tells to type."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    section = readme.partition("## With plain Chalice")[2]
    (block,) = re.findall(r"```sh\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    return [line for line in str(block).splitlines() if line]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Plain:
    """Return a copy in which the documented line has installed what is needed."""
    plain = Plain(tmp_path_factory.mktemp("plain"))
    code, printed = plain.type(documented()[0])
    assert code == 0, printed
    return plain


def test_pip_takes_requirements_beside_packages_without_hashes(plain: Plain) -> None:
    line = "pip install --dry-run chalice boto3 pytest moto -r requirements.txt"
    code, printed = plain.type(line)
    assert code == 0, printed


def test_documented_tests_pass(plain: Plain) -> None:
    code, printed = plain.type(documented()[1])
    assert code == 0, printed[-3000:]


def test_chalice_local_serves_orders_and_shows_mails(plain: Plain) -> None:
    line = documented()[2]
    assert line == "chalice local"
    url = f"http://127.0.0.1:{(port := free_port())}"
    local = Typed(plain.project, "local", "--port", str(port), program=str(plain.bin / "chalice"))
    try:
        token = sign_up(local.until("Serving on"))
        assert post(url, None).status_code == 401
        assert post(url, token).status_code == 201
        code, mail = plain.type("python -m local mail --to ann@example.com")
        assert code == 0, mail
        assert re.search(r"\d{6}", mail)
        assert local.press_ctrl_c() == 0
    finally:
        local.process.kill()
        local.process.communicate()
    assert_nothing_runs_in(plain.project)


def test_packaging_before_anything_is_deployed_is_one_line(plain: Plain) -> None:
    code, printed = plain.type("chalice package --stage dev out")
    (line,) = printed.splitlines()
    assert code == 1
    assert "make stack STAGE=dev" in line
