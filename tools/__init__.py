"""What the commands share, the set-up of `.venv`, and generators of committed files."""


class CommandError(Exception):
    """A failure that a command reports as one message: what went wrong, and what to do."""
