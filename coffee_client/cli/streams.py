"""Standard input, output and error that work in every environment.

A shell may have closed any of them. They may be pipes whose reader has gone, or files on a full
disk, and their encoding may lack a character.
"""

import io
import os
import sys
from typing import Any, TextIO

from coffee_client.errors import CoffeeError

_STDIN, _STDOUT, _STDERR = 0, 1, 2  # file descriptors


class _Answers(io.FileIO):
    """Standard output. If its reader has gone (`| head`), the command ends with success."""

    def write(self, data: Any, /) -> int:
        """Write bytes. Raises CoffeeError, and SystemExit if there is no reader any more."""
        try:
            return super().write(data)
        except OSError as error:
            _discard(self.fileno())
            if isinstance(error, BrokenPipeError):
                raise SystemExit(0) from None
            raise CoffeeError(f"The answer can't be written: {error.strerror}") from error


class _Messages(io.FileIO):
    """Standard error. If it cannot be written, the command goes on without it."""

    def write(self, data: Any, /) -> int:
        """Write bytes if that is possible."""
        try:
            return super().write(data)
        except OSError:
            _discard(self.fileno())
            return len(data)


def protect() -> None:
    """Replace the standard streams of this process by ones that cannot fail a command."""
    for descriptor in (_STDIN, _STDOUT, _STDERR):
        _open_if_closed(descriptor)
    sys.stdin = sys.stdin or open(_STDIN, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = _text(_Answers(_STDOUT, "w", closefd=False), sys.stdout)
    sys.stderr = _text(_Messages(_STDERR, "w", closefd=False), sys.stderr)


def _text(raw: io.FileIO, like: TextIO | None) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=like.encoding if like else "utf-8",
        errors="backslashreplace",
        line_buffering=raw.isatty() or raw.fileno() == _STDERR,
    )


def _open_if_closed(descriptor: int) -> None:
    """Keep a closed descriptor from being given to the next file or socket.

    Reading finds the end of the file, and writing fails, as on the closed one.
    """
    try:
        os.fstat(descriptor)
    except OSError:
        os.open(os.devnull, os.O_RDONLY)  # takes the lowest free descriptor, which is this one


def _discard(descriptor: int) -> None:
    """Discard everything that is still written to a descriptor, now or at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
