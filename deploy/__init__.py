"""Deployment to AWS: the CloudFormation stack, the package, `chalice deploy` and staff.

It is not part of the package for Lambda. It imports `chalicelib`, which does not import it.
"""


class CommandError(Exception):
    """A failure that a command reports as one message: what went wrong, and what to do."""
