"""The set-up from nothing, with each installed Python and with old versions of pip.

`make test-setup` runs it, because it takes minutes; `ONLY=23.2.1` selects some tests. Nothing here
uses pip's cache.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import execute
from tests.e2e.project import Project
from tools.environment import without_variables
from tools.project import PROJECT

# 22.3 and 23.2.1 came with Python 3.11.0 and with 3.11.7 and 3.12.1.
_PIPS = ["22.3", "23.0.1", "23.2.1", "newest"]


def pythons() -> list[str]:
    """Return the Pythons on the PATH that the project supports."""
    paths = [shutil.which(f"python3.{minor}") for minor in range(11, 20)]
    return [path for path in paths if path and _works(path)] or [sys.executable]


def _works(python: str) -> bool:
    # pyenv has a shim also for a version that is not activated.
    return subprocess.run([python, "--version"], capture_output=True, check=False).returncode == 0


def clean_environment(**variables: str) -> dict[str, str]:
    """Return an environment without uv and pip's cache, but with this one's package sources."""
    uv = shutil.which("uv")
    folders = os.environ["PATH"].split(os.pathsep)
    path = [folder for folder in folders if not uv or not Path(folder, "uv").exists()]
    environment = without_variables(os.environ, "MAKE", "MFLAGS", "VIRTUAL_ENV", "PYTHON")
    return {**environment, "PATH": os.pathsep.join(path), "PIP_NO_CACHE_DIR": "1", **variables}


@pytest.mark.parametrize("python", pythons())
def test_make_demo_works_in_a_fresh_copy(python: str, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", {})
    environment = clean_environment(PYTHON=python)
    code, output = execute(["make", "demo"], project.folder, environment, timeout=900)
    assert code == 0, output
    assert "201 placed" in output


@pytest.mark.parametrize("lock", ["requirements-dev", "requirements-notebook"])
@pytest.mark.parametrize("pip", _PIPS)
def test_any_pip_installs_the_lock(pip: str, lock: str, tmp_path: Path) -> None:
    python = _python_with_pip(tmp_path, "pip" if pip == "newest" else f"pip=={pip}")
    _install(python, lock, clean_environment())


def test_uv_installs_the_lock_with_any_user_settings(tmp_path: Path) -> None:
    (version,) = re.findall(r"^uv==(\S+)", (PROJECT / "requirements-harden.in").read_text(), re.M)
    uv = _python_with_pip(tmp_path / "tools", f"uv=={version}").parent
    python = _python_with_pip(tmp_path, "pip")
    settings = tmp_path / "uv.toml"
    settings.write_text('[pip]\ntarget = "/no/such/folder"\nexclude-newer = "2020-01-01"\n')
    environment = clean_environment(
        PATH=f"{uv}{os.pathsep}{os.environ['PATH']}",
        UV_CONFIG_FILE=str(settings),
        UV_EXCLUDE_NEWER="2020-01-01",
        UV_NO_BINARY="1",
        UV_SYSTEM_PYTHON="1",
        UV_PYTHON="/no/such/python",
        UV_BREAK_SYSTEM_PACKAGES="1",
    )
    assert "uv failed" not in _install(python, "requirements-dev", environment)


def _python_with_pip(folder: Path, package: str) -> Path:
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--upgrade", package], check=True)
    return python


def _install(python: Path, lock: str, environment: dict[str, str]) -> str:
    """Install a lock as the set-up does, and check that this Python can use it."""
    code = (
        "import sys; from pathlib import Path; from tools.set_up import install; "
        f"install(Path({str(python)!r}), Path('{lock}.txt'), project=False)"
    )
    arguments = [sys.executable, "-E", "-c", code]
    exit_code, output = execute(arguments, PROJECT, environment, timeout=900)
    assert exit_code == 0, output
    subprocess.run([python, "-c", "import boto3, chalice, ministack, pytest_cov"], check=True)
    return output
