"""The base of all errors that a command reports as one message, without a traceback."""


class CommandError(Exception):
    """A failure whose message tells the user what went wrong and what to do."""
