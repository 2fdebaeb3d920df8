"""Prepares this machine before Chalice loads the service. Lambda needs none of this.

`app.py` calls `prepare` wherever Chalice's local gateway is installed: for `chalice local`,
`chalice package`, `chalice deploy` and `chalice.test.Client`.
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

from deploy import CommandError, bytecode
from deploy.environment import bypass_proxies_for_loopback, without_aws_settings
from deploy.gateway import extend_chalices_swagger
from deploy.project import CHALICE_CONFIG, service_environment
from local.authorizer import check_tokens
from local.state import STACK_JSON, LocalStack, note_of, read_note

_SETTINGS = tuple(service_environment("", "", "", ""))
_say = partial(print, flush=True)


def prepare() -> None:
    """Check tokens as API Gateway does, and make sure that the service has its settings.

    `chalice local` gets a local cloud, unless its stage is deployed. For other commands, and for
    tests, a missing setting is an error that says what to do. `chalice package` and `chalice
    deploy`, which load the service before they package it, get its bytecode. `chalice deploy`
    also gets the stage's API, with its limits.
    """
    check_tokens()
    extend_chalices_swagger()
    if "AWS_CHALICE_CLI_MODE" not in os.environ:
        if missing := _missing():
            raise RuntimeError(
                f"{' and '.join(missing)} must be set before app.py is imported: "
                "tests get them from the fixtures that docs/testing.md describes"
            )
        return
    typed = _typed()
    stages = json.loads(CHALICE_CONFIG.read_text())["stages"]
    if typed.stage not in stages:
        known = ", ".join(stages)
        _fail(f"There is no stage {typed.stage!r} in .chalice/config.json: it has {known}")
    if typed.command == "local":
        _prepare_local(typed, stages[typed.stage].get("environment_variables", {}))
    elif missing := _missing():
        _fail(_what_to_run(typed.stage, missing))
    elif typed.command in {"package", "deploy"}:
        bytecode.write()
        if typed.command == "deploy":
            _prepare_api(typed)


def _missing() -> list[str]:
    return [name for name in _SETTINGS if not os.environ.get(name)]


def _what_to_run(stage: str, missing: list[str]) -> str:
    names = " and ".join(missing)
    if stage == "local":
        return f"The stage local has no {names}: it is for `chalice local` and is not deployed"
    return (
        f"The stage {stage} has no {names} yet: run `make stack STAGE={stage}` first, "
        f"or `make deploy STAGE={stage}`, which does it all"
    )


def _typed() -> argparse.Namespace:
    """Return the command and the options of this process's command line, as Chalice reads them.

    Chalice's reloader loads the app in a thread, where click has no context.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--project-dir")
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--profile")
    parser.add_argument("--api-gateway-stage")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    typed, rest = parser.parse_known_args(sys.argv[1:])
    typed.command = next((word for word in rest if not word.startswith("-")), None)
    return typed


def _prepare_api(typed: argparse.Namespace) -> None:
    """Let Chalice deploy to an API that has its limits, instead of to a new one without."""
    # Only this command needs them, and boto3 is large.
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    from deploy import deployment, project, rest_api  # noqa: PLC0415
    from deploy.target import target  # noqa: PLC0415

    configured = project.settings(typed.stage)["api_gateway_stage"]
    if typed.api_gateway_stage not in {None, configured}:
        _fail(
            f"--api-gateway-stage: limits and logs are set on the stage {configured!r} of the API. "
            "To rename it, change api_gateway_stage in .chalice/config.json"
        )
    if typed.profile:
        os.environ["AWS_PROFILE"] = typed.profile
    try:
        destination = target(typed.stage)
        if rest_api.is_prepared(destination):
            return
        deployment.prepare_api(destination, _say)
    except (BotoCoreError, ClientError, CommandError) as error:
        _fail(str(error))
    _start_again(dict(os.environ))  # Chalice has read its note already


def _prepare_local(typed: argparse.Namespace, recorded: dict[str, str]) -> None:
    _expect_installed()
    # Only this command needs them.
    from local import emulator, keeper, reloader, request_handler  # noqa: PLC0415

    bypass_proxies_for_loopback()
    typed_command = os.getpid()
    if "CHALICE_WORKER" in os.environ:  # the typed command is the reloader, which started this
        typed_command = os.getppid()
        # Chalice's worker would go on serving after the reloader was killed.
        threading.Thread(target=_end_with, args=[typed_command], daemon=True).start()
    _expect_free(typed.host, typed.port)
    request_handler.install()
    reloader.watch_edited_files_only(sys.modules.get("chalice.cli.filewatch.eventbased"))
    missing = _missing()
    if "ORDERS_TABLE" in recorded:
        if missing:
            _fail(_what_to_run(typed.stage, missing))
        _say_that_it_is_aws(typed.stage)
    elif missing:
        api_url = f"http://{typed.host}:{typed.port}"
        stack = _running(api_url)
        if stack is None:
            _say("Starting a local cloud, which stops with `chalice local` ...")
            try:
                stack = keeper.start(api_url, typed_command)
            except CommandError as error:
                _fail(str(error))
        emulator.allow_page(stack.aws_endpoint_url, api_url)
        _say_how_to_use(api_url, stack)
        _start_again_on(stack)


def _expect_installed() -> None:
    needed = ("boto3", "cryptography", "jwt", "ministack", "msgspec", "requests")
    if missing := [name for name in needed if find_spec(name) is None]:
        _fail(
            f"chalice local needs {' and '.join(missing)}: "
            "`pip install -r requirements-local.txt` brings what is missing"
        )


def _end_with(pid: int) -> NoReturn:
    from local import keeper  # noqa: PLC0415

    keeper.wait_for_end(pid)
    os._exit(1)


def _expect_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port)):
            pass
    except (OSError, OverflowError) as error:
        # Python may say after the reason which address it was.
        reason = str(getattr(error, "strerror", error)).partition(" (while")[0]
        _fail(
            f"chalice local cannot listen on {host}:{port} ({reason}): "
            "name another port, as in --port 8001"
        )


def _running(api_url: str) -> LocalStack | None:
    """Return the local cloud of this `chalice local` from before a reload, or of `make run`."""
    from local import emulator  # noqa: PLC0415 - boto3 is large

    for note in (note_of(api_url), STACK_JSON):
        stack = read_note(note)
        # Its own pool: another local cloud may have the port of one that was killed.
        if stack and emulator.has_pool(stack.aws_endpoint_url, stack.user_pool_id):
            return stack
    return None


def _say_that_it_is_aws(stage: str) -> None:
    from deploy.target import target  # noqa: PLC0415 - boto3 is large

    try:
        found = target(stage)
    except CommandError as error:
        _fail(str(error))
    _say(
        f"The stage {stage} is deployed: this serves its table and its users on AWS, "
        f"in account {found.account}, {found.region}"
    )


def _say_how_to_use(api_url: str, stack: LocalStack) -> None:
    _say(f"Page        {api_url}/   (sign up there)")
    _say(f"API         {api_url}/order")
    _say(f"App client  {stack.client_id}   (Cognito at {stack.aws_endpoint_url})")
    _say("The mail    python -m local mail --to ann@example.com   (shows the code of a sign-up)")


def _start_again_on(stack: LocalStack) -> NoReturn:
    """Start this process again, in an environment in which everything points at the local cloud.

    The user's own environment stays as it is: nothing is taken out of it.
    """
    environment = without_aws_settings(os.environ) | stack.environment()
    if "AWS_CA_BUNDLE" in os.environ:
        environment["AWS_CA_BUNDLE"] = os.environ["AWS_CA_BUNDLE"]
    _start_again(environment)


def _start_again(environment: dict[str, str]) -> NoReturn:
    command = [sys.executable, *sys.orig_argv[1:]]  # this process's own
    os.execve(sys.executable, command, environment)  # noqa: S606 # nosec B606


def _fail(reason: str) -> NoReturn:
    """End the command with one line on stderr and exit code 1."""
    if threading.current_thread() is threading.main_thread():
        raise click.ClickException(reason)
    print(f"Error: {reason}", file=sys.stderr, flush=True)
    # The reloader's worker loads the app in a thread. Chalice would continue without the app, and
    # its reloader would end with 0.
    os.kill(os.getppid(), signal.SIGTERM)
    os._exit(1)
