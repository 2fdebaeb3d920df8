"""The output of the commands: progress and errors."""

import sys
from typing import NoReturn

import click
from rich.console import Console
from rich.markup import escape

# Without `emoji=False`, `:tea:` in a name or a path becomes an emoji.
console = Console(soft_wrap=True, highlight=False, emoji=False)


def report(line: str) -> None:
    """Print a line of progress."""
    console.print(f"[dim]· {escape(line)}[/]")


def fail(reason: str, code: int = 1) -> NoReturn:
    """Print a reason to stderr without markup, and exit with a code."""
    stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)
    stderr.print(reason, style="red")
    sys.exit(code)


def explain(error: click.UsageError) -> str:
    """Return a message about a wrong command line, with the make variable and an example.

    The variable is the option's `envvar`, and the example is the command's `epilog`.
    """
    command = error.ctx.command if error.ctx else None
    example = f" Example: {command.epilog}" if command and command.epilog else ""
    if not isinstance(error, click.BadParameter) or error.param is None:
        return f"{error.format_message()}{example}"
    name = error.param.envvar or error.param.opts[0]
    if not isinstance(error, click.MissingParameter):
        return f"{name}: {error.message}{example}"
    choices = getattr(error.param.type, "choices", ())
    choice_list = f": {', '.join(choices[:-1])} or {choices[-1]}" if choices else ""
    return f"{name} is missing{choice_list}.{example}"
