"""Error messages of `make deploy` and the other commands for AWS."""

import pytest

from deploy import stack
from local.emulator import LocalCloud
from tests.e2e.project import Project
from tests.fixtures import template_table


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
def test_invalid_environment_is_an_error(
    aws_project: Project, command: str, environment: dict[str, str | None], message: str
) -> None:
    output = aws_project.fail("deploy", command, "--stage", "dev", **environment)
    assert output.startswith(message)


def test_missing_rights_do_not_look_like_a_missing_stage(
    aws_project: Project, cloud: LocalCloud
) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="guest")
    key = iam.create_access_key(UserName="guest")["AccessKey"]
    status = aws_project.fail(
        *["deploy", "status", "--stage", "dev"],
        AWS_ACCESS_KEY_ID=key["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"],
        AWS_ENDPOINT_URL=cloud.endpoint_url,  # the signature covers the address
    )
    assert "not authorized" in status
    assert "does not exist" not in status


def test_status_of_an_incomplete_stack_lists_what_is_kept(
    aws_project: Project, cloud: LocalCloud
) -> None:
    table = "coffee-orders-prod-Orders-A1"
    cloud.client("dynamodb").create_table(TableName=table, **template_table("Orders"))
    cloud.client("cloudformation").create_change_set(  # without executing it
        StackName="coffee-orders-prod",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=stack.TEMPLATE.read_text(),
        Parameters=[{"ParameterKey": "Stage", "ParameterValue": "prod"}],
    )
    status = aws_project.succeed("deploy", "status", "--stage", "prod")
    assert "coffee-orders-prod is REVIEW_IN_PROGRESS and has no output" in status
    assert "not deployed" in status
    assert f"table {table}, of an earlier stack" in status


def test_failed_change_of_the_stack_has_cloudformations_reason(
    aws_project: Project, cloud: LocalCloud
) -> None:
    cloudformation = cloud.client("cloudformation")
    outputs = stack.apply(cloudformation, "dev")
    template = aws_project.folder / "deploy/resources.yaml"
    template.write_text(template.read_text().replace("CaseSensitive: false", "CaseSensitive: true"))
    output = aws_project.fail("deploy", "stack", "--stage", "dev")
    assert "could not be changed and is now UPDATE_ROLLBACK_COMPLETE" in output
    assert "Customers UPDATE_FAILED: " in output
    assert "UsernameConfiguration" in output
    assert stack.outputs(cloudformation, "dev") == outputs


def test_error_of_chalice_has_no_traceback(aws_project: Project) -> None:
    (aws_project.folder / ".chalice/policy-dev.json").write_text("{")
    aws_project.record_stack("dev")
    output = aws_project.fail("deploy", "package", "--stage", "dev")
    assert output.startswith("chalice package: ")


@pytest.mark.parametrize(
    ("options", "environment", "message"),
    [
        (["--api-gateway-stage", "v1"], {}, "Error: --api-gateway-stage: "),
        ([], {"AWS_ACCESS_KEY_ID": "AKIANOBODY"}, "Error: AWS rejects these credentials: "),
    ],
)
def test_errors_of_plain_chalice_deploy_are_one_line(
    aws_project: Project, options: list[str], environment: dict[str, str], message: str
) -> None:
    aws_project.record_stack("dev")
    aws_project.environment |= environment
    code, output = aws_project.chalice("deploy", "--stage", "dev", *options)
    assert code == 1
    assert output.startswith(message)
    assert output.count("\n") == 1
