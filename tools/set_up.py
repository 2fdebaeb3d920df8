"""Set up a virtual environment from a lock file: `python -m tools.set_up VENV LOCK`.

The Makefile runs it before every command. It does nothing if the environment is complete;
otherwise it builds the environment again from nothing, so that no earlier state matters: an
interrupted set-up, another Python, a moved folder. The locks are complete, so nothing is
resolved: every package is installed by its hash, and `pip check` tells whether one is missing.

Standard library only, as nothing is installed yet.
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

from deploy import CommandError
from deploy.environment import without
from deploy.pip_settings import pip_environment, uv_environment, uv_options

_PROJECT = Path(__file__).parent.parent


def main() -> None:
    """Run the command line; print a failure as its message."""
    parser = argparse.ArgumentParser(description="Set up a virtual environment from a lock.")
    parser.add_argument("venv", type=Path)
    parser.add_argument("locks", type=Path, nargs="+", metavar="lock")
    parser.add_argument("--project", action="store_true", help="install this project as well")
    parser.add_argument("--this-python", action="store_true", help="require this Python version")
    words = parser.parse_args()
    # A shell starts background jobs with SIGINT ignored. Ctrl-C must end the set-up all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        # The Makefile blocks Ctrl-C while Python itself starts; a pending one comes now.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        set_up(words.venv, words.locks, project=words.project, this_python=words.this_python)
    except KeyboardInterrupt:
        print("\nStopped. The next `make` starts the set-up again.", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        sys.exit(f"Cannot set up {words.venv}: {error.strerror}: {error.filename}")
    except CommandError as error:
        sys.exit(f"Cannot set up {words.venv}: {error}")


def set_up(venv: Path, locks: list[Path], *, project: bool, this_python: bool) -> None:
    """Make sure that `venv` has the packages of the locks. Raises CommandError or OSError.

    The environment is built from the first lock; the packages of the others are added to it. With
    `this_python`, an environment of another Python version is built again. A linked environment
    belongs to another folder, which looks after it.
    """
    if venv.is_symlink() or not _missing(venv, locks, project, this_python):
        return
    with Path(__file__).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two commands at once: the second one waits
        for lock, why in _missing(venv, locks, project, this_python):
            with_project = project and lock == locks[0]
            installer = "uv" if shutil.which("uv") else "pip"
            print(f"Setting up {venv}: {lock} with {installer} ({why}) ...", flush=True)
            if lock == locks[0]:
                _create(venv)
            install(venv.resolve() / "bin" / "python", lock, project=with_project)
            fingerprint = _fingerprint(venv, lock, project=with_project)
            _stamp(venv, lock).write_text(json.dumps(fingerprint, indent=2))


def install(python: Path, lock: Path, *, project: bool) -> None:
    """Install the packages of a lock, by their hashes, and check that none is missing.

    Raises CommandError.
    """
    pip = pip_environment(str(python), os.environ)
    words = ["--no-deps", "--require-hashes", f"--requirement={lock}"]
    if not _uv(python, words, pip):
        _pip(python, pip, "install", "-qq", *words)
    if project:
        here = ["--no-deps", "--no-build-isolation", "--editable", str(_PROJECT)]
        _pip(python, pip, "install", "-qq", *here)
    _pip(python, pip, "check", output=subprocess.PIPE)


def _create(venv: Path) -> None:
    """Create an empty environment in place of the present one."""
    if venv.exists():
        shutil.rmtree(venv)
    # This Python may be of the environment that was just removed, so the one behind it is used.
    base = getattr(sys, "_base_executable", sys.executable)
    created = subprocess.run(
        [base, "-m", "venv", venv],
        env=without(os.environ, "PIP_", "PYTHON"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if created.returncode:
        raise CommandError(created.stdout.strip())


def _uv(python: Path, words: list[str], pip: dict[str, str]) -> bool:
    """Install with uv if there is one. Returns False if pip has to do it."""
    uv = shutil.which("uv")
    if uv is None:
        return False
    done = subprocess.run(
        [
            *[uv, "pip", "install", "--quiet", "--no-config", f"--python={python}"],
            *uv_options(pip, os.environ),
            *words,
        ],
        env=uv_environment(pip, os.environ),
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"uv failed, so pip installs the packages. uv said:\n{done.stderr.strip()}")
    return done.returncode == 0


def _pip(python: Path, env: dict[str, str], *words: str, output: int | None = None) -> None:
    done = subprocess.run(
        [python, "-m", "pip", *words], env=env, stdout=output, text=True, check=False
    )
    if done.returncode:
        raise CommandError(f"pip {words[0]} failed. {done.stdout or ''}".strip())


def _missing(
    venv: Path, locks: list[Path], project: bool, this_python: bool
) -> list[tuple[Path, str]]:
    """Return the locks that have to be installed, each with the reason."""
    why = {
        lock: _difference(
            venv, lock, _fingerprint(venv, lock, project=project and lock == locks[0]), this_python
        )
        for lock in locks
    }
    if why[locks[0]]:  # the environment is built again, so everything has to be added again
        return [(lock, why[locks[0]]) for lock in locks]
    return [(lock, why[lock]) for lock in locks if why[lock]]


def _difference(venv: Path, lock: Path, wanted: dict[str, str], this_python: bool) -> str:
    """Return why a lock has to be installed; "" if it is installed."""
    try:
        found = json.loads(_stamp(venv, lock).read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return "not installed yet"
    if found["folder"] != wanted["folder"]:
        return "the folder was moved"
    if not (venv / "bin" / "python").exists():
        return "its Python is missing"
    if this_python and found["python"] != wanted["python"]:
        return f"it has Python {found['python']}, not {wanted['python']}"
    return "" if found["packages"] == wanted["packages"] else "the requirements changed"


def _fingerprint(venv: Path, lock: Path, *, project: bool) -> dict[str, str]:
    """Return what an environment depends on. Scripts in it hold its path, so that counts too."""
    inputs = [lock, _PROJECT / "pyproject.toml"] if project else [lock]
    content = b"".join(each.read_bytes() for each in inputs)
    return {
        "folder": str(venv.resolve()),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "packages": hashlib.sha256(content).hexdigest(),
    }


def _stamp(venv: Path, lock: Path) -> Path:
    """Return the note in an environment that a lock is installed completely."""
    return venv / f".{lock.stem}.ready"


if __name__ == "__main__":
    main()
