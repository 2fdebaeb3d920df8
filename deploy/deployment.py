"""A stage on AWS: deploy it, show its status, destroy it.

The stack contains tables and users, and Chalice creates the function and the API. Resources are
found on AWS by their name or tags, so each command works from any folder and repairs an interrupted
deployment. Orders and users are never deleted.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from deploy import cloudformation, custom_domain, function, rest_api, stack
from deploy.cloudformation import Report
from deploy.gateway import function_name
from deploy.package import chalice, package
from deploy.target import Target
from tools import CommandError, project


class Deployment(NamedTuple):
    """The settings of a deployed stage, for clients."""

    api_url: str
    domain_url: str | None
    region: str
    client_id: str


def plan(target: Target) -> Iterator[str]:
    """Return the lines that describe what `deploy` will do."""
    stage = target.stage
    settings = project.settings(stage)
    name, size = function_name(stage), f"{settings['lambda_memory_size']} MB"
    current = function.find(target)
    runs = f", now {current['Runtime']}" if current else ", new"
    yield f"stage {stage}, account {target.account}, region {target.region}"
    yield f"1. stack {stack.name(stage)}: tables, user pool, app client, logs, alarms"
    yield "2. the API with its request limits, access logs and tags"
    yield (
        f"3. chalice deploy: function {name}, {function.runtime()} on "
        f"{settings['lambda_architecture']}, {size}{runs}; its role; the routes"
    )


def deploy(
    target: Target, report: Report, *, alarm_email: str | None, runtime: str | None
) -> Deployment:
    """Create or update the stage. Raises CommandError."""
    _reject_pipeline_stage(target)
    outputs = prepare(target, report, alarm_email=alarm_email, runtime=runtime)
    with tempfile.TemporaryDirectory() as scratch:
        package(target.stage, Path(scratch))  # raises an error if the package is incomplete
    api_id = prepare_api(target, report)
    chalice("deploy", "--stage", target.stage)
    return _deployment(target, api_id, outputs)


def prepare(
    target: Target, report: Report, *, alarm_email: str | None, runtime: str | None
) -> stack.StackOutputs:
    """Create or update the stack, and record its outputs for Chalice. Raises CommandError."""
    function.check_runtime(target, runtime)
    client = target.session.client("cloudformation")
    stack.prepare_account(client, target.session.client("apigateway"), report=report)
    cloudformation.remove_failed_creation(client, stack.api_name(target.stage), report=report)
    outputs = stack.apply(client, target.stage, report=report, alarm_email=alarm_email)
    project.record_variables(target.stage, outputs.environment())
    return outputs


def prepare_api(target: Target, report: Report) -> str:
    """Create or find the stage's API, set its limits, and record it for Chalice; return its id.

    Raises CommandError.
    """
    _reject_pipeline_stage(target)
    api_id = rest_api.prepare(target, report)
    url = rest_api.url(target, api_id)
    project.record_api(target.stage, api_id, url, custom_domain.chalice_record(target, api_id))
    return api_id


def find_deployment(target: Target) -> Deployment:
    """Return the settings of a deployed stage. Raises CommandError if it is not deployed."""
    outputs = stack.outputs(target.session.client("cloudformation"), target.stage)
    apis = rest_api.find(target)
    if not apis:
        raise CommandError(f"Stage {target.stage} has no API: deploy it first")
    return _deployment(target, apis[0].id, outputs)


def status(target: Target) -> Iterator[tuple[str, str]]:
    """Return a name and a value for each deployed resource."""
    yield "account", target.account
    yield "region", target.region
    current_ids: set[str] = set()
    try:
        outputs = stack.outputs(target.session.client("cloudformation"), target.stage)
    except cloudformation.NoOutputsError as error:
        yield "stack", f"{error}"
    else:
        yield "stack", stack.name(target.stage)
        yield "orders table", outputs.orders_table
        yield "shops table", outputs.shops_table
        yield "user pool", outputs.user_pool_id
        yield "app client", outputs.client_id
        current_ids = set(outputs)
    if current := function.find(target):
        runtime = f"{current['Runtime']} on {current['Architectures'][0]}"
        yield "function", f"{current['FunctionName']}, {runtime}, {current['MemorySize']} MB"
        yield "changed", current["LastModified"]
    else:
        yield "function", "not deployed"
    apis = rest_api.find(target)
    for api in apis:
        yield "API", rest_api.url(target, api.id)
    if not apis:
        yield "API", "not deployed"
    if domain := custom_domain.find(target.stage):
        yield "domain", domain.url
    for resource in stack.retained_resources(target):
        if resource.id not in current_ids:
            yield "kept", f"{resource.kind} {resource.id}, of an earlier stack"


def destroy(target: Target, report: Report) -> bool:
    """Delete a stage except its tables and user pools; return whether anything was deleted.

    It can be repeated after a failure. Raises StackError.
    """
    client = target.session.client("cloudformation")
    is_changed = cloudformation.delete(client, stack.api_name(target.stage), report=report)
    for name, is_deleted in _delete_resources_of_chalice(target):
        if is_deleted:
            is_changed = True
            report(f"{name} deleted")
    is_changed |= cloudformation.delete(client, stack.name(target.stage), report=report)
    project.clear_stage(target.stage)
    return is_changed


def _delete_resources_of_chalice(target: Target) -> Iterator[tuple[str, bool]]:
    """Delete what Chalice created; return each resource's name, and whether it existed."""
    for name in custom_domain.delete(target):
        yield name, True
    for api in rest_api.find(target):
        target.session.client("apigateway").delete_rest_api(restApiId=api.id)
        yield f"API {api.id}", True
    yield f"function {function_name(target.stage)}", function.delete(target)
    yield f"role {function.role_name(target.stage)}", function.delete_role(target)


def _reject_pipeline_stage(target: Target) -> None:
    client = target.session.client("cloudformation")
    if cloudformation.is_in_use(client, stack.api_name(target.stage)):
        raise CommandError(
            f"A pipeline deploys stage {target.stage}: its function and API are in the stack "
            f"{stack.api_name(target.stage)}. Deploy it from there, or `make destroy` it first"
        )


def _deployment(target: Target, api_id: str, outputs: stack.StackOutputs) -> Deployment:
    domain = custom_domain.find(target.stage)
    return Deployment(
        api_url=rest_api.url(target, api_id),
        domain_url=domain.url if domain else None,
        region=target.region,
        client_id=outputs.client_id,
    )
