"""Requests to the packaged service: HTTP through API Gateway to the Lambda function.

The function runs in a separate process and accesses the tables with the permissions of its role.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import requests

from tests.e2e.packaged import Packaged
from tests.hardening.target import Target, User

Send = Callable[..., requests.Response]
WithVariables = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def target(packaged: Packaged) -> Target:
    return Target("the package", packaged.outputs, packaged.api_url, packaged.cloud)


@pytest.fixture
def send(target: Target) -> Send:
    """Return a function that sends a request, with a user's token if one is given."""
    return target.request


@pytest.fixture
def customer(target: Target) -> User:
    return target.sign_in()


@pytest.fixture
def barista(target: Target) -> User:
    """Return a member of the staff of v0."""
    return target.sign_in("v0")


@pytest.fixture
def with_variables(packaged: Packaged) -> WithVariables:
    """Return a context manager that overrides environment variables of the function."""

    @contextmanager
    def override(**variables: str) -> Iterator[None]:
        client, name = packaged.cloud.client("lambda"), packaged.function
        original = client.get_function_configuration(FunctionName=name)["Environment"]
        overridden = {"Variables": original["Variables"] | variables}
        client.update_function_configuration(FunctionName=name, Environment=overridden)
        try:
            yield
        finally:
            client.update_function_configuration(FunctionName=name, Environment=original)

    return override
