"""The stage's Lambda function and its role, which Chalice creates."""

from typing import TYPE_CHECKING

from chalice.config import Config

from deploy.gateway import function_name
from deploy.target import Target
from tools import CommandError

if TYPE_CHECKING:
    from types_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef


def find(target: Target) -> "FunctionConfigurationResponseTypeDef | None":
    """Return the function's configuration; None if the function does not exist."""
    client = target.session.client("lambda")
    try:
        return client.get_function_configuration(FunctionName=function_name(target.stage))
    except client.exceptions.ResourceNotFoundException:
        return None


def runtime() -> str:
    """Return the runtime that Chalice chooses for the Python that runs this command."""
    return Config().lambda_python_version


def check_runtime(target: Target, requested: str | None) -> None:
    """Raise CommandError if the function's runtime would change without a request."""
    current = runtime()
    if requested is not None and requested != current:
        raise CommandError(
            f"RUNTIME: this is {current}. To deploy for {requested}, set the project up with it: "
            f"make clean, then PYTHON={requested} make ..."
        )
    deployed = find(target)
    if deployed and deployed["Runtime"] != current and requested is None:
        raise CommandError(
            f"{function_name(target.stage)} runs on {deployed['Runtime']}, and this is {current}. "
            f"Use {deployed['Runtime']}, or request the change with RUNTIME={current}"
        )


def delete(target: Target) -> bool:
    """Delete the function; return whether it existed."""
    client = target.session.client("lambda")
    try:
        client.delete_function(FunctionName=function_name(target.stage))
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def delete_role(target: Target) -> bool:
    """Delete the function's role and its policy; return whether the role existed."""
    client = target.session.client("iam")
    role = role_name(target.stage)
    try:
        for policy in client.list_role_policies(RoleName=role)["PolicyNames"]:
            client.delete_role_policy(RoleName=role, PolicyName=policy)
        client.delete_role(RoleName=role)
    except client.exceptions.NoSuchEntityException:
        return False
    return True


def role_name(stage: str) -> str:
    """Return the name that Chalice gives the function's role."""
    return f"{function_name(stage)}-api_handler"
