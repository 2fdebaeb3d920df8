"""`make test-dynamodb` without npm, or without a working Java."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.project import PROJECT

_JDK = {"npm": "", "javac": "", "java": ""}


@pytest.mark.parametrize(
    ("programs", "message"),
    [
        ({}, "npm is missing: install "),
        ({"npm": ""}, "A Java Development Kit is missing: install "),
        (_JDK | {"java": "echo nonsense"}, "Java does not work: install "),
        (_JDK | {"java": "echo 'Unable to locate a Java Runtime.' >&2; exit 1"}, "Java does not"),
        (_JDK | {"java": "echo 'java version \"1.8.0_392\"' >&2"}, "Java 1.8.0_392 is too old: "),
    ],
)
def test_missing_program_is_an_error_of_one_line(
    tmp_path: Path, programs: dict[str, str], message: str
) -> None:
    for name, script in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    process = subprocess.run(
        [sys.executable, "-m", "tests.dynamodb_local"],
        cwd=PROJECT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    (line,) = process.stderr.splitlines()
    assert line.startswith(message)
