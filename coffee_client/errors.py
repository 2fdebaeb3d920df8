"""The errors that the client raises."""

from dataclasses import KW_ONLY, dataclass


class CoffeeError(Exception):
    """Any failure of this client."""


class ArgumentError(CoffeeError, ValueError):
    """An argument cannot be sent. The message begins with its name; nothing was sent."""


class SettingsError(CoffeeError):
    """The settings or the login are missing or not valid. The message says what to do."""


class UnreachableError(CoffeeError):
    """Nobody answered in time, or another server did. The request may have taken effect."""


class AccountError(CoffeeError):
    """Cognito rejected a request. `code` is its error code, such as `CodeMismatchException`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(eq=False)
class OrderError(CoffeeError):
    """The service or its gateway rejected a request.

    `status` is the HTTP status, `code` the service's error code (None if the gateway rejected
    it), and `retry_after` the seconds after which the same request may succeed.
    """

    status: int
    message: str
    _: KW_ONLY
    code: str | None = None
    retry_after: float | None = None

    def __str__(self) -> str:
        return f"{self.status}: {self.message}"


class PreconditionFailedError(OrderError):
    """The order or the shop has changed since `if_match`. The message says what it is now."""
