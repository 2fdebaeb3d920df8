"""The first commands in a fresh copy of the project, with its real dependencies."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import assert_nothing_runs_in
from tests.e2e.project import fresh_copy
from tests.e2e.test_plain_chalice import ChaliceLocal, sign_in
from tools.project import PROJECT

pytestmark = pytest.mark.slow


def test_make_demo_sets_up_with_pip_and_orders(tmp_path: Path) -> None:
    project = fresh_copy(tmp_path)
    folders = project.environment["PATH"].split(os.pathsep)
    path = os.pathsep.join(name for name in folders if not shutil.which("uv", path=name))
    code, output = project.make("demo", PYTHON=sys.executable, PATH=path, PIP_NO_CACHE_DIR="1")
    assert code == 0, output
    assert "201" in output


def test_commands_of_the_readme_for_plain_chalice_work(tmp_path: Path) -> None:
    section = (PROJECT / "README.md").read_text().partition("## With plain Chalice")[2]
    install, test, serve = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)[0].splitlines()
    assert serve == "chalice local"
    project = fresh_copy(tmp_path, tmp_path / "venv/bin/python")
    install = install.replace("pip", "uv pip") if shutil.which("uv") else install  # a minute less
    # All test files are imported, but only some tests run again.
    script = f'. "{tmp_path}/venv/bin/activate" && {install} --quiet && {test} -k lists'
    for command in ((sys.executable, "-m", "venv", f"{tmp_path}/venv"), ("sh", "-c", script)):
        code, output = project.execute(*command)
        assert code == 0, output[-3000:]

    local = ChaliceLocal(project)
    token = sign_in(local.wait_until_serving())
    assert local.post(None) == 401
    assert local.post(token) == 201
    assert re.search(r"\d{6}", project.succeed("local", "mail", "--to", "ann@example.com"))
    assert local.command.interrupt() == 0
    assert_nothing_runs_in(project.folder)
