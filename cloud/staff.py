"""Who works where: members of the Cognito group `vendor-<vendorid>` are a vendor's staff."""

import contextlib
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from chalicelib.callers import staff_group
from cloud import stack
from cloud.aws import target
from cloud.outputs import LOCAL_CREDENTIALS, read_local

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient

_LONGEST_GROUP = 128  # characters, by Cognito


class StaffError(Exception):
    """Nobody was hired; the message says why."""


def pool(stage: str) -> "tuple[CognitoIdentityProviderClient, str]":
    """Return the user pool of a stage: a client to Cognito, and the pool's id.

    Raises NoLocalCloudError, TargetError or StackError.
    """
    if stage == "local":
        local = read_local()
        return boto3.client(
            "cognito-idp",
            region_name=local.region,
            # A cloud on this machine that does not answer is not there.
            config=Config(retries={"total_max_attempts": 1}),
            endpoint_url=local.aws_endpoint_url,
            aws_access_key_id=LOCAL_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=LOCAL_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        ), local.user_pool_id
    session = target(stage).session
    made = stack.outputs(session.client("cloudformation"), stage)
    return session.client("cognito-idp"), made.user_pool_id


def hire(
    cognito: "CognitoIdentityProviderClient", pool_id: str, vendorid: str, username: str
) -> str:
    """Put a user into the group of a vendor's staff; return the group's name.

    Raises StaffError.
    """
    group = staff_group(vendorid)
    if not vendorid or len(group) > _LONGEST_GROUP:
        raise StaffError(f"VENDOR: Cognito can have no group {group!r}: 1 to 121 characters")
    if not username:
        raise StaffError("STAFF: name a user")
    try:
        with contextlib.suppress(cognito.exceptions.GroupExistsException):
            cognito.create_group(UserPoolId=pool_id, GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=username, GroupName=group)
    except cognito.exceptions.UserNotFoundException:
        raise StaffError(f"STAFF: there is no user {username!r} in this pool") from None
    return group
