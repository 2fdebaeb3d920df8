"""The deployment package, unzipped as on Lambda, and the libraries that Lambda has."""

import os
import sysconfig
import zipfile
from pathlib import Path

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
_EXTRA = ["jwt", "cryptography", "requests", "rich", "ministack", "moto", "pytest", "coffee_client"]
_HIDE = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {_EXTRA!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""


def build(out: Path) -> Path:
    """Run `chalice package` where only what it may need can be imported.

    It runs in a copy, because Chalice keeps what it has built in the project.
    """
    hidden = out / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(_HIDE)
    project = Project(out / "project", {**os.environ, **STAGE, "PYTHONPATH": str(hidden)})
    code, printed = project.chalice("package", "--stage", "local", str(out))
    assert code == 0, printed
    with zipfile.ZipFile(out / "deployment.zip") as zipped:
        zipped.extractall(out / "unzipped")
    return out


def lambda_libraries(folder: Path) -> Path:
    """Fill a folder with the libraries that Lambda's runtime brings, and no other.

    SDK_FOLDER names a folder with other versions of them: `make test-sdk` sets it.
    """
    installed = Path(os.environ.get("SDK_FOLDER") or sysconfig.get_path("purelib"))
    for name in ("botocore", "dateutil", "jmespath", "six.py", "urllib3"):
        (folder / name).symlink_to(installed / name)
    return folder
