"""Sets up a virtual environment from locks, with the standard library alone.

The Makefile calls `main` before every command. It does nothing if the packages of these locks are
installed. A lock names every package with its version and hashes, so pip resolves nothing. An
environment whose set-up was interrupted, that was moved, or that has another Python is made again.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# Settings of pip and uv that say where packages come from. Others, such as PIP_TARGET or PIP_USER,
# would change what is installed where.
_SOURCES = re.compile(
    "(PIP|UV)_.*(INDEX|FIND_LINKS|CERT|PROXY|OFFLINE|HOST|KEYRING|CONFIG_FILE|CACHE|TIMEOUT|RETRIES)"
)


def main() -> None:
    """Set up an environment; print an error as one line."""
    venv, *locks = (Path(argument) for argument in sys.argv[1:])
    try:
        set_up(venv, locks)
    except KeyboardInterrupt:
        print("\nStopped. The next `make` sets up again.", file=sys.stderr)
        sys.exit(130)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"Cannot set up {venv}: {error}")


def set_up(venv: Path, locks: list[Path]) -> None:
    """Install this project and the packages of the locks, unless they are installed.

    The stamp, a file in the environment, says that this project has made it, and what is installed.
    Exits with a message if it is missing, or if pip fails. Raises OSError or CalledProcessError.
    """
    stamp, python = venv / ".coffee-orders.json", venv / "bin/python"
    with Path(__file__).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another set-up waits
        if not stamp.exists() and venv.exists() and any(venv.iterdir()):
            sys.exit(f"{venv} is not from this project, so it stays as it is: move or delete it")
        state = json.loads(stamp.read_text()) if stamp.exists() else {}
        identity = {"folder": str(venv.resolve()), "python": f"3.{sys.version_info.minor}"}
        if not state.items() >= identity.items() or not python.exists():
            state = identity
            _create(venv, stamp)
        hashes = {lock.name: hashlib.sha256(lock.read_bytes()).hexdigest() for lock in locks}
        missing = [lock for lock in locks if state.get(lock.name) != hashes[lock.name]]
        if missing:
            stamp.write_text("{}")  # after an interruption, everything is made again
            is_installed = _install(python, missing)
            # If pip has failed, it has installed nothing.
            stamp.write_text(json.dumps(state | hashes if is_installed else state))
            if not is_installed:
                sys.exit(f"Cannot set up {venv}: pip install has failed, see above")


def _create(venv: Path, stamp: Path) -> None:
    """Make an empty environment with a stamp, also if it is interrupted."""
    # This Python may be that of the environment which is emptied.
    base = getattr(sys, "_base_executable", sys.executable)
    try:
        subprocess.run([base, "-m", "venv", "--clear", venv], env=pip_environment(), check=True)
    finally:
        stamp.write_text("{}")


def _install(python: Path, locks: list[Path]) -> bool:
    """Install the locks with uv if that is there, or else with pip; return whether that worked."""
    pip = [str(python), "-m", "pip", "install", "--no-deps"]
    options = ["--require-hashes", *(f"--requirement={lock}" for lock in locks)]
    pins = {pin for lock in locks for pin in re.findall(r"^[\w.-]+==", lock.read_text(), re.M)}
    uv = shutil.which("uv")
    print(f"Setting up {python.parents[1]} with {uv or 'pip'}: {len(pins)} packages", flush=True)
    uv_pip = [str(uv), "pip", "install", "--no-deps", "--quiet", f"--python={python}"]
    is_installed = bool(uv and _succeeds([*uv_pip, *options])) or _succeeds([*pip, *options])
    if is_installed and "setuptools==" in pins:  # which builds this project
        return _succeeds([*pip, "--quiet", "--no-build-isolation", "--editable=."])
    return is_installed


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, env=pip_environment(), check=False).returncode == 0


def pip_environment() -> dict[str, str]:
    """Return the environment of pip and uv: the user's, with only the package sources of theirs."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "UV_", "PYTHON", "VIRTUAL_ENV")) or _SOURCES.match(name)
    } | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
