"""Deployment to AWS: the CloudFormation stack, the package, `chalice deploy` and staff.

Nothing here ships to Lambda. It imports `chalicelib`, never the other way round.
"""


class CommandError(Exception):
    """A failure that a command reports as one message: what went wrong, and what to do."""
