"""A stage on AWS: deploy it, show its status, destroy it.

The stack holds what must last, and Chalice makes the rest. Every resource is found on AWS by its
name or tags, so each command works from any folder and repairs what an earlier one has left
half-done. Orders and users are never deleted here.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from deploy import CommandError, cloudformation, custom_domain, function, project, rest_api, stack
from deploy.cloudformation import Report
from deploy.gateway import function_name
from deploy.package import chalice, package
from deploy.target import Target


class Deployed(NamedTuple):
    """What a client has to know about a deployed stage.

    `domain_url` is its address at a domain of its own, once that domain leads to it.
    """

    api_url: str
    domain_url: str | None
    region: str
    client_id: str


def plan(target: Target) -> Iterator[str]:
    """Return what `deploy` will do, and where, line by line."""
    stage = target.stage
    settings = project.settings(stage)
    name, size = function_name(stage), f"{settings['lambda_memory_size']} MB"
    deployed = function.find(target)
    runs = f", now {deployed['Runtime']}" if deployed else ", new"
    yield f"stage {stage}, account {target.account}, region {target.region}"
    yield f"1. stack {stack.name(stage)}: tables, user pool, app client, logs, alarms"
    yield "2. the API with its request limits, access logs and tags"
    yield (
        f"3. chalice deploy: function {name}, {function.runtime()} on "
        f"{settings['lambda_architecture']}, {size}{runs}; its role; the routes"
    )


def deploy(
    target: Target,
    report: Report,
    *,
    alarm_email: str | None = None,
    runtime: str | None = None,
) -> Deployed:
    """Create the stage or bring it up to date, whatever its state.

    Raises CommandError.
    """
    _reject_stage_of_a_pipeline(target)
    outputs = prepare(target, report, alarm_email=alarm_email, runtime=runtime)
    with tempfile.TemporaryDirectory() as scratch:
        package(target.stage, Path(scratch))  # it checks that the package is complete
    api_id = prepare_api(target, report)
    chalice("deploy", "--stage", target.stage)
    return _as_deployed(target, api_id, outputs)


def prepare(
    target: Target,
    report: Report,
    *,
    alarm_email: str | None = None,
    runtime: str | None = None,
) -> stack.StackOutputs:
    """Create or update the stage's stack, and record its outputs for Chalice.

    Raises CommandError.
    """
    function.check_runtime(target, runtime)
    client = target.session.client("cloudformation")
    stack.prepare_account(client, target.session.client("apigateway"), report=report)
    cloudformation.remove_failed_creation(client, stack.api_name(target.stage), report=report)
    outputs = stack.apply(client, target.stage, report=report, alarm_email=alarm_email)
    project.record(
        target.stage,
        project.service_environment(
            outputs.orders_table, outputs.shops_table, outputs.user_pool_arn, outputs.client_id
        ),
    )
    return outputs


def prepare_api(target: Target, report: Report) -> str:
    """Create the stage's API, or find it; note it for Chalice, and return its id.

    It has its limits before Chalice deploys the service to it. Raises CommandError.
    """
    _reject_stage_of_a_pipeline(target)
    api_id = rest_api.prepare(target, report)
    url = rest_api.url(target, api_id)
    project.note_api(target.stage, api_id, url, custom_domain.chalices_note(target, api_id))
    return api_id


def deployed(target: Target) -> Deployed:
    """Return what a client has to know about a deployed stage, however it was deployed.

    Raises CommandError if it is not.
    """
    outputs = stack.outputs(target.session.client("cloudformation"), target.stage)
    apis = rest_api.find(target)
    if not apis:
        raise CommandError(f"Stage {target.stage} has no API: deploy it first")
    return _as_deployed(target, apis[0].id, outputs)


def status(target: Target) -> Iterator[tuple[str, str]]:
    """Return what is deployed: a name and a value for each resource."""
    yield "account", target.account
    yield "region", target.region
    current: set[str] = set()
    try:
        outputs = stack.outputs(target.session.client("cloudformation"), target.stage)
    except cloudformation.NoStackError:
        yield "stack", f"{stack.name(target.stage)} does not exist"
    else:
        yield "stack", stack.name(target.stage)
        yield "orders table", outputs.orders_table
        yield "shops table", outputs.shops_table
        yield "user pool", outputs.user_pool_id
        yield "app client", outputs.client_id
        current = set(outputs)
    if found := function.find(target):
        runtime = f"{found['Runtime']} on {found['Architectures'][0]}"
        yield "function", f"{found['FunctionName']}, {runtime}, {found['MemorySize']} MB"
        yield "changed", found["LastModified"]
    else:
        yield "function", "not deployed"
    apis = rest_api.find(target)
    for api in apis:
        yield "API", rest_api.url(target, api.id)
    if not apis:
        yield "API", "not deployed"
    if domain := custom_domain.configured(target.stage):
        yield "domain", domain.url
    for old in stack.find_kept(target):
        if old.id not in current:
            yield "kept", f"{old.kind} {old.id}, of an earlier stack"


def destroy(target: Target, report: Report) -> bool:
    """Delete a stage except its tables and user pools; return whether anything was deleted.

    After a failure it can be repeated until nothing is left. Raises StackError.
    """
    client = target.session.client("cloudformation")
    found = cloudformation.delete(client, stack.api_name(target.stage), report=report)
    for name, is_deleted in _delete_resources_of_chalice(target):
        if is_deleted:
            found = True
            report(f"{name} deleted")
    found |= cloudformation.delete(client, stack.name(target.stage), report=report)
    project.forget(target.stage)
    return found


def _delete_resources_of_chalice(target: Target) -> Iterator[tuple[str, bool]]:
    """Delete what Chalice has created; return each resource's name, and whether it existed."""
    yield "custom domain", custom_domain.delete(target)
    for api in rest_api.find(target):
        target.session.client("apigateway").delete_rest_api(restApiId=api.id)
        yield f"API {api.id}", True
    yield f"function {function_name(target.stage)}", function.delete(target)
    yield f"role {function.role_name(target.stage)}", function.delete_role(target)


def _reject_stage_of_a_pipeline(target: Target) -> None:
    client = target.session.client("cloudformation")
    if cloudformation.is_in_use(client, stack.api_name(target.stage)):
        raise CommandError(
            f"A pipeline deploys stage {target.stage}: its function and API are in the stack "
            f"{stack.api_name(target.stage)}. Deploy it from there, or `make destroy` it first"
        )


def _as_deployed(target: Target, api_id: str, outputs: stack.StackOutputs) -> Deployed:
    domain = custom_domain.configured(target.stage)
    return Deployed(
        api_url=rest_api.url(target, api_id),
        domain_url=domain.url if domain else None,
        region=target.region,
        client_id=outputs.client_id,
    )
