"""Static analysis of the stack, the package, the code and the dependencies.

Each finding is fixed or has a one-line reason: in deploy/resources.yaml, in the code, or below for
the template that Chalice generates. `make harden` installs the tools in a separate environment.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.package import package
from deploy.stages import read_stages
from tests.conftest import AddToReport
from tools.project import PROJECT

_PROMISE = "The stack passes security checks"
_TOOLS = PROJECT / ".venv" / ".harden" / "bin"

# Checks that the packaged template fails, each with the reason why that is acceptable.
_ACCEPTED = {
    "CKV_AWS_115": "the gateway limits requests; small accounts cannot reserve concurrency",
    "CKV_AWS_116": "API Gateway invokes the function synchronously; there is no queue",
    "CKV_AWS_117": "it calls only DynamoDB, with IAM; a VPC would add a NAT and no protection",
    "CKV_AWS_120": "a cache would return outdated orders, also to other users",
    "CKV_AWS_158": "CloudWatch's key encrypts them; no line contains a token, an order or a name",
    "CKV_AWS_26": "alarms have no personal data, and CloudWatch may not use AWS's key for topics",
    "CKV_AWS_173": "the variables contain no secret; AWS encrypts them with its own key",
}


def run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a tool, away from settings that it might find in the project."""
    command = [str(_TOOLS / tool), *arguments]
    return subprocess.run(command, cwd=_TOOLS, capture_output=True, text=True, check=False)


@pytest.fixture
def packaged_template(tmp_path: Path) -> Path:
    """Return the template of the function and API of prod."""
    package("prod", read_stages()["prod"].region, tmp_path / "package")
    return tmp_path / "package" / "sam.json"


def checkov(template: Path) -> tuple[set[str], int]:
    """Return the failed checks and the number of all checks."""
    process = run(
        *["checkov", "--file", str(template), "--framework", "cloudformation"],
        *["--skip-download", "--output", "json", "--quiet"],
    )
    report: dict[str, Any] = json.loads(process.stdout)
    summary = report["summary"]
    assert summary["parsing_errors"] == 0
    failed = {check["check_id"] for check in report["results"]["failed_checks"]}
    return failed, summary["passed"] + summary["failed"] + summary["skipped"]


def test_checkov_accepts_the_stacks(packaged_template: Path, add_to_report: AddToReport) -> None:
    stacks = (PROJECT / "deploy" / name for name in ("account.yaml", "resources.yaml"))
    for template in (*stacks, packaged_template):
        failed, checks = checkov(template)
        assert failed == (set(_ACCEPTED) if template == packaged_template else set()), template
        add_to_report(_PROMISE, f"checkov on {template.name}, checks", checks)


def test_cfn_lint_accepts_the_package(packaged_template: Path, add_to_report: AddToReport) -> None:
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(packaged_template)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout) == (0, "")
    add_to_report(_PROMISE, "cfn-lint on the packaged template", 1)


def test_bandit_accepts_the_code(add_to_report: AddToReport) -> None:
    sources = ("app.py", "chalicelib", "local", "deploy", "tools", "coffee_client")
    settings = str(PROJECT / "pyproject.toml")
    # --quiet keeps the progress bar out of the report.
    process = run(
        *["bandit", "--quiet", "--configfile", settings, "--recursive", "--format", "json"],
        *[str(PROJECT / source) for source in sources],
    )
    report = json.loads(process.stdout)
    assert report["results"] == report["errors"] == []
    add_to_report(_PROMISE, "bandit, lines of code", report["metrics"]["_totals"]["loc"])


@pytest.mark.parametrize("lock", ["requirements-dev.txt", "requirements-notebook.txt"])
def test_no_dependency_has_an_advisory(lock: str, add_to_report: AddToReport) -> None:
    """No dependency has an advisory on PyPI. Without access to PyPI, it skips; in CI, it fails.

    Both locks have all that requirements-run.txt has.
    """
    process = run(
        *["pip-audit", "--strict", "--disable-pip", "--require-hashes", "--format", "json"],
        *["--requirement", str(PROJECT / lock)],
    )
    if not process.stdout.strip():
        reason = f"PyPI's advisories are not reachable: {process.stderr.strip()[-200:]}"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    dependencies = json.loads(process.stdout)["dependencies"]
    assert [dependency for dependency in dependencies if dependency.get("vulns")] == []
    add_to_report(_PROMISE, f"pip-audit, {lock}", len(dependencies))
