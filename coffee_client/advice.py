"""What a person can do about a refusal: one line for each that they can meet."""

from coffee_client.errors import AccountError, CoffeeError, OrderError, UnreachableError

# Exit codes, for scripts; click itself has 2, for a command line that is wrong.
REFUSED, LOG_IN, NOT_FOUND, CONFLICT, UNREACHABLE = 1, 3, 4, 5, 6

_EXIT_CODES = {401: LOG_IN, 404: NOT_FOUND, 409: CONFLICT, 429: UNREACHABLE, 503: UNREACHABLE}

_TOO_MANY = "Too many attempts: wait a while, then try again"
_ACCOUNT = {
    "UsernameExistsException": "The name {user} is taken: choose another, or `coffee login {user}`",
    "CodeMismatchException": "That code is wrong: look into the mail, or `coffee {mailer} {user}`",
    "ExpiredCodeException": "That code has expired: get a new one with `coffee {mailer} {user}`",
    "UserNotConfirmedException": "{user} is not confirmed yet: `coffee confirm {user}`",
    "UserNotFoundException": "There is no user {user}: `coffee signup {user}`",
    "InvalidPasswordException": "That password is too weak. {said}",
    "LimitExceededException": _TOO_MANY,
    "TooManyRequestsException": _TOO_MANY,
    "TooManyFailedAttemptsException": _TOO_MANY,
    "CodeDeliveryFailureException": "The mail could not be sent: is the address right?",
    "ResourceNotFoundException": "Cognito does not know this client: `coffee configure` again",
    "PasswordResetRequiredException": "{user} needs a new password: `coffee forgot {user}`",
}


def advice(error: CoffeeError) -> tuple[str, int]:
    """Return one line that says what to do next, and the exit code."""
    if isinstance(error, AccountError):
        return _about_account(error)
    if isinstance(error, UnreachableError):
        return f"{error}: is the service up, and `coffee configure` right?", UNREACHABLE
    if isinstance(error, OrderError):
        exit_code = _EXIT_CODES.get(error.status, REFUSED)
        if exit_code == LOG_IN:
            return "The service does not take this login: `coffee login` again", LOG_IN
        return error.message, exit_code
    return str(error), LOG_IN  # nothing is set up, or nobody is logged in: it says which


def _about_account(error: AccountError) -> tuple[str, int]:
    user = error.user or "NAME"
    if error.code == "NotAuthorizedException":
        return _not_authorized(str(error), user), LOG_IN
    said = str(error).replace("Password did not conform with policy: ", "")
    words = _ACCOUNT.get(error.code, "{said}")
    return words.format(user=user, said=said, mailer=error.mailer), REFUSED


def _not_authorized(said: str, user: str) -> str:
    """Cognito has one name for several refusals; only its words tell them apart."""
    if "token" in said.lower():
        return f"The login has lapsed: `coffee login {user}` again"
    if "CONFIRMED" in said:
        return f"{user} is confirmed already: `coffee login {user}`"
    if "attempts" in said.lower():
        return _TOO_MANY
    return "Wrong user name or password"
