"""Fixtures for tests of the service in this process: moto's tables and user pool, and customers.

docs/testing.md shows a test that uses them. All tests below tests/ have them; another test needs
`pytest_plugins = ["tests.fixtures"]`. moto is imported with the first use of a fixture.
"""

import itertools
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml

from deploy.stack import TEMPLATE
from tests.samples import PASSWORD

if TYPE_CHECKING:
    from chalice.test import Client

    from coffee_client import Accounts
    from local.emulator import LocalCloud

_REGION = "ap-southeast-2"
_numbers = itertools.count()


class Cloud(NamedTuple):
    """moto, with the tables and a user pool on it."""

    endpoint_url: str
    pool_id: str
    client_id: str
    cognito: Any
    dynamodb: Any


@dataclass(frozen=True)
class Customer:
    """A logged-in user."""

    sub: str
    id_token: str = field(repr=False)


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """Run moto with the tables and a user pool, and point the environment at them."""
    import boto3  # noqa: PLC0415
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        environment = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ENDPOINT_URL_DYNAMODB": request.config.getoption("--dynamodb", None) or endpoint,
            "AWS_DEFAULT_REGION": _REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "STAGE": "local",
            "ORDERS_TABLE": "orders",
            "SHOPS_TABLE": "shops",
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        cognito, dynamodb = boto3.client("cognito-idp"), boto3.client("dynamodb")
        for resource in ("Orders", "Shops"):
            dynamodb.create_table(TableName=resource.lower(), **template_table(resource))
        pool_id, client_id = make_pool(cognito)
        pool_arn = f"arn:aws:cognito-idp:{_REGION}:123456789012:userpool/{pool_id}"
        patch.setenv("USER_POOL_ARN", pool_arn)
        patch.setenv("CLIENT_ID", client_id)
        yield Cloud(endpoint, pool_id, client_id, cognito, dynamodb)
    server.stop()


def template_resources() -> dict[str, Any]:
    """Return the resources of deploy/resources.yaml; CloudFormation's functions become None."""

    class Loader(yaml.SafeLoader):
        """A YAML loader that ignores CloudFormation's functions."""

    Loader.add_multi_constructor("!", lambda *_: None)
    resources: dict[str, Any] = yaml.load(TEMPLATE.read_text(), Loader)["Resources"]  # noqa: S506
    return resources


def template_table(resource: str) -> dict[str, Any]:
    """Return the keys and indexes of a table as deploy/resources.yaml has them."""
    table: dict[str, Any] = template_resources()[resource]["Properties"]
    names = {"BillingMode", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes"}
    return {name: table[name] for name in names & table.keys()}


def make_pool(cognito: Any) -> tuple[str, str]:
    """Create a user pool and an app client; return their ids."""
    pool_id = cognito.create_user_pool(PoolName="customers")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="coffee",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    return pool_id, client["UserPoolClient"]["ClientId"]


def sign_up(cognito: Any, pool_id: str, client_id: str, username: str) -> str:
    """Sign up a customer and confirm them; return their `sub`."""
    response = cognito.sign_up(
        ClientId=client_id,
        Username=username,
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": f"{username}@example.com"}],
    )
    cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username=username)
    return str(response["UserSub"])


def log_in(cognito: Any, client_id: str, username: str) -> dict[str, Any]:
    """Log a customer in; return Cognito's tokens."""
    tokens: dict[str, Any] = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return tokens


def sign_up_by_mail(accounts: "Accounts", cloud: "LocalCloud", username: str) -> None:
    """Sign up a customer of a local cloud, and confirm them with the code in the mail."""
    email = f"{username}@example.com"
    accounts.sign_up(username, PASSWORD, email=email)
    accounts.confirm(username, code_mailed_to(cloud, email))


def code_mailed_to(cloud: "LocalCloud", email: str) -> str:
    """Return the code in the latest mail that a local cloud has sent to an address."""
    (code,) = re.findall(r"\b\d{6}\b", cloud.mails_to(email)[-1])
    return str(code)


def log_in_new_customer(cloud: Cloud, group: str | None = None) -> Customer:
    """Sign a new customer up, put them in the group, and log them in."""
    cognito, pool_id, username = cloud.cognito, cloud.pool_id, f"customer{next(_numbers)}"
    sub = sign_up(cognito, pool_id, cloud.client_id, username)
    if group is not None:
        cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=username, GroupName=group)
    return Customer(sub, log_in(cognito, cloud.client_id, username)["IdToken"])


@pytest.fixture(scope="session")
def client(cloud: Cloud) -> "Iterator[Client]":  # noqa: ARG001 - it sets the environment
    """Return Chalice's test client of the app."""
    from chalice.test import Client  # noqa: PLC0415

    from app import app  # noqa: PLC0415 - it reads the environment as it loads

    with Client(app, stage_name="local") as client:
        yield client


@pytest.fixture(scope="session")
def signed_in_customer(cloud: Cloud) -> Customer:
    return log_in_new_customer(cloud)


@pytest.fixture(scope="session")
def second_customer(cloud: Cloud) -> Customer:
    return log_in_new_customer(cloud)


@pytest.fixture(scope="session")
def barista_of(cloud: Cloud) -> Callable[[str], Customer]:
    """Return a function that logs in a new member of a vendor's staff."""
    from chalicelib.auth import staff_group  # noqa: PLC0415 - after the environment is set

    def log_in_staff(vendorid: str) -> Customer:
        group = staff_group(vendorid)
        cloud.cognito.create_group(UserPoolId=cloud.pool_id, GroupName=group)
        return log_in_new_customer(cloud, group)

    return log_in_staff


@pytest.fixture
def vendorid() -> str:
    """Return a vendor that no other test orders from."""
    return f"vendor{next(_numbers)}"


@pytest.fixture
def accountid() -> str:
    """Return an account that no other test orders for."""
    return f"account{next(_numbers)}"
