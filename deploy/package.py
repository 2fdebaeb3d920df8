"""The deployment package, which `chalice package` and `chalice deploy` build."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from deploy.gateway import template_extras
from tools import CommandError, project
from tools.environment import without_aws_settings
from tools.project import PROJECT, chalice_command
from tools.set_up import pip_environment


def chalice(*arguments: str, quiet: bool = False, region: str | None = None) -> None:
    """Run a Chalice command on this project. Raises CommandError.

    With a `region`, Chalice gets no other AWS settings of the user.
    """
    environment = pip_environment()  # Chalice runs pip
    if region:
        environment = without_aws_settings(environment) | {"AWS_DEFAULT_REGION": region}
    # Chalice requests Lambda's wheels by name. With the lock as constraint, pip checks hashes.
    environment["PIP_CONSTRAINT"] = "requirements.lock"
    process = subprocess.run(
        chalice_command(*arguments),
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if process.returncode:
        # Chalice prints a stack trace. The reason follows the last error's name.
        *_, reason = process.stderr.strip().rpartition("Error: ")
        raise CommandError(f"chalice {arguments[0]}: {reason.strip()}")


def package(stage: str, out: Path) -> None:
    """Write the stage's deployment package to `out`: `sam.json` and `deployment.zip`.

    Raises CommandError.
    """
    settings = project.settings(stage)
    environment = dict(os.environ) | settings["environment_variables"]
    if "ORDERS_TABLE" not in environment:
        raise CommandError(
            f"STAGE={stage}: .chalice/config.json does not have its table and user pool yet: "
            f"run `make stack STAGE={stage}` first"
        )
    pool = re.match(r"arn:[\w-]+:cognito-idp:([\w-]+):", environment.get("USER_POOL_ARN", ""))
    if pool is None:
        raise CommandError("USER_POOL_ARN is not the ARN of a Cognito user pool")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as extras:
        json.dump(template_extras(stage, tracing=bool(settings.get("xray"))), extras)
        extras.flush()
        chalice(
            *["package", "--stage", stage, "--merge-template", extras.name, str(out)],
            quiet=True,
            region=pool[1],
        )
    _require_all_dependencies(out / "deployment.zip")


def _require_all_dependencies(package: Path) -> None:
    """Raise CommandError if a package of requirements.lock is missing: Chalice does not."""
    with zipfile.ZipFile(package) as zip_file:
        folders = {name.partition("/")[0] for name in zip_file.namelist()}
    # Lines with a marker (`; python_version ...`) are left out.
    lines = (PROJECT / "requirements.lock").read_text()
    requirements = re.findall(r"^([\w.-]+)==([\w.]+) \\$", lines, re.MULTILINE)
    missing = [
        f"{name}=={version}"
        for name, version in requirements
        if f"{name.replace('-', '_')}-{version}.dist-info" not in folders
    ]
    if missing:
        # Otherwise Chalice reuses the incomplete package.
        shutil.rmtree(PROJECT / ".chalice" / "deployments", ignore_errors=True)
        raise CommandError(
            f"chalice package: {', '.join(missing)} cannot be packaged for Lambda: "
            "there is no wheel, it has another hash than in requirements.lock, or the registry "
            "cannot be reached"
        )
