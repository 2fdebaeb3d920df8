"""Staff: the members of the Cognito group `vendor-<vendorid>`."""

import contextlib
from typing import Any

from chalicelib.auth import staff_group
from tools import CommandError


def add_to_vendor_group(cognito: Any, pool_id: str, vendorid: str, username: str) -> str:
    """Add a user to a vendor's staff; return the group's name. Raises CommandError."""
    group = staff_group(vendorid)
    try:
        with contextlib.suppress(cognito.exceptions.GroupExistsException):
            cognito.create_group(UserPoolId=pool_id, GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=username, GroupName=group)
    except cognito.exceptions.UserNotFoundException:
        raise CommandError(f"STAFF: there is no user {username!r} in this pool") from None
    return group
