"""The commands behind `make openapi` and `make sdk`."""

import os

import click

from deploy.console import console
from deploy.environment import ignore_aws_settings
from deploy.project import PROJECT
from tools import openapi, sdk_data


@click.group()
def cli() -> None:
    """Write generated files."""


@cli.command("openapi")
def openapi_command() -> None:
    """Write chalicelib/openapi.json anew, from the routes and their types."""
    ignore_aws_settings()
    # The document is the same for every stage, so any settings will do.
    os.environ.update(STAGE="docs", ORDERS_TABLE="docs", SHOPS_TABLE="docs", CLIENT_ID="docs")
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    os.environ["USER_POOL_ARN"] = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/docs"
    console.print(openapi.write().relative_to(PROJECT))


@cli.command("sdk")
def sdk_command() -> None:
    """Write chalicelib/sdk anew, from the SDK that is installed."""
    console.print(sdk_data.write().relative_to(PROJECT))
