"""Prepares Chalice's commands on this machine before the service is loaded.

`app.py` calls `prepare` where Chalice's command line is installed, so not on Lambda: for
`chalice local`, `chalice package`, `chalice deploy` and `chalice.test.Client`.
"""

import argparse
import json
import os
import signal
import socket
import sys
import threading
from functools import partial
from importlib.util import find_spec
from typing import NoReturn

import click

from local.authorizer import check_tokens
from local.state import STACK_JSON, LocalStack, read_stack_file, stack_file
from tools import CommandError
from tools.environment import bypass_proxies_for_loopback, without_aws_settings
from tools.project import CHALICE_CONFIG, SERVICE_VARIABLES

_print = partial(print, flush=True)


def prepare() -> None:
    """Check tokens as API Gateway does, and make sure that the service has its settings.

    `chalice local` starts a local cloud, unless its stage is deployed. For other commands and for
    tests, a missing setting is an error.
    """
    check_tokens()
    if "AWS_CHALICE_CLI_MODE" not in os.environ:
        if missing := _missing_settings():
            raise RuntimeError(
                f"{' and '.join(missing)} must be set before app.py is imported: "
                "tests get them from the fixtures that docs/testing.md describes"
            )
        return
    arguments = _parse_command_line()
    stages = json.loads(CHALICE_CONFIG.read_text())["stages"]
    if arguments.stage not in stages:
        names = ", ".join(stages)
        _fail(f"There is no stage {arguments.stage!r} in .chalice/config.json: it has {names}")
    if arguments.command == "local":
        _prepare_local(arguments, stages[arguments.stage].get("environment_variables", {}))
    elif missing := _missing_settings():
        _fail(_missing_settings_message(arguments.stage, missing))


def _missing_settings() -> list[str]:
    return [name for name in SERVICE_VARIABLES if not os.environ.get(name)]


def _missing_settings_message(stage: str, missing: list[str]) -> str:
    names = " and ".join(missing)
    if stage == "local":
        return f"The stage local has no {names}: it is for `chalice local` and is not deployed"
    return (
        f"The stage {stage} has no {names} yet: run `make stack STAGE={stage}` first, "
        f"or `make deploy STAGE={stage}`, which does it all"
    )


def _parse_command_line() -> argparse.Namespace:
    """Return the command and the options of this process, as Chalice parses them.

    click's context is not available: Chalice's reloader loads the app in a thread.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--project-dir")
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--profile")
    parser.add_argument("--api-gateway-stage")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments, rest = parser.parse_known_args(sys.argv[1:])
    arguments.command = next((argument for argument in rest if not argument.startswith("-")), None)
    return arguments


def _prepare_local(arguments: argparse.Namespace, stage_variables: dict[str, str]) -> None:
    _require_packages()
    from local import background, emulator, reloader, request_handler  # noqa: PLC0415 - slow imports

    bypass_proxies_for_loopback()
    command_pid = os.getpid()
    if "CHALICE_WORKER" in os.environ:  # this is the worker; its parent is `chalice local` itself
        command_pid = os.getppid()
        # Chalice's worker does not end when the reloader is killed.
        threading.Thread(target=_exit_after, args=[command_pid], daemon=True).start()
    _require_free_port(arguments.host, arguments.port)
    request_handler.install()
    reloader.watch_edited_files_only(sys.modules.get("chalice.cli.filewatch.eventbased"))
    missing = _missing_settings()
    if "ORDERS_TABLE" in stage_variables:
        if missing:
            _fail(_missing_settings_message(arguments.stage, missing))
        _print_aws_target(arguments.stage)
    elif missing:
        api_url = f"http://{arguments.host}:{arguments.port}"
        stack = _find_running_stack(api_url)
        if stack is None:
            _print("Starting a local cloud, which stops with `chalice local` ...")
            try:
                stack = background.start(api_url, command_pid)
            except CommandError as error:
                _fail(str(error))
        emulator.allow_page(stack.aws_endpoint_url, api_url)
        _print_usage(api_url, stack)
        _restart_with(stack)


def _require_packages() -> None:
    packages = ("boto3", "cryptography", "jwt", "ministack", "msgspec", "requests")
    if missing := [name for name in packages if find_spec(name) is None]:
        _fail(
            f"chalice local needs {' and '.join(missing)}: "
            "`pip install -r requirements-local.txt` installs what is missing"
        )


def _exit_after(pid: int) -> NoReturn:
    from local import background  # noqa: PLC0415

    background.wait_for_exit(pid)
    os._exit(1)


def _require_free_port(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except (OSError, OverflowError) as error:
        # Python may append the address to the reason.
        reason = str(getattr(error, "strerror", error)).partition(" (while")[0]
        _fail(
            f"chalice local cannot listen on {host}:{port} ({reason}): "
            "name another port, as in --port 8001"
        )


def _find_running_stack(api_url: str) -> LocalStack | None:
    """Return the local cloud from before a reload, or of `make run`."""
    from local import emulator  # noqa: PLC0415 - boto3 is large

    for file in (stack_file(api_url), STACK_JSON):
        stack = read_stack_file(file)
        # Another local cloud may have the port of one that was killed, so check the pool.
        if stack and emulator.has_pool(stack.aws_endpoint_url, stack.user_pool_id):
            return stack
    return None


def _print_aws_target(stage: str) -> None:
    from deploy.target import find_target  # noqa: PLC0415 - boto3 is large

    try:
        aws = find_target(stage)
    except CommandError as error:
        _fail(str(error))
    _print(
        f"The stage {stage} is deployed: this serves its table and its users on AWS, "
        f"in account {aws.settings.account}, {aws.settings.region}"
    )


def _print_usage(api_url: str, stack: LocalStack) -> None:
    _print(f"Page        {api_url}/   (sign up there)")
    _print(f"API         {api_url}/order")
    _print(f"App client  {stack.client_id}   (Cognito at {stack.aws_endpoint_url})")
    _print("The mail    python -m local mail --to ann@example.com   (shows the code of a sign-up)")


def _restart_with(stack: LocalStack) -> NoReturn:
    """Replace this process by itself, in an environment that points at the local cloud."""
    environment = without_aws_settings(os.environ) | stack.environment()
    if "AWS_CA_BUNDLE" in os.environ:
        environment["AWS_CA_BUNDLE"] = os.environ["AWS_CA_BUNDLE"]
    _restart(environment)


def _restart(environment: dict[str, str]) -> NoReturn:
    command = [sys.executable, *sys.orig_argv[1:]]
    os.execve(sys.executable, command, environment)  # noqa: S606 # nosec B606


def _fail(reason: str) -> NoReturn:
    """End the command with one line on stderr and exit code 1."""
    if threading.current_thread() is threading.main_thread():
        raise click.ClickException(reason)
    print(f"Error: {reason}", file=sys.stderr, flush=True)
    # In a thread, Chalice would ignore the exception, and its reloader would end with exit code 0.
    os.kill(os.getppid(), signal.SIGTERM)
    os._exit(1)
