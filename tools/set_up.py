"""Sets up a virtual environment from lock files: `python -m tools.set_up VENV LOCK`.

The Makefile runs it before every command. It does nothing if the environment is complete. Otherwise
it creates the environment again, so it does not matter whether an earlier set-up was interrupted,
used another Python, or was moved. The locks are complete: packages are installed by their hashes
without dependency resolution, and `pip check` finds missing ones.

It imports only the standard library, because nothing is installed yet.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tools import CommandError
from tools.environment import without_variables
from tools.pip_settings import pip_environment, uv_environment, uv_options

_PROJECT = Path(__file__).parent.parent


def main() -> None:
    """Run the command line; print an error as its message."""
    parser = argparse.ArgumentParser(description="Set up a virtual environment from a lock.")
    parser.add_argument("venv", type=Path)
    parser.add_argument("locks", type=Path, nargs="+", metavar="lock")
    parser.add_argument("--project", action="store_true", help="install this project as well")
    parser.add_argument("--this-python", action="store_true", help="require this Python version")
    arguments = parser.parse_args()
    # A shell starts background jobs with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        # The Makefile blocks SIGINT while Python starts. A pending one is delivered now.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        set_up(
            arguments.venv,
            arguments.locks,
            project=arguments.project,
            this_python=arguments.this_python,
        )
    except KeyboardInterrupt:
        print("\nStopped. The next `make` starts the set-up again.", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        sys.exit(f"Cannot set up {arguments.venv}: {error.strerror}: {error.filename}")
    except CommandError as error:
        sys.exit(f"Cannot set up {arguments.venv}: {error}")


def set_up(venv: Path, locks: list[Path], *, project: bool, this_python: bool) -> None:
    """Make sure that `venv` has the packages of the locks. Raises CommandError or OSError.

    The environment is created from the first lock, and the packages of the others are added. With
    `this_python`, an environment of another Python version is created again. A linked environment
    is not changed.
    """
    if venv.is_symlink() or not _locks_to_install(venv, locks, project, this_python):
        return
    with Path(__file__).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another set-up waits
        for lock, reasons in _locks_to_install(venv, locks, project, this_python):
            with_project = project and lock == locks[0]
            installer = "uv" if shutil.which("uv") else "pip"
            print(f"Setting up {venv}: {lock} with {installer} ({reasons}) ...", flush=True)
            if lock == locks[0]:
                _create(venv)
            install(venv.resolve() / "bin" / "python", lock, project=with_project)
            fingerprint = _fingerprint(venv, lock, project=with_project)
            _fingerprint_file(venv, lock).write_text(json.dumps(fingerprint, indent=2))


def install(python: Path, lock: Path, *, project: bool) -> None:
    """Install the packages of a lock, and check that none is missing. Raises CommandError."""
    pip = pip_environment(str(python), os.environ)
    arguments = ["--no-deps", "--require-hashes", f"--requirement={lock}"]
    if not _uv(python, arguments, pip):
        _pip(python, pip, "install", "-qq", *arguments)
    if project:
        project_options = ["--no-deps", "--no-build-isolation", "--editable", str(_PROJECT)]
        _pip(python, pip, "install", "-qq", *project_options)
    _pip(python, pip, "check", output=subprocess.PIPE)


def _create(venv: Path) -> None:
    """Replace the environment by an empty one."""
    if venv.exists():
        shutil.rmtree(venv)
    # This Python may belong to the environment that was just removed.
    base = getattr(sys, "_base_executable", sys.executable)
    process = subprocess.run(
        [base, "-m", "venv", venv],
        env=without_variables(os.environ, "PIP_", "PYTHON"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if process.returncode:
        raise CommandError(process.stdout.strip())


def _uv(python: Path, arguments: list[str], pip: dict[str, str]) -> bool:
    """Install with uv; return False if uv is missing or fails."""
    uv = shutil.which("uv")
    if uv is None:
        return False
    process = subprocess.run(
        [
            *[uv, "pip", "install", "--quiet", "--no-config", f"--python={python}"],
            *uv_options(pip, os.environ),
            *arguments,
        ],
        env=uv_environment(pip, os.environ),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if process.returncode:
        print(f"uv failed, so pip installs the packages. uv said:\n{process.stderr.strip()}")
    return process.returncode == 0


def _pip(python: Path, env: dict[str, str], *arguments: str, output: int | None = None) -> None:
    process = subprocess.run(
        [python, "-m", "pip", *arguments], env=env, stdout=output, text=True, check=False
    )
    if process.returncode:
        raise CommandError(f"pip {arguments[0]} failed. {process.stdout or ''}".strip())


def _locks_to_install(
    venv: Path, locks: list[Path], project: bool, this_python: bool
) -> list[tuple[Path, str]]:
    """Return the locks that have to be installed, each with the reason."""
    reasons = {
        lock: _reason_to_install(
            venv, lock, _fingerprint(venv, lock, project=project and lock == locks[0]), this_python
        )
        for lock in locks
    }
    if reasons[locks[0]]:  # everything is installed again
        return [(lock, reasons[locks[0]]) for lock in locks]
    return [(lock, reasons[lock]) for lock in locks if reasons[lock]]


def _reason_to_install(venv: Path, lock: Path, expected: dict[str, str], this_python: bool) -> str:
    """Return the reason to install a lock; "" if it is installed."""
    try:
        fingerprint = json.loads(_fingerprint_file(venv, lock).read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "not installed yet"
    if fingerprint["folder"] != expected["folder"]:
        return "the folder was moved"
    if not (venv / "bin" / "python").exists():
        return "its Python is missing"
    if this_python and fingerprint["python"] != expected["python"]:
        return f"it has Python {fingerprint['python']}, not {expected['python']}"
    return "" if fingerprint["packages"] == expected["packages"] else "the requirements changed"


def _fingerprint(venv: Path, lock: Path, *, project: bool) -> dict[str, str]:
    """Return what an environment depends on, including its path, which its scripts contain."""
    inputs = [lock, _PROJECT / "pyproject.toml"] if project else [lock]
    content = b"".join(file.read_bytes() for file in inputs)
    return {
        "folder": str(venv.resolve()),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "packages": hashlib.sha256(content).hexdigest(),
    }


def _fingerprint_file(venv: Path, lock: Path) -> Path:
    """Return the file that is written when a lock is completely installed."""
    return venv / f".{lock.stem}.ready"


if __name__ == "__main__":
    main()
