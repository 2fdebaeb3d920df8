"""The client's errors. Each has the message of the service or of Cognito."""


class CoffeeError(Exception):
    """Any failure of this client."""


class SettingsError(CoffeeError):
    """The settings or the login are missing or wrong. The message says what to do."""


class UnreachableError(CoffeeError):
    """There was no answer in time, or it did not come from the service.

    It is not known whether the request took effect.
    """


class AccountError(CoffeeError):
    """Cognito rejected a request. `code` names the reason, such as `UserNotConfirmedException`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class OrderError(CoffeeError):
    """The service or its gateway rejected a request.

    `status` is the HTTP status, `code` the service's name for the reason (None from the
    gateway), and `retry_after` the seconds after which the same request may succeed.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message
        self.code = code
        self.retry_after = retry_after
