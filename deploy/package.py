"""The deployment package: what `chalice package` and `chalice deploy` put on Lambda."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from deploy.errors import CommandError
from deploy.gateway import template_extras
from deploy.project import PROJECT, chalice_command


class ChaliceError(CommandError):
    """Chalice failed; the message is Chalice's own."""


def chalice(*words: str, quiet: bool = False) -> None:
    """Run a Chalice command on this project. Raises ChaliceError."""
    forget_bytecode(PROJECT)
    done = subprocess.run(
        chalice_command(*words),
        cwd=PROJECT,
        # Wheels for Lambda's processor Chalice asks for by name; so their hashes count, too.
        env={**os.environ, "PIP_CONSTRAINT": "requirements.txt", "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        # Chalice shows a stack trace; what went wrong is what follows the last error's name.
        *_, reason = done.stderr.strip().rpartition("Error: ")
        raise ChaliceError(f"chalice {words[0]}: {reason.strip()}")


def forget_bytecode(project: Path) -> None:
    """Remove what Python has cached in `chalicelib`: Chalice would ship it, and Lambda not use it.

    Bytecode goes by the time of its source, and in Chalice's zip every file is of 1980.
    """
    for cached in (project / "chalicelib").rglob("__pycache__"):
        shutil.rmtree(cached, ignore_errors=True)  # others may be loading from it just now


def package(stage: str, out: Path) -> None:
    """Write the stage's deployment package to `out`: `sam.json` and `deployment.zip`.

    Raises ChaliceError.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json") as extras:
        json.dump(template_extras(stage), extras)
        extras.flush()
        chalice(
            *["package", "--stage", stage, "--merge-template", extras.name, str(out)], quiet=True
        )
    _expect_all_dependencies(out / "deployment.zip")


def _expect_all_dependencies(package: Path) -> None:
    """Make sure that all of requirements.txt is in the package: Chalice would go on without."""
    with zipfile.ZipFile(package) as zipped:
        there = {name.partition("/")[0] for name in zipped.namelist()}
    # A line with a marker (`; python_version ...`) may not be for Lambda's Python.
    lines = (PROJECT / "requirements.txt").read_text()
    pinned = re.findall(r"^([\w.-]+)==([\w.]+) \\$", lines, re.MULTILINE)
    missing = [
        f"{name}=={version}"
        for name, version in pinned
        if f"{name.replace('-', '_')}-{version}.dist-info" not in there
    ]
    if missing:
        # Or else Chalice would take what it has just made for the next package, too.
        shutil.rmtree(PROJECT / ".chalice" / "deployments", ignore_errors=True)
        raise ChaliceError(
            f"chalice package: {', '.join(missing)} cannot be had for Lambda: there is no wheel, "
            "it has another hash than in requirements.txt, or the registry cannot be reached"
        )
