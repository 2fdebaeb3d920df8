"""Static analysis of the stack, the package and the dependencies. `make lint` analyses the code.

Each finding is fixed or has a one-line reason: in deploy/resources.yaml, or below for the template
that Chalice generates. `make harden` installs the tools in a separate environment.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import AddToReport
from tools.project import PROJECT

_PROMISE = "The stack passes security checks"
_TOOLS = PROJECT / ".venv" / ".harden" / "bin"
pytestmark = pytest.mark.skipif(not _TOOLS.exists(), reason="only `make harden` installs its tools")

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


def test_checkov_accepts_the_stacks(package: Path, add_to_report: AddToReport) -> None:
    stacks = (PROJECT / "deploy" / name for name in ("account.yaml", "resources.yaml"))
    for template in (*stacks, package / "sam.json"):
        process = run(
            *["checkov", "--file", str(template), "--framework", "cloudformation"],
            *["--skip-download", "--output", "json", "--quiet"],
        )
        report = json.loads(process.stdout)
        summary = report["summary"]
        assert summary["parsing_errors"] == 0
        failed = {check["check_id"] for check in report["results"]["failed_checks"]}
        assert failed == (set(_ACCEPTED) if template.suffix == ".json" else set()), template
        checks = summary["passed"] + summary["failed"] + summary["skipped"]
        add_to_report(_PROMISE, f"checkov on {template.name}, checks", checks)


def test_cfn_lint_accepts_the_package(package: Path, add_to_report: AddToReport) -> None:
    command = [str(Path(sys.executable).with_name("cfn-lint")), str(package / "sam.json")]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout) == (0, "")
    add_to_report(_PROMISE, "cfn-lint on the packaged template", 1)


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
