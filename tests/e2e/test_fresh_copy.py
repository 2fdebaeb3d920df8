"""The first commands in a fresh copy of the project, with Python's own pip and without a cache."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import assert_nothing_runs_in, execute, without_variables
from tests.e2e.project import Project
from tests.e2e.test_plain_chalice import ChaliceLocal, sign_in
from tools.project import PROJECT

pytestmark = pytest.mark.slow


def clean_environment() -> dict[str, str]:
    """Return an environment without uv, AWS settings and pip's cache."""
    folders = os.environ["PATH"].split(os.pathsep)
    path = os.pathsep.join(name for name in folders if not shutil.which("uv", path=name))
    environment = without_variables(os.environ, "MAKE", "MFLAGS", "VIRTUAL_ENV", "PYTHON", "AWS_")
    return {**environment, "PATH": path, "PIP_NO_CACHE_DIR": "1"}


def test_make_demo_sets_up_and_orders(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", clean_environment())
    code, output = project.make("demo", PYTHON=sys.executable)
    assert code == 0, output
    assert "201" in output


def test_commands_of_the_readme_for_plain_chalice_work(tmp_path: Path) -> None:
    section = (PROJECT / "README.md").read_text().partition("## With plain Chalice")[2]
    block = re.findall(r"```sh\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)[0]
    install, test, serve = block.splitlines()
    assert serve == "chalice local"

    bin_folder = tmp_path / "venv/bin"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    environment = clean_environment() | {"PIP_QUIET": "1"}
    environment["PATH"] = f"{bin_folder}:{environment['PATH']}"
    project = Project(tmp_path / "project", environment, bin_folder / "python")
    # All test files are imported, but only some tests run again.
    for line in (install, f"{test} -k lists"):
        program, *arguments = shlex.split(line)
        command = [str(bin_folder / program), *arguments]
        code, output = execute(command, project.folder, environment, timeout=900)
        assert code == 0, output[-3000:]

    local = ChaliceLocal(project)
    token = sign_in(local.wait_until_serving())
    assert local.post(None) == 401
    assert local.post(token) == 201
    assert re.search(r"\d{6}", project.succeed("local", "mail", "--to", "ann@example.com"))
    assert local.command.interrupt() == 0
    assert_nothing_runs_in(project.folder)
