"""What can go wrong for a client. Each error says what the service said."""


class CoffeeError(Exception):
    """Any failure of this client.

    The `coffee` command notes whom it is about, `user`, and what would mail them a new code.
    """

    user: str | None = None
    mailer: str = "resend"


class UnreachableError(CoffeeError):
    """Nobody answered, or not in time. Whether the request took effect is not known."""


class AccountError(CoffeeError):
    """Cognito refused. `code` is its name for why, such as `UserNotConfirmedException`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OrderError(CoffeeError):
    """The service or its gateway refused, with this HTTP `status`.

    `retry_after` is how many seconds to wait before the same request may do better.
    """

    def __init__(self, status: int, message: str, retry_after: float | None = None) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.retry_after = retry_after
