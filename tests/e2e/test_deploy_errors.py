"""Errors of `make deploy` and the other commands for AWS: what they print."""

import pytest

from deploy import stack
from local.emulator import LocalCloud
from tests.e2e.project import Project


@pytest.mark.parametrize("command", ["deploy", "status", "destroy", "stack", "smoke"])
@pytest.mark.parametrize("stage", ["local", "staging", ""])
def test_unknown_stage(aws_project: Project, command: str, stage: str) -> None:
    code, printed = aws_project.run("deploy", command, "--stage", stage)
    assert code == 2
    assert printed.strip() == (
        f"STAGE: {stage!r} is not one of 'dev', 'prod'. Example: make {command} STAGE=dev"
    )


@pytest.mark.parametrize(
    ("command", "environment", "message"),
    [
        (
            "deploy",
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            "No AWS credentials: log in with `aws sso login`",
        ),
        ("deploy", {"AWS_ACCESS_KEY_ID": "AKIANOBODY"}, "AWS rejects these credentials: "),
        ("deploy", {"AWS_DEFAULT_REGION": None}, "No region: set AWS_DEFAULT_REGION"),
        ("stack", {"ALARM_EMAIL": "nobody"}, "ALARM_EMAIL: 'nobody' is not an email address\n"),
    ],
)
def test_wrong_environment(
    aws_project: Project, command: str, environment: dict[str, str | None], message: str
) -> None:
    printed = aws_project.fail("deploy", command, "--stage", "dev", **environment)
    assert printed.startswith(message)


def test_failed_change_of_the_stack_has_cloudformations_reason(
    aws_project: Project, cloud: LocalCloud
) -> None:
    cloudformation = cloud.client("cloudformation")
    outputs = stack.apply(cloudformation, "dev")
    template = aws_project.folder / "deploy/resources.yaml"
    template.write_text(template.read_text().replace("CaseSensitive: false", "CaseSensitive: true"))
    printed = aws_project.fail("deploy", "stack", "--stage", "dev")
    assert "could not be changed and is now UPDATE_ROLLBACK_COMPLETE" in printed
    assert "Customers UPDATE_FAILED: " in printed
    assert "UsernameConfiguration" in printed
    assert stack.outputs(cloudformation, "dev") == outputs


def test_error_of_chalice_has_no_traceback(aws_project: Project) -> None:
    (aws_project.folder / ".chalice/policy-dev.json").write_text("{")
    aws_project.note_stack("dev")
    printed = aws_project.fail("deploy", "package", "--stage", "dev")
    assert printed.startswith("chalice package: ")


@pytest.mark.parametrize(
    ("words", "environment", "message"),
    [
        (["--api-gateway-stage", "v1"], {}, "Error: --api-gateway-stage: "),
        ([], {"AWS_ACCESS_KEY_ID": "AKIANOBODY"}, "Error: AWS rejects these credentials: "),
    ],
)
def test_errors_of_plain_chalice_deploy_are_one_line(
    aws_project: Project, words: list[str], environment: dict[str, str], message: str
) -> None:
    aws_project.note_stack("dev")
    aws_project.environment |= environment
    code, printed = aws_project.chalice("deploy", "--stage", "dev", *words)
    assert code == 1
    assert printed.startswith(message)
    assert printed.count("\n") == 1
