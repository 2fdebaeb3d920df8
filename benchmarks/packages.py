"""Each program of the field as Lambda would have it: an unzipped deployment package.

A package has no bytecode, for a zip has none and Lambda's file system takes none: the
interpreter compiles it at every cold start. boto3 lies outside of it, with bytecode, as in
Lambda's runtime. Chalice's programs are packaged by `chalice package`, the others as their
users do it: `pip install --target`, and their own files on top.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.field import CHALICE, FIELD, HERE, OURS, VARIANTS, Program
from deploy.package import forget_bytecode
from deploy.project import PROJECT

# What the programs are told. Nothing of it is real.
SETTINGS = {
    "STAGE": "local",
    "ORDERS_TABLE": "orders",
    "USER_POOL_ARN": "arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/pool",
    "CLIENT_ID": "client",
    "AWS_DEFAULT_REGION": "ap-southeast-2",
    "AWS_REGION": "ap-southeast-2",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "test",
}


class Packages(NamedTuple):
    """Where the packages are, unzipped, and the libraries of Lambda's runtime."""

    folder: Path
    runtime: Path
    pip: Path
    boto3_zipped: int  # bytes that boto3 and what it needs would add to a zip

    @property
    def bundled(self) -> "Packages":
        """Return the same packages as they would be with boto3 in the zip: without bytecode."""
        return self._replace(runtime=self.folder / "bundled")

    def of(self, program: Program) -> Path:
        """Return a program's unzipped package."""
        return self.folder / program.name

    def zipped(self, program: Program) -> int:
        """Return how large a program's zip is, in bytes."""
        return (self.folder / f"{program.name}.zip").stat().st_size


def build(folder: Path) -> Packages:
    """Make everything anew in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder = folder.resolve()
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = folder / "venv/bin/pip"
    runtime = folder / "runtime"
    install(pip, HERE / "requirements.txt", runtime, bytecode=True)
    bundled = folder / "bundled"  # as in a zip: the same, but without bytecode
    install(pip, HERE / "requirements.txt", bundled)
    packages = Packages(folder, runtime, pip, _zip(bundled, folder / "bundled.zip"))
    for program in FIELD:
        zipped = folder / f"{program.name}.zip"
        if program in (OURS, CHALICE):
            project = PROJECT if program is OURS else VARIANTS / program.name
            _chalice_package(project, folder / "chalice")
            shutil.copy(folder / "chalice/deployment.zip", zipped)
        else:
            made = folder / "made" / program.name
            made.mkdir(parents=True)
            requirements = VARIANTS / program.name / "requirements.txt"
            if requirements.exists():
                install(pip, requirements, made)
            shutil.copy(VARIANTS / program.name / "app.py", made)
            _zip(made, zipped)
        with zipfile.ZipFile(zipped) as content:
            content.extractall(packages.of(program))
    return packages


def install(pip: Path, requirements: Path, target: Path, *, bytecode: bool = False) -> None:
    """Install what a file of requirements names into a folder."""
    options = ["--quiet", "--disable-pip-version-check"]
    options.append("--compile" if bytecode else "--no-compile")
    # Not from here: the project's own folder is nothing that pip should compare with.
    subprocess.run(
        [pip, "install", *options, "--target", target, "-r", requirements],
        cwd=target.parent,
        check=True,
    )
    shutil.rmtree(target / "bin", ignore_errors=True)


def _chalice_package(project: Path, out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)
    chalice = str(Path(sys.executable).with_name("chalice"))
    forget_bytecode(project)
    subprocess.run(
        [chalice, "--project-dir", str(project), "package", "--stage", "local", str(out)],
        env={**os.environ, **SETTINGS, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _zip(folder: Path, out: Path) -> int:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                zipped.write(file, file.relative_to(folder))
    return out.stat().st_size
