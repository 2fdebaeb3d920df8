"""Sets up a virtual environment from locks: `python -m tools.set_up .venv LOCK...`.

The Makefile calls it before every command. It does nothing if the packages of these locks are
installed. A lock names every package with its version and hashes, so pip resolves nothing. An
environment whose set-up was interrupted, that was moved, or that has another Python is made again.

It imports only the standard library, because nothing is installed yet.
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
from typing import Any

_PROJECT = Path(__file__).parent.parent
# Settings of pip and uv that say where packages come from. Others, such as PIP_TARGET or PIP_USER,
# would change what is installed where.
_SOURCES = re.compile(
    "(PIP|UV)_(INDEX|DEFAULT_INDEX|EXTRA_INDEX|NO_INDEX|FIND_LINKS|CERT|CLIENT_CERT|PROXY|OFFLINE|"
    "TRUSTED_HOST|INSECURE_HOST|KEYRING|CONFIG_FILE|CACHE|NO_CACHE|.*TIMEOUT|RETRIES|SYSTEM_CERTS)"
)


def main() -> None:
    """Set up an environment; print an error as one line."""
    venv, *locks = (Path(argument) for argument in sys.argv[1:])
    try:
        set_up(venv, locks)
    except KeyboardInterrupt:
        print("\nStopped. The next `make` sets up again.", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        sys.exit(f"Cannot set up {venv}: {error.strerror}: {error.filename}")
    except subprocess.CalledProcessError as error:
        sys.exit(
            f"Cannot set up {venv}: {' '.join(map(str, error.cmd[2:4]))} has failed, see above"
        )


def set_up(venv: Path, locks: list[Path]) -> None:
    """Install this project and the packages of the locks, unless they are installed.

    The stamp, a file in the environment, says that this project has made it, and what is installed.
    Exits with a message if it is missing. Raises OSError or CalledProcessError.
    """
    stamp = venv / ".coffee-orders.json"
    with Path(__file__).open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another set-up waits
        if not stamp.exists() and venv.exists() and any(venv.iterdir()):
            sys.exit(f"{venv} is not from this project, so it stays as it is: move or delete it")
        state = json.loads(stamp.read_text()) if stamp.exists() else {}
        identity = {"folder": str(venv.resolve()), "python": f"3.{sys.version_info.minor}"}
        if not state.items() >= identity.items() or not (venv / "bin/python").exists():
            state = identity
            _create(venv, stamp)
        hashes = {lock.name: hashlib.sha256(lock.read_bytes()).hexdigest() for lock in locks}
        missing = [lock for lock in locks if state.get(lock.name) != hashes[lock.name]]
        if missing:
            stamp.write_text("{}")  # after an interruption, everything is made again
            try:
                _install(venv / "bin/python", missing)
                state |= hashes
            except subprocess.CalledProcessError:
                stamp.write_text(json.dumps(state))  # pip has installed nothing
                raise
            stamp.write_text(json.dumps(state))


def _create(venv: Path, stamp: Path) -> None:
    """Make an empty environment, in which the stamp stays all the time."""
    venv.mkdir(exist_ok=True)
    stamp.write_text("{}")
    for path in venv.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path != stamp:
            path.unlink()
    # This Python may be that of the environment which was just emptied.
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", venv], env=pip_environment(), check=True)


def _install(python: Path, locks: list[Path]) -> None:
    pip: list[Any] = [python, "-m", "pip", "install", "--no-deps"]
    options = ["--require-hashes", *(f"--requirement={lock}" for lock in locks)]
    pins = {pin for lock in locks for pin in re.findall(r"^[\w.-]+==", lock.read_text(), re.M)}
    uv = shutil.which("uv")
    print(f"Setting up {python.parents[1]} with {uv or 'pip'}: {len(pins)} packages", flush=True)
    uv_pip: list[Any] = [uv, "pip", "install", "--no-deps", "--quiet", f"--python={python}"]
    if not uv or subprocess.run([*uv_pip, *options], env=pip_environment(), check=False).returncode:
        _run_pip([*pip, *options])
    if "setuptools==" in pins:  # which builds this project
        project = ["--quiet", "--no-build-isolation", f"--editable={_PROJECT}"]
        subprocess.run([*pip, *project], env=pip_environment(), check=True)


def _run_pip(command: list[Any]) -> None:
    """Run pip, also if uv has failed, and print a line for every ten packages."""
    count = 0
    with subprocess.Popen(command, env=pip_environment(), stdout=subprocess.PIPE, text=True) as pip:
        for line in pip.stdout or ():
            word = line.partition(" ")[0]
            count += word == "Collecting"
            if word == "Installing" or (word == "Collecting" and count % 10 == 0):
                print(f"  {word} {count} packages ...", flush=True)
    if pip.returncode:
        raise subprocess.CalledProcessError(pip.returncode, command)


def pip_environment() -> dict[str, str]:
    """Return the environment of pip and uv: the user's, with only the package sources of theirs."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "UV_", "PYTHON", "VIRTUAL_ENV")) or _SOURCES.match(name)
    } | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


if __name__ == "__main__":
    main()
