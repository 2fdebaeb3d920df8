"""The unzipped deployment packages of all programs.

`chalice package` builds the Chalice programs, `pip install --target` the others. Each package
exists with hash-checked bytecode, as `make package` adds it, and without bytecode, which is the
default of these tools. boto3 has a folder of its own and bytecode, as in Lambda's runtime.
"""

import compileall
import os
import shutil
import subprocess
import sys
import zipfile
from itertools import product
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import NamedTuple

from benchmarks.programs import BASELINE, CHALICE, COFFEE_ORDERS, FOLDER, PEERS, Program
from tools.project import PROJECT

# The environment of every program.
SETTINGS = {
    "STAGE": "local",
    "ORDERS_TABLE": "orders",
    "SHOPS_TABLE": "shops",
    "USER_POOL_ARN": "arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/pool",
    "CLIENT_ID": "client",
    "ORDERS_PER_MINUTE": "1000000",
    "AWS_LAMBDA_FUNCTION_NAME": "orders",
    "AWS_DEFAULT_REGION": "ap-southeast-2",
    "AWS_REGION": "ap-southeast-2",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "test",
}


class Packages(NamedTuple):
    """The unzipped packages in `folder`. `sdk` has the libraries of Lambda's runtime."""

    folder: Path
    programs: tuple[Program, ...]

    @property
    def sdk(self) -> Path:
        """Return the folder with boto3 and its dependencies."""
        return self.folder / "sdk"

    def package_folder(self, program: Program, *, bytecode: bool = True) -> Path:
        """Return a program's unzipped package."""
        return self.folder / ("bytecode" if bytecode else "source") / program.name

    def zip_sizes(self) -> dict[str, dict[str, list[float]]]:
        """Return the sizes of the zips in MB, with bytecode and without, by program."""
        sizes: dict[str, dict[str, list[float]]] = {"zip": {}, "zip without bytecode": {}}
        for program, (name, size) in product(self.programs, sizes.items()):
            folder = self.package_folder(program, bytecode=name == "zip")
            size[program.name] = [folder.with_suffix(".zip").stat().st_size / 1e6]
        return sizes

    def trust(self, certificate: str) -> None:
        """Add a certificate in PEM to the certificate authorities of all programs."""
        for bundle in self.folder.rglob("*.pem"):
            bundle.write_text(bundle.read_text() + certificate)


def build(folder: Path, baseline: str | None) -> Packages:
    """Build all packages in `folder`. `baseline` is a commit of this project to compare with."""
    shutil.rmtree(folder, ignore_errors=True)
    own = [COFFEE_ORDERS, BASELINE] if baseline else [COFFEE_ORDERS]
    packages = Packages(folder.resolve(), (*own, *PEERS))
    for program in packages.programs:
        packages.package_folder(program).mkdir(parents=True)
    _pip_install(FOLDER / "requirements.txt", packages.sdk, "--compile")
    projects = {COFFEE_ORDERS: PROJECT, CHALICE: CHALICE.folder}
    if baseline:
        projects[BASELINE] = _check_out(baseline, packages.folder / "checkout")
    for program in packages.programs:
        package = packages.package_folder(program)
        if program in projects:
            _chalice_package(projects[program], package)
        else:
            _pip_package(program, package)
        source = packages.package_folder(program, bytecode=False)
        shutil.copytree(package, source, ignore=shutil.ignore_patterns("__pycache__"))
        mode = PycInvalidationMode.CHECKED_HASH
        compileall.compile_dir(package, quiet=2, stripdir=package, invalidation_mode=mode)
        for package_folder in (package, source):
            shutil.make_archive(str(package_folder), "zip", package_folder)
    return packages


def _pip_package(program: Program, package: Path) -> None:
    if (requirements := program.folder / "requirements.txt").exists():
        _pip_install(requirements, package, "--no-compile")
    shutil.copy(program.folder / "app.py", package)
    if program.shared:
        shutil.copy(FOLDER / "variants/shared" / program.shared, package)


def _pip_install(requirements: Path, target: Path, option: str) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    arguments = ["--no-deps", option, "--target", str(target), "--requirement", str(requirements)]
    subprocess.run([*pip, *arguments], check=True)
    shutil.rmtree(target / "bin", ignore_errors=True)


def _chalice_package(project: Path, package: Path) -> None:
    chalice = str(Path(sys.executable).with_name("chalice"))
    out = package.with_name(f"{package.name}-chalice")
    subprocess.run(
        [chalice, "--project-dir", str(project), "package", "--stage", "local", str(out)],
        env={**os.environ, **SETTINGS, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    with zipfile.ZipFile(out / "deployment.zip") as content:
        content.extractall(package)


def _check_out(commit: str, folder: Path) -> Path:
    archive = folder.with_suffix(".tar")
    subprocess.run(["git", "archive", "--output", archive, commit], cwd=PROJECT, check=True)  # noqa: S607
    shutil.unpack_archive(archive, folder, filter="data")
    return folder
