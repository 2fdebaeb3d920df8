"""What Chalice's commands need on this machine.

app.py calls `prepare` where Chalice's command line is installed, so not on Lambda. Chalice then
checks tokens, and `chalice local` has tables and users.
"""

import argparse
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from importlib.util import find_spec
from typing import NoReturn

import click

from local.authorizer import check_tokens
from tools.environment import bypass_proxies_for_loopback, ignore_aws_settings
from tools.project import CHALICE_CONFIG, PROJECT, SERVICE_VARIABLES


def prepare() -> None:
    """Check tokens as API Gateway does, and say which settings a command of Chalice lacks.

    `chalice local` uses a local cloud if its stage is not deployed. All other programs, such as
    tests, set the variables themselves; chalicelib/settings.py names the missing ones.
    """
    check_tokens()
    if "AWS_CHALICE_CLI_MODE" not in os.environ:
        return
    options = _parse_command_line()
    missing = [name for name in SERVICE_VARIABLES if not os.environ.get(name)]
    if options.stage not in json.loads(CHALICE_CONFIG.read_text())["stages"]:
        _fail(f"There is no stage {options.stage!r} in .chalice/config.json")
    if options.command == "local":
        _prepare_local(options, is_deployed=not missing)
    elif missing:
        _fail(
            f"Chalice cannot load app.py: the stage {options.stage} has no {', '.join(missing)}. "
            f"`make stack STAGE={options.stage}` creates the tables and users, and records them"
        )


def _parse_command_line() -> argparse.Namespace:
    """Return the command and the options of `chalice`, whose click context other threads lack."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--project-dir")
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options, rest = parser.parse_known_args(sys.argv[1:])
    options.command = next((word for word in rest if not word.startswith("-")), None)
    return options


def _prepare_local(options: argparse.Namespace, *, is_deployed: bool) -> None:
    packages = ("boto3", "jwt", "ministack", "requests")
    if missing := [name for name in packages if find_spec(name) is None]:
        _fail(f"chalice local needs {', '.join(missing)}: `pip install -r requirements-local.txt`")
    from local import chalice_server, server  # noqa: PLC0415 - only this command needs them

    chalice_server.install()
    logging.getLogger("botocore").setLevel(logging.WARNING)
    bypass_proxies_for_loopback()
    if "CHALICE_WORKER" in os.environ:
        server.terminate_with_parent()
    try:
        socket.create_server((options.host, options.port)).close()
    except (OSError, OverflowError) as error:
        reason = str(error).partition(" (while")[0]  # Python may add the address
        _fail(
            f"chalice local cannot listen on {options.host}:{options.port} ({reason}): "
            "name another port, as in --port 8001"
        )
    if not is_deployed:
        _use_local_cloud(f"http://{options.host}:{options.port}")
    elif options.stage != "local":
        print(f"This serves the tables and users of the stage {options.stage} on AWS", flush=True)


def _use_local_cloud(api_url: str) -> None:
    """Point this process at a running local cloud, or start one that ends with `chalice local`."""
    from local import emulator, state  # noqa: PLC0415 - boto3 is large

    ignore_aws_settings()
    stack = state.find_stack(api_url)
    if stack is None:
        print("Starting a local cloud, which stops with `chalice local` ...", flush=True)
        _start_local_cloud(api_url)
        stack = state.running_stack()
    emulator.allow_page(stack.aws_endpoint_url, api_url)
    os.environ.update(stack.environment())
    print(
        f"Page        {api_url}/   (sign up there)\n"
        f"API         {api_url}/order\n"
        f"App client  {stack.client_id}   (Cognito at {stack.aws_endpoint_url})\n"
        "The mail    python -m local mail --to ann@example.com   (shows the code of a sign-up)",
        flush=True,
    )


def _start_local_cloud(api_url: str) -> None:
    """Start a local cloud in a process that survives a reload; return when it is ready."""
    command_pid = os.getppid() if "CHALICE_WORKER" in os.environ else os.getpid()
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "cloud", api_url, str(command_pid)],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # it does not receive Ctrl-C before `chalice local` ends
        text=True,
    )
    assert process.stdout is not None, "it is a pipe"  # noqa: S101 # nosec
    line = process.stdout.readline().strip()
    if line != "ready":
        _fail(f"{line}\n{process.stdout.read()}".strip())


def _fail(reason: str) -> NoReturn:
    """End the command with one line on stderr and exit code 1; with the reloader it is 143."""
    if threading.current_thread() is threading.main_thread():
        raise click.ClickException(reason)
    print(f"Error: {reason}", file=sys.stderr, flush=True)
    # This is the thread of a worker. The reloader ignores its exception and exit code, and
    # would end with 0. The signal ends it with 143.
    os.kill(os.getppid(), signal.SIGTERM)
    os._exit(1)
