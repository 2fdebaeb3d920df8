"""What outlives a stage: its tables and user pools, which CloudFormation retains.

They hold orders and users, so no command of this project deletes them. Here they are found by
their names, and listed with the commands that delete them.
"""

from collections.abc import Iterator
from typing import NamedTuple

from deploy import stack
from deploy.target import Target


class Kept(NamedTuple):
    """A table or user pool of a stage."""

    kind: str
    id: str


def find(target: Target) -> list[Kept]:
    """Return all tables and user pools of a stage, those of its present stack too."""
    found = []
    tables = target.session.client("dynamodb").get_paginator("list_tables").paginate()
    pools = target.session.client("cognito-idp").get_paginator("list_user_pools")
    name = stack.name(target.stage)
    for page in tables:
        found += [Kept("table", each) for each in page["TableNames"] if each.startswith(f"{name}-")]
    for pool_page in pools.paginate(PaginationConfig={"PageSize": 60}):
        pools_of_stage = [each for each in pool_page["UserPools"] if each["Name"] == name]
        found += [Kept("user pool", each["Id"]) for each in pools_of_stage]
    return found


def how_to_remove(kept: Kept) -> Iterator[str]:
    """Return the commands that delete a table or user pool, and all that it holds, for good."""
    if kept.kind == "table":
        table = f"--table-name {kept.id}"
        yield f"aws dynamodb update-table {table} --no-deletion-protection-enabled"
        yield f"aws dynamodb delete-table {table}"
    else:
        pool = f"--user-pool-id {kept.id}"
        yield f"aws cognito-idp update-user-pool {pool} --deletion-protection INACTIVE"
        yield f"aws cognito-idp delete-user-pool {pool}"
