"""The deployment package, unzipped as on Lambda, and what its code does there."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

from tests.e2e.project import Project

STAGE = {
    "STAGE": "local",
    "ORDERS_TABLE": "orders",
    "SHOPS_TABLE": "shops",
    "USER_POOL_ARN": "arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/pool",
    "CLIENT_ID": "client",
    "AWS_DEFAULT_REGION": "ap-southeast-2",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
}
# What neither chalice, boto3 nor requirements.txt brings.
_ABSENT = [
    "jwt",
    "cryptography",
    "requests",
    "rich",
    "ministack",
    "moto",
    "pytest",
    "coffee_client",
]
_HIDE = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {_ABSENT!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


def build(out: Path) -> Path:
    """Run `chalice package` where only what it may need can be imported.

    On a copy, for Chalice keeps what it has built in the project, and others may build there.
    """
    project = Project(out / "project", {})
    hidden = out / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(_HIDE)
    chalice = str(Path(sys.executable).with_name("chalice"))
    subprocess.run(
        [chalice, "--project-dir", str(project.folder), "package", "--stage", "local", str(out)],
        env={**os.environ, **STAGE, "PYTHONPATH": str(hidden)},
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(out / "deployment.zip") as zipped:
        zipped.extractall(out / "unzipped")
    return out


def in_package(package: Path, code: str) -> Any:
    """Run code inside the unzipped package, with boto3 beside it as on Lambda."""
    done = subprocess.run(
        [sys.executable, "-c", f"import json\n{code}"],
        cwd=package / "unzipped",
        env={**STAGE, "PATH": os.environ["PATH"]},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def lambda_libraries(folder: Path) -> Path:
    """Fill a folder with the libraries that Lambda's runtime brings, and no other.

    SDK_FOLDER names a folder with other versions of them: `make test-sdk` sets it.
    """
    installed = Path(os.environ.get("SDK_FOLDER") or sysconfig.get_path("purelib"))
    for name in ("botocore", "dateutil", "jmespath", "six.py", "urllib3"):
        (folder / name).symlink_to(installed / name)
    return folder
