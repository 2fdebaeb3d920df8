"""Deployment to AWS, and the helpers that `local/` and `tools/` share with it.

Deployment is the CloudFormation stack, the package, `chalice deploy`, the smoke test and staff. The
helpers are command.py, console.py, environment.py, pip_settings.py and project.py. Nothing here is
part of the package for Lambda. It imports `chalicelib` and `coffee_client`; neither imports it.
"""


class CommandError(Exception):
    """A failure that a command reports as one message: what went wrong, and what to do."""
