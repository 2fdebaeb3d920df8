"""The deployment package: `chalice package`, with api.yaml and bytecode.

The zip is the same, byte by byte, for the same sources, so that a second deploy changes nothing.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from chalice.config import Config
from chalice.package import YAMLTemplateSerializer

from tools import CommandError, project
from tools.project import PROJECT, SERVICE_VARIABLES, chalice_command, without_aws_settings
from tools.set_up import pip_environment

_API_TEMPLATE = Path(__file__).with_name("api.yaml")


def runtime() -> str:
    """Return the runtime that Chalice chooses for the Python that runs this command."""
    return Config().lambda_python_version


def package(stage: str, region: str, out: Path) -> None:
    """Write a stage's package to `out`: `sam.json` and `deployment.zip`. Raises CommandError.

    It needs no access to AWS: CloudFormation resolves the names of the tables and the pool.
    """
    # Chalice's own YAML output would have aliases, which AWS does not accept.
    extras = YAMLTemplateSerializer().load_template(_API_TEMPLATE.read_text())
    tracing = bool(project.settings(stage).get("xray"))
    extras["Resources"]["RestAPI"]["Properties"]["TracingEnabled"] = tracing
    extras["Outputs"]["Runtime"] = {"Value": runtime()}
    out.mkdir(parents=True, exist_ok=True)
    (out / "api.json").write_text(json.dumps(extras))
    _run_chalice_package(stage, region, out)
    _add_bytecode(out / "deployment.zip")


def _run_chalice_package(stage: str, region: str, out: Path) -> None:
    environment = {
        **without_aws_settings(pip_environment()),  # Chalice runs pip
        **dict.fromkeys(SERVICE_VARIABLES, "placeholder"),
        "USER_POOL_ARN": f"arn:aws:cognito-idp:{region}:123456789012:userpool/placeholder",
        "AWS_DEFAULT_REGION": region,
        "STAGE": stage,
        # Chalice requests Lambda's wheels by name. With the lock as constraint, pip checks hashes.
        "PIP_CONSTRAINT": "requirements.lock",
    }
    command = chalice_command(
        "package", "--stage", stage, "--merge-template", str(out / "api.json"), str(out)
    )
    process = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    if process.returncode:
        # Chalice prints a stack trace. The reason follows the last error's name.
        raise CommandError(f"chalice package: {process.stderr.rpartition('Error: ')[2].strip()}")
    _, _, missing = process.stdout.partition("Could not install dependencies:\n")
    if missing:
        # Otherwise Chalice reuses the incomplete package.
        shutil.rmtree(PROJECT / ".chalice" / "deployments")
        raise CommandError(
            f"{missing.partition('You will')[0].strip()} cannot be packaged: there is no wheel for "
            "Lambda, it has another hash than in requirements.lock, or the index is not reachable"
        )


def _add_bytecode(package: Path) -> None:
    """Replace all bytecode in a zip by hash-checked bytecode (PEP 552) of this Python.

    Without it, Lambda would compile the sources at each start: a zip does not keep the times of
    files, which other bytecode refers to. segno, which draws QR codes for one route, gets none,
    because it would make the zip a fifth larger.
    """
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(package) as zip_file:
            unused = (".pyc", ".pyi")  # stubs are for editors
            names = [name for name in zip_file.namelist() if not name.endswith(unused)]
            zip_file.extractall(folder, names)
        # The paths in tracebacks are those in the zip.
        compileall = ("compileall", "-q", "--invalidation-mode", "checked-hash", "-x", "/segno/")
        subprocess.run([sys.executable, "-I", "-m", *compileall, "-s", folder, folder], check=True)
        with zipfile.ZipFile(package, "w") as zip_file:
            for file in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(str(file.relative_to(folder)))  # with the date 1980-01-01
                entry.external_attr = 0o644 << 16
                zip_file.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
