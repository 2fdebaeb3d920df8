"""Code of the deployment package, with the libraries of Lambda's runtime."""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

STAGE = {
    "STAGE": "dev",
    "ORDERS_TABLE": "orders",
    "SHOPS_TABLE": "shops",
    "USER_POOL_ARN": "arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/pool",
    "CLIENT_ID": "client",
    "AWS_DEFAULT_REGION": "ap-southeast-2",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_LAMBDA_FUNCTION_NAME": "coffee-orders",
}


def run_packaged(package: Path, code: str, *arguments: str, **environment: str) -> list[Any]:
    """Run code with nothing but the package and Lambda's libraries; return its JSON lines.

    `make test-sdk` sets SDK_FOLDER to a folder with other versions of the libraries.
    """
    installed = Path(os.environ.get("SDK_FOLDER") or sysconfig.get_path("purelib"))
    with tempfile.TemporaryDirectory() as libraries:
        for name in ("botocore", "dateutil", "jmespath", "six.py", "urllib3"):
            Path(libraries, name).symlink_to(installed / name)
        path = f"import sys; sys.path[:0] = {[str(package / 'unzipped'), libraries]!r}\n"
        output = subprocess.check_output(
            [sys.executable, "-I", "-S", "-B", "-c", path + code, *arguments],
            env={**STAGE, **environment},
        )
    return [json.loads(line) for line in output.splitlines()]
