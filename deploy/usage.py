"""What is wrong with a command line, in the words of the Makefile that wrote it."""

import click


def explain(error: click.UsageError) -> str:
    """Return a message that names the make variable and shows an example.

    An option's variable is its `envvar`; a command's example is its `epilog`.
    """
    command = error.ctx.command if error.ctx else None
    example = f" Example: {command.epilog}" if command and command.epilog else ""
    if not isinstance(error, click.BadParameter) or error.param is None:
        return f"{error.format_message()}{example}"
    name = error.param.envvar or error.param.opts[0]
    if not isinstance(error, click.MissingParameter):
        return f"{name}: {error.message}{example}"
    choices = getattr(error.param.type, "choices", ())
    known = f": {', '.join(choices[:-1])} or {choices[-1]}" if choices else ""
    return f"{name} is missing{known}.{example}"
