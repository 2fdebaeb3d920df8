"""The unzipped deployment package, and the libraries of Lambda's runtime."""

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
# Packages that neither chalice, boto3 nor requirements.txt installs.
_HIDDEN_PACKAGES = [
    "jwt",
    "cryptography",
    "requests",
    "rich",
    "ministack",
    "moto",
    "pytest",
    "coffee_client",
]
_SITECUSTOMIZE = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {_HIDDEN_PACKAGES!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


def build(out: Path) -> Path:
    """Run `chalice package` in a copy, without the packages that it must not need."""
    site_folder = out / "hidden"
    site_folder.mkdir()
    (site_folder / "sitecustomize.py").write_text(_SITECUSTOMIZE)
    project = Project(out / "project", {**os.environ, **STAGE, "PYTHONPATH": str(site_folder)})
    code, output = project.chalice("package", "--stage", "local", str(out))
    assert code == 0, output
    with zipfile.ZipFile(out / "deployment.zip") as zipped:
        zipped.extractall(out / "unzipped")
    return out


def lambda_libraries(folder: Path) -> Path:
    """Link the libraries of Lambda's runtime into a folder.

    `make test-sdk` sets SDK_FOLDER to a folder with other versions.
    """
    installed = Path(os.environ.get("SDK_FOLDER") or sysconfig.get_path("purelib"))
    for name in ("botocore", "dateutil", "jmespath", "six.py", "urllib3"):
        (folder / name).symlink_to(installed / name)
    return folder


def run_isolated(code: str, *arguments: str, **environment: str) -> list[Any]:
    """Run code as on Lambda, without this environment's packages; return its JSON lines."""
    process = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", code, *arguments],
        env={**STAGE, "AWS_LAMBDA_FUNCTION_NAME": "coffee-orders-local", **environment},
        check=True,
        stdout=subprocess.PIPE,
    )
    return [json.loads(line) for line in process.stdout.splitlines()]
