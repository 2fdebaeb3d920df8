"""Standard streams that work in every environment.

A stream may be closed, a pipe without a reader, or a file on a full disk. Its encoding may lack a
character.
"""

import io
import os
import sys
from typing import Any, TextIO

from coffee_client.errors import CoffeeError

_STDIN, _STDOUT, _STDERR = 0, 1, 2  # file descriptors


class _StandardOutput(io.FileIO):
    """Standard output. If a pipe's reader exits (`| head`), the command ends with success."""

    def write(self, data: Any, /) -> int:
        """Write bytes. Raises CoffeeError, or SystemExit if the pipe has no reader."""
        try:
            return super().write(data)
        except OSError as error:
            _discard(self.fileno())
            if isinstance(error, BrokenPipeError):
                raise SystemExit(0) from None
            raise CoffeeError(f"The output can't be written: {error.strerror}") from error


class _StandardError(io.FileIO):
    """Standard error. The command continues if it cannot be written."""

    def write(self, data: Any, /) -> int:
        """Write bytes, or discard them if that fails."""
        try:
            return super().write(data)
        except OSError:
            _discard(self.fileno())
            return len(data)


def replace_standard_streams() -> None:
    """Replace the standard streams of this process."""
    for descriptor in (_STDIN, _STDOUT, _STDERR):
        _open_if_closed(descriptor)
    sys.stdin = sys.stdin or open(_STDIN, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = _text_stream(_StandardOutput(_STDOUT, "w", closefd=False), sys.stdout)
    sys.stderr = _text_stream(_StandardError(_STDERR, "w", closefd=False), sys.stderr)


def _text_stream(raw: io.FileIO, original: TextIO | None) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=original.encoding if original else "utf-8",
        errors="backslashreplace",
        line_buffering=raw.isatty() or raw.fileno() == _STDERR,
    )


def _open_if_closed(descriptor: int) -> None:
    """Open a closed descriptor, so that no other file or socket gets it.

    Reads return the end of the file, and writes fail.
    """
    try:
        os.fstat(descriptor)
    except OSError:
        os.open(os.devnull, os.O_RDONLY)  # returns the lowest free descriptor, which is this one


def _discard(descriptor: int) -> None:
    """Discard everything that is written to a descriptor from now on."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, descriptor)
    os.close(devnull)
