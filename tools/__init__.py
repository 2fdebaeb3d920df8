"""What the commands share, the set-up of `.venv`, and generators of committed files.

Commands share their error messages (command.py, console.py), their environment (environment.py),
and the project's files (project.py). Nothing here is part of the package for Lambda.
"""


class CommandError(Exception):
    """A failure that a command reports as one message: what went wrong, and what to do."""
