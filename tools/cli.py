"""The commands of `make openapi` and `make sdk`."""

import os

import click

from tools import openapi, sdk_data
from tools.console import console
from tools.environment import ignore_aws_settings
from tools.project import PROJECT


@click.group()
def cli() -> None:
    """Write generated files."""


@cli.command("openapi")
def openapi_command() -> None:
    """Write chalicelib/openapi.json from the routes and their types."""
    ignore_aws_settings()
    # The document does not depend on the settings.
    os.environ.update(STAGE="docs", ORDERS_TABLE="docs", SHOPS_TABLE="docs", CLIENT_ID="docs")
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    os.environ["USER_POOL_ARN"] = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/docs"
    console.print(openapi.write().relative_to(PROJECT))


@cli.command("sdk")
def sdk_command() -> None:
    """Write chalicelib/sdk from the installed SDK."""
    console.print(sdk_data.write().relative_to(PROJECT))
